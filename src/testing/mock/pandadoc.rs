//! The mocks of PandaDoc's operations, one type each.

use crate::pandadoc::{types, Client};

include!(concat!(env!("OUT_DIR"), "/pandadoc_mocks.rs"));

/// The mock of the token endpoint.
pub mod oauth {
    use crate::pandadoc::oauth::{types, Client};

    include!(concat!(env!("OUT_DIR"), "/pandadoc_oauth_mocks.rs"));
}

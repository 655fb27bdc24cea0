//! The mocks of Ratepay's operations, one type each.

use crate::ratepay::{types, Client};

include!(concat!(env!("OUT_DIR"), "/ratepay_mocks.rs"));

/// The mock of the token endpoint.
pub mod oauth {
    use crate::ratepay::oauth::{types, Client};

    include!(concat!(env!("OUT_DIR"), "/ratepay_oauth_mocks.rs"));
}

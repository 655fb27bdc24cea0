//! Deliveries to a receiver: signed, posted, retried and reported.
//!
//! Each provider decides what its deliveries look like, by [`delivery::DeliverySource`].

pub(super) mod delivery;
pub(super) mod key_history;
pub(super) mod report;
pub(super) mod sender;

mod http_post;

//! Deliveries to a receiver: signed, posted, retried and reported; one by one or at a steady rate.
//!
//! Each provider decides what its deliveries look like, by [`delivery::DeliverySource`].

pub(super) mod delivery;
pub(super) mod forger;
pub(super) mod recorded_delivery;
pub(super) mod report;
pub(super) mod sender;
pub(super) mod steady;
pub(super) mod steady_report;

mod http_post;

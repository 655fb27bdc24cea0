//! The verification of deliveries.

mod deliveries;
mod forgeries;
mod key_ring;
#[cfg(feature = "tower")]
mod receiver;
mod ring_swap;
mod signature_refusals;
mod signatures;
#[cfg(feature = "tower")]
mod strangers;

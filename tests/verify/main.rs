//! The verification of deliveries.

mod deliveries;
mod forgeries;
mod key_ring;
mod receiver;
mod ring_swap;
mod signature_refusals;
mod signatures;
mod strangers;

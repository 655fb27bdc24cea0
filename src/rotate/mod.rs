//! Rotates signing keys without losing a delivery.

pub(crate) mod machine;
mod store;

pub use store::{Store, StoreError, StoredRecord, SwapError};

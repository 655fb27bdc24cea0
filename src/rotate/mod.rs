//! Rotates signing keys without losing a delivery.

pub(crate) mod machine;
mod store;

pub use store::file::FileStore;
pub use store::sealed::Sealed;
pub use store::sealing_key::{SealingKey, SealingKeyError};
pub use store::{Store, StoreError, StoredRecord, SwapError};

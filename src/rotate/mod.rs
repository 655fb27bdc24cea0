//! Rotates signing keys without losing a delivery.

pub(crate) mod machine;

mod builder;
mod command;
mod document;
mod driver;
mod held;
mod history;
mod keys;
mod looks;
mod missed;
mod phase;
mod plan;
mod receiver;
mod record_store;
mod rotation;
mod state;
mod status;
mod store;
mod subscription;
mod time;
mod trace;

pub use builder::{RotationBuilder, StartError};
pub use command::Ended;
pub use history::MissedError;
pub use missed::{Missed, MissedDelivery};
pub use phase::Phase;
pub use plan::{CurrentKey, Plan};
pub use rotation::{NotRunning, Rotation};
pub use status::{Generation, Status, UnknownSignatures};
pub use store::file::FileStore;
#[cfg(feature = "postgres")]
pub use store::postgres::PostgresStore;
pub use store::sealed::Sealed;
pub use store::sealing_key::{SealingKey, SealingKeyError};
pub use store::{Store, StoreError, StoredRecord, SwapError};
pub use subscription::Rotatable;
pub use time::TimeSource;

//! Rotates signing keys without losing a delivery.
//!
//! A [`Rotation`] changes the signing key of one subscription: on a schedule, on demand, or at once after a leak. It
//! verifies deliveries with every key that may be in use, and keeps its record in a [`Store`].
//!
//! ```no_run
//! use std::time::Duration;
//!
//! use axum::{routing::post, Router};
//! use webhook_subscriptions::{pandadoc, rotate::FileStore, Rotation};
//!
//! # async fn serve() -> Result<(), Box<dyn std::error::Error>> {
//! let client = pandadoc::Client::builder()
//!     .api_key(std::env::var("PANDADOC_API_KEY")?)
//!     .build()?;
//! let rotation = Rotation::pandadoc(client, "d173751d-0057-4d5c-ab75-49a670a4ca68".parse()?)
//!     .store(FileStore::open("/var/lib/shop/webhook-keys")?)
//!     .every(Duration::from_secs(90 * 24 * 60 * 60))
//!     .start()
//!     .await?;
//! let hooks = post(|| async {}).layer(rotation.layer());
//! let app: Router = Router::new().route("/hooks/pandadoc", hooks);
//! tokio::spawn(rotation.run());
//! # Ok(()) }
//! ```
//!
//! | task | items |
//! |---|---|
//! | Start a rotation. | [`Rotation::pandadoc`], [`Rotation::ratepay`], [`RotationBuilder`], [`StartError`] |
//! | Do the work. | [`Rotation::run`] |
//! | Verify deliveries. | [`Rotation::layer`], [`Rotation::verify_request`] |
//! | Rotate on demand, revoke a key, resume. | [`Rotation::rotate_now`], [`revoke`](Rotation::revoke), [`resume`](Rotation::resume), [`Ended`], [`NotRunning`] |
//! | Monitor it. | [`Rotation::is_ready`], [`status`](Rotation::status), [`Status`], [`Generation`], [`Phase`], [`UnknownSignatures`] |
//! | Plan without a change. | [`Rotation::plan`], [`Plan`], [`CurrentKey`] |
//! | Find deliveries that weren't accepted. | [`Rotation::missed`], [`Missed`], [`MissedDelivery`], [`MissedError`] |
//! | Keep the record in one process. | [`FileStore`] |
//! | Share it among replicas. | [`PostgresStore`] |
//! | Encrypt it. | [`Sealed`], [`SealingKey`], [`SealingKeyError`] |
//! | Write a store. | [`Store`], [`StoredRecord`], [`StoreError`], [`SwapError`] |
//! | Test a service. | [`TimeSource`], [`RotationBuilder::time`], [`testing::MemoryStore`] |
//!
//! The guide [Rotation](crate::docs::rotation) explains the promises and the steps of a rotation.
//! [Stores](crate::docs::stores) shows how to write a store, and [A fleet](crate::docs::fleet) how several replicas
//! share one.
//!
//! Needs the feature `rotate`, which is on by default.
//!
#![cfg_attr(feature = "tower", doc = "[`Rotation::layer`]: Rotation::layer")]
#![cfg_attr(
    not(feature = "tower"),
    doc = "[`Rotation::layer`]: crate::docs::rotation"
)]
#![cfg_attr(feature = "postgres", doc = "[`PostgresStore`]: PostgresStore")]
#![cfg_attr(
    not(feature = "postgres"),
    doc = "[`PostgresStore`]: crate::docs::fleet"
)]
#![cfg_attr(
    feature = "testing",
    doc = "[`testing::MemoryStore`]: crate::testing::MemoryStore"
)]
#![cfg_attr(
    not(feature = "testing"),
    doc = "[`testing::MemoryStore`]: crate::docs::testing"
)]

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

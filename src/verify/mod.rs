//! Is this delivery genuine? Verification with more than one key.
//!
//! | | [`PandaDoc`] | [`Ratepay`] |
//! |---|---|---|
//! | signed | the body's bytes | the body's bytes |
//! | with | HMAC-SHA256, the shared key as text | HMAC-SHA512, the secret as text |
//! | written as | 64 hexadecimal digits | 128 hexadecimal digits |
//! | found in | the query parameter `signature` | the header `x-signature` |
//!
//! Sources: [PandaDoc](https://developers.pandadoc.com/docs/webhook-verification),
//! [Ratepay](https://docs.ratepay.com/apis/webhooks/subscription/openapi/subscription_webhooks/overview/).
//!
//! That Ratepay signs exactly the bytes that it sends is inferred: its documentation speaks of the payload,
//! and its example's signature is of the example's bytes.
//!
//! Neither provider signs twice, and neither says when a new key takes over, so a receiver holds several:
//! a [`KeyRing`]. [`pandadoc`] and [`ratepay`] take the signature out of a request and try the
//! ring's keys on it; the `VerifyLayer` of the feature `tower` does that in a server.
//!
//! Neither provider signs a time: anybody who has seen a delivery can send it again, and it verifies again.
//! Keep the ids of the deliveries that you have handled. The text of a signature can't tell duplicates
//! apart: the same signature can be written in either case and, in a URL, percent-encoded.
//!
//! Validity follows the clock that verification is given. When that clock goes back, a key that had expired
//! is valid again, so take an old key out of the ring once you no longer need it.
//!
//! ```
//! use std::time::{Duration, SystemTime};
//! use webhook_subscriptions::verify::{self, Key, KeyRing, PandaDoc, RingKey};
//! use webhook_subscriptions::Secret;
//!
//! let old = Key::<PandaDoc>::new(&Secret::from("the key until today"))?;
//! let new = Key::<PandaDoc>::new(&Secret::from("the key from today"))?;
//! let now = SystemTime::now();
//! let day = Duration::from_secs(24 * 60 * 60);
//! let ring = KeyRing::new([
//!     RingKey::new("2026-11", new),
//!     RingKey::new("2026-05", old.clone()).valid_until(now + day),
//! ])?;
//!
//! // What PandaDoc does with the old key, and what the receiver sees of it.
//! let body = br#"[{"event":"document_updated","data":{}}]"#;
//! let target = format!("/hooks/pandadoc?signature={}", old.sign(body));
//!
//! let verified = verify::pandadoc(&ring, &target, body, now)?;
//! assert_eq!(verified.key_id(), "2026-05");
//! assert_eq!(verified.valid_for(), Some(day));
//!
//! assert!(verify::pandadoc(&ring, &target, b"[]", now).is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod error;
mod key;
#[cfg(feature = "tower")]
mod layer;
mod pandadoc;
mod ratepay;
#[cfg(feature = "tower")]
mod refusal;
mod ring;
mod scheme;
mod signature;

pub use error::{VerifyError, VerifyErrorKind};
pub use key::{Key, WeakKey};
#[cfg(feature = "tower")]
pub use layer::{Verify, VerifyLayer};
pub use pandadoc::{pandadoc, PandaDoc};
pub use ratepay::{ratepay, Ratepay};
#[cfg(feature = "tower")]
pub use refusal::Refusal;
pub use ring::{DuplicateKeyId, KeyRing, RingKey, Verified};
pub use scheme::Scheme;
pub use signature::Signature;

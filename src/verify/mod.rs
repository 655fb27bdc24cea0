//! Verifies that a delivery is genuine, with one key or several.
//!
//! | | [`PandaDoc`] | [`Ratepay`] |
//! |---|---|---|
//! | signed | the bytes of the body | the bytes of the body |
//! | with | HMAC-SHA256, the shared key as text | HMAC-SHA512, the secret as text |
//! | format | 64 hexadecimal digits | 128 hexadecimal digits |
//! | place | the query parameter `signature` | the header `x-signature` |
//!
//! Sources: [PandaDoc](https://developers.pandadoc.com/docs/webhook-verification),
//! [Ratepay](https://docs.ratepay.com/apis/webhooks/subscription/openapi/subscription_webhooks/overview/).
//!
//! Ratepay's documentation speaks of the payload, and the signature in its example is of the example's bytes. From
//! this it is inferred that Ratepay signs exactly the bytes that it sends.
//!
//! Neither provider signs with two keys, and neither says when a new key takes over. So a receiver holds several
//! keys in a [`KeyRing`]. [`KeyRing::verify_request`] reads the signature of a request and tries the keys of the
//! ring. The `VerifyLayer` of the feature `tower` does that in a server.
//!
//! Neither provider signs a time: anybody who has seen a delivery can send it again, and it verifies again.
//! Keep the ids of the deliveries that you have handled. Don't detect duplicates by the text of a signature: the
//! same signature can be written in either case and, in a URL, percent-encoded.
//!
//! Validity depends on the time that verification is given. If that clock goes back, an expired key is valid
//! again, so remove an old key from the ring once you no longer need it.
//!
//! ```
//! use std::time::{Duration, SystemTime};
//! use webhook_subscriptions::verify::{Key, KeyRing, PandaDoc, RingKey};
//!
//! let old = Key::<PandaDoc>::new("the key until today")?;
//! let new = Key::<PandaDoc>::new("the key from today")?;
//! let now = SystemTime::now();
//! let day = Duration::from_secs(24 * 60 * 60);
//! let ring = KeyRing::new([
//!     RingKey::new("2026-11", new),
//!     RingKey::new("2026-05", old.clone()).valid_until(now + day),
//! ])?;
//!
//! // PandaDoc still signs with the old key, and the receiver gets this request.
//! let body = br#"[{"event":"document_updated","data":{}}]"#;
//! let target = old.sign(body).append_to("/hooks/pandadoc");
//! let (head, _) = http::Request::post(target).body(())?.into_parts();
//!
//! let verified = ring.verify_request(&head, body, now)?;
//! assert_eq!(verified.key_id(), "2026-05");
//! assert_eq!(verified.valid_for(), Some(day));
//!
//! assert!(ring.verify_request(&head, b"[]", now).is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#[cfg(feature = "tower")]
mod body;
mod error;
mod key;
#[cfg(feature = "rotate")]
pub(crate) mod last_match;
#[cfg(feature = "tower")]
mod layer;
mod pandadoc;
mod ratepay;
mod refusal;
#[cfg(feature = "rotate")]
pub(crate) mod resolver;
mod ring;
mod scheme;

#[cfg(feature = "tower")]
pub use body::{DeliveryBody, ResponseBody};
pub use error::{VerifyError, VerifyErrorKind};
pub use key::{InvalidKey, Key};
#[cfg(feature = "tower")]
pub use layer::{Verify, VerifyLayer};
pub use pandadoc::PandaDoc;
pub use ratepay::Ratepay;
pub use refusal::Refusal;
pub use ring::{DuplicateKeyId, KeyRing, RingKey, Verified};
pub use scheme::{Scheme, Signature};

//! Several keys, each valid for a time.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwap;
use http::request::Parts;

use super::error::{VerifyError, VerifyErrorKind};
use super::key::Key;
#[cfg(feature = "rotate")]
use super::last_match::LastMatch;
use super::scheme::{Scheme, Signature};

/// The keys that a receiver accepts. [`KeyRing::default`] has none.
///
/// Clones share their keys: [`replace`](Self::replace) on one of them replaces the keys of all. A verification
/// meanwhile takes no lock and doesn't wait, as `arc-swap` promises. It sees either the old keys or the new
/// ones, never a mix.
///
/// ```
/// use std::time::SystemTime;
/// use webhook_subscriptions::verify::{Key, KeyRing, Ratepay, RingKey, Signature};
///
/// let key = Key::<Ratepay>::new("the secret of the subscription")?;
/// let ring = KeyRing::new([RingKey::new("2026-11", key.clone())])?;
///
/// // The body and the header `x-signature`, in a server that doesn't use the types of the `http` crate.
/// let body = b"{}";
/// let header = key.sign(body).to_string();
///
/// let signature: Signature<Ratepay> = header.parse()?;
/// assert_eq!(ring.verify(body, &signature, SystemTime::now())?.key_id(), "2026-11");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// A rotation has a ring of its own, and replaces its keys.
#[derive(Clone)]
pub struct KeyRing<S: Scheme>(Arc<ArcSwap<Keys<S>>>);

struct Keys<S: Scheme> {
    version: u64,
    keys: Vec<RingKey<S>>,
}

/// A key of a ring, with its id and the time for which it is valid.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use webhook_subscriptions::verify::{Key, KeyRing, PandaDoc, RingKey, VerifyErrorKind};
///
/// let key = Key::<PandaDoc>::new("the key until today")?;
/// let now = SystemTime::now();
/// let day = Duration::from_secs(24 * 60 * 60);
/// let ring = KeyRing::new([RingKey::new("2026-05", key.clone()).valid_until(now + day)])?;
///
/// let signature = key.sign(b"[]");
/// assert!(ring.verify(b"[]", &signature, now).is_ok());
/// let error = ring.verify(b"[]", &signature, now + day).unwrap_err();
/// assert_eq!(error.kind(), VerifyErrorKind::NoActiveKey);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct RingKey<S: Scheme> {
    id: Arc<str>,
    key: Key<S>,
    from: Option<SystemTime>,
    until: Option<SystemTime>,
    #[cfg(feature = "rotate")]
    last_match: Option<Arc<LastMatch>>,
}

impl<S: Scheme> RingKey<S> {
    /// Makes a key that is always valid. `id` is a name of your choice, which [`Verified`] returns. It is printed,
    /// so it must not be the key.
    pub fn new(id: impl Into<Arc<str>>, key: Key<S>) -> Self {
        Self {
            id: id.into(),
            key,
            from: None,
            until: None,
            #[cfg(feature = "rotate")]
            last_match: None,
        }
    }

    /// Sets what remembers the deliveries that the key verifies.
    #[cfg(feature = "rotate")]
    pub(crate) fn last_match(self, last_match: Arc<LastMatch>) -> Self {
        Self {
            last_match: Some(last_match),
            ..self
        }
    }

    /// Makes the key valid from this time on, this time included.
    #[must_use]
    pub fn valid_from(self, from: SystemTime) -> Self {
        Self {
            from: Some(from),
            ..self
        }
    }

    /// Makes the key valid until this time, this time excluded.
    ///
    /// Validity depends only on the time that verification is given. If that clock goes back, an expired key is
    /// valid again. To retire a key for good, remove it from the ring with [`KeyRing::replace`].
    #[must_use]
    pub fn valid_until(self, until: SystemTime) -> Self {
        Self {
            until: Some(until),
            ..self
        }
    }

    fn is_valid(&self, now: SystemTime) -> bool {
        self.from.is_none_or(|from| from <= now) && self.until.is_none_or(|until| now < until)
    }

    fn verified(&self, now: SystemTime) -> Verified {
        Verified {
            key_id: self.id.clone(),
            valid_until: self.until,
            valid_for: self.until.and_then(|until| until.duration_since(now).ok()),
        }
    }
}

impl<S: Scheme> KeyRing<S> {
    /// Makes a ring of these keys. They are tried in this order, so put the current key first.
    ///
    /// # Errors
    ///
    /// Returns an error if two keys have the same id.
    pub fn new(keys: impl IntoIterator<Item = RingKey<S>>) -> Result<Self, DuplicateKeyId> {
        let ring = Self::default();
        ring.replace(keys)?;
        Ok(ring)
    }

    /// Replaces the keys of this ring and of its clones, without a restart.
    ///
    /// ```
    /// use std::time::SystemTime;
    /// use webhook_subscriptions::verify::{Key, KeyRing, PandaDoc, RingKey};
    ///
    /// let (old, new) = (Key::<PandaDoc>::new("the key until today")?, Key::new("the key from today")?);
    /// let ring = KeyRing::new([RingKey::new("2026-05", old.clone())])?;
    /// let of_the_server = ring.clone();
    ///
    /// ring.replace([RingKey::new("2026-11", new.clone()), RingKey::new("2026-05", old)])?;
    ///
    /// let verified = of_the_server.verify(b"[]", &new.sign(b"[]"), SystemTime::now())?;
    /// assert_eq!(verified.key_id(), "2026-11");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if two keys have the same id. The ring then keeps its keys.
    pub fn replace(
        &self,
        keys: impl IntoIterator<Item = RingKey<S>>,
    ) -> Result<(), DuplicateKeyId> {
        let keys = Vec::from_iter(keys);
        let mut ids = HashSet::new();
        if let Some(duplicate) = keys.iter().find(|key| !ids.insert(&*key.id)) {
            return Err(DuplicateKeyId(duplicate.id.clone()));
        }
        let keys = &keys;
        self.0.rcu(|current| Keys {
            version: current.version + 1,
            keys: keys.clone(),
        });
        Ok(())
    }

    /// Returns the version of the keys, which [`replace`](Self::replace) increases by one.
    ///
    /// Read it before a verification. If the verification fails and the value has changed since, another attempt
    /// may succeed.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.0.load().version
    }

    /// Verifies a request: reads its signature, and tries the keys that are valid at `now`.
    ///
    /// `head` is the head of the request as the server received it, for example from
    /// [`http::Request::into_parts`]. `body` is the body as it was received, before anything parses it as JSON.
    /// If your server doesn't use the types of the `http` crate, see [`verify`](Self::verify).
    ///
    /// # Errors
    ///
    /// Returns an error in these cases:
    ///
    /// - The signature is missing, duplicate or malformed.
    /// - The ring has no key that is valid at `now`.
    /// - None of the valid keys made the signature.
    pub fn verify_request(
        &self,
        head: &Parts,
        body: &[u8],
        now: SystemTime,
    ) -> Result<Verified, VerifyError> {
        self.verify(body, &Signature::from_request(head)?, now)
    }

    /// Verifies a signature that was read before, with the keys that are valid at `now`.
    ///
    /// The signature comes from [`Signature::from_request`].
    /// `body` is the body as it was received. Only a thread's first call allocates memory.
    ///
    /// # Errors
    ///
    /// Returns [`NoActiveKey`](VerifyErrorKind::NoActiveKey) or [`NoMatch`](VerifyErrorKind::NoMatch).
    pub fn verify(
        &self,
        body: &[u8],
        signature: &Signature<S>,
        now: SystemTime,
    ) -> Result<Verified, VerifyError> {
        self.find(body, signature, now, |_| {})
    }

    /// Does the same for a delivery that has just arrived: its key remembers that it matched. No lock is taken.
    #[cfg(any(feature = "rotate", feature = "tower"))]
    pub(crate) fn verify_arrived(
        &self,
        body: &[u8],
        signature: &Signature<S>,
        now: SystemTime,
    ) -> Result<Verified, VerifyError> {
        self.find(body, signature, now, |_key| {
            #[cfg(feature = "rotate")]
            if let Some(last_match) = &_key.last_match {
                last_match.note(now);
            }
        })
    }

    fn find(
        &self,
        body: &[u8],
        signature: &Signature<S>,
        now: SystemTime,
        matched: impl FnOnce(&RingKey<S>),
    ) -> Result<Verified, VerifyError> {
        let ring = self.0.load();
        let mut error = VerifyErrorKind::NoActiveKey;
        for key in ring.keys.iter().filter(|key| key.is_valid(now)) {
            if key.key.verify(body, signature) {
                matched(key);
                return Ok(key.verified(now));
            }
            error = VerifyErrorKind::NoMatch;
        }
        Err(VerifyError::new(error, S::FORM))
    }
}

impl<S: Scheme> Default for KeyRing<S> {
    fn default() -> Self {
        let keys = Keys {
            version: 0,
            keys: Vec::new(),
        };
        Self(Arc::new(ArcSwap::from_pointee(keys)))
    }
}

/// Two keys of a ring have the same id, so [`Verified::key_id`] couldn't tell which of them signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("two keys of the ring have the id {0:?}; give each key an id of its own")]
pub struct DuplicateKeyId(Arc<str>);

impl DuplicateKeyId {
    /// Returns the id that both keys have.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.0
    }
}

impl<S: Scheme> fmt::Debug for RingKey<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RingKey")
            .field("id", &self.id)
            .field("from", &self.from)
            .field("until", &self.until)
            .finish_non_exhaustive()
    }
}

impl<S: Scheme> fmt::Debug for KeyRing<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.0.load().keys).finish()
    }
}

/// The key that verified a delivery, which is genuine.
///
/// Count deliveries by [`key_id`](Self::key_id). When the old key no longer verifies any, you can remove it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    key_id: Arc<str>,
    valid_until: Option<SystemTime>,
    valid_for: Option<Duration>,
}

impl Verified {
    /// Returns the id of the key in the ring.
    ///
    /// The keys of a rotation are named by their generation, as `generation 2`. One that the store couldn't take yet is
    /// `not stored yet 1`.
    #[must_use]
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// Returns when the key is no longer valid, or `None` if it has no end.
    #[must_use]
    pub fn valid_until(&self) -> Option<SystemTime> {
        self.valid_until
    }

    /// Returns how much longer the key was valid when it verified the delivery, or `None` if it has no end.
    #[must_use]
    pub fn valid_for(&self) -> Option<Duration> {
        self.valid_for
    }
}

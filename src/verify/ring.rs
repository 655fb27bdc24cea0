//! Several keys, each valid from and until.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwap;

use super::error::{VerifyError, VerifyErrorKind};
use super::key::Key;
use super::scheme::Scheme;
use super::signature::Signature;

/// The keys that a receiver accepts now. [`KeyRing::default`] has none.
///
/// Clones are one ring: the keys that [`replace`](Self::replace) puts into one of them are in all. A
/// verification takes no lock and doesn't wait meanwhile, as `arc-swap` promises. It sees the keys from
/// before or those from after, never some of both.
#[derive(Clone)]
pub struct KeyRing<S: Scheme>(Arc<ArcSwap<Vec<RingKey<S>>>>);

/// A key of a ring: its name, and when it is valid.
#[derive(Clone)]
pub struct RingKey<S: Scheme> {
    id: Arc<str>,
    key: Key<S>,
    from: Option<SystemTime>,
    until: Option<SystemTime>,
}

impl<S: Scheme> RingKey<S> {
    /// A key that is valid always. `id` is a name of your choice, by which [`Verified`] tells it from the
    /// others of its ring; it is printed, so it must not be the key.
    pub fn new(id: impl Into<Arc<str>>, key: Key<S>) -> Self {
        Self {
            id: id.into(),
            key,
            from: None,
            until: None,
        }
    }

    /// Not valid before this time, and valid at it.
    #[must_use]
    pub fn valid_from(self, from: SystemTime) -> Self {
        Self {
            from: Some(from),
            ..self
        }
    }

    /// No longer valid at this time.
    ///
    /// Validity follows the clock that verification is given, and nothing else is remembered. When that
    /// clock goes back, a key that had expired is valid again. To end a key for good, take it out of the
    /// ring with [`KeyRing::replace`].
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
    /// A ring of these keys. They are tried in this order, so the one in use goes first.
    ///
    /// # Errors
    ///
    /// Two keys have the same id.
    pub fn new(keys: impl IntoIterator<Item = RingKey<S>>) -> Result<Self, DuplicateKeyId> {
        let ring = Self::default();
        ring.replace(keys)?;
        Ok(ring)
    }

    /// Puts these keys in the place of those that the ring has.
    ///
    /// # Errors
    ///
    /// Two keys have the same id. The ring keeps the keys that it has.
    pub fn replace(
        &self,
        keys: impl IntoIterator<Item = RingKey<S>>,
    ) -> Result<(), DuplicateKeyId> {
        let keys = Vec::from_iter(keys);
        let mut ids = HashSet::new();
        if let Some(duplicate) = keys.iter().find(|key| !ids.insert(&*key.id)) {
            return Err(DuplicateKeyId(duplicate.id.clone()));
        }
        self.0.store(Arc::new(keys));
        Ok(())
    }

    /// Tries the keys that are valid at `now`.
    ///
    /// `body` is the body as it was received. Nothing is allocated, but for a thread's first call.
    ///
    /// # Errors
    ///
    /// [`NoKeyInForce`](VerifyErrorKind::NoKeyInForce) or [`NoMatch`](VerifyErrorKind::NoMatch).
    pub fn verify(
        &self,
        body: &[u8],
        signature: &Signature<S>,
        now: SystemTime,
    ) -> Result<Verified, VerifyError> {
        let keys = self.0.load();
        let mut error = VerifyErrorKind::NoKeyInForce;
        for key in keys.iter().filter(|key| key.is_valid(now)) {
            if key.key.verify(body, signature) {
                return Ok(key.verified(now));
            }
            error = VerifyErrorKind::NoMatch;
        }
        Err(VerifyError::new::<S>(error))
    }
}

impl<S: Scheme> Default for KeyRing<S> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

/// Two keys of a ring have the same id, so [`Verified::key_id`] couldn't tell which of them signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("two keys of the ring have the id {0:?}; give each key an id of its own")]
pub struct DuplicateKeyId(Arc<str>);

impl DuplicateKeyId {
    /// The id that both keys have.
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
        f.debug_list().entries(self.0.load().iter()).finish()
    }
}

/// A delivery is genuine, and this key says so.
///
/// Count deliveries by [`key_id`](Self::key_id): when the old key has fallen silent, it can go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    key_id: Arc<str>,
    valid_until: Option<SystemTime>,
    valid_for: Option<Duration>,
}

impl Verified {
    /// The name that the key has in the ring.
    #[must_use]
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// When the key is no longer valid; `None` if no end is set.
    #[must_use]
    pub fn valid_until(&self) -> Option<SystemTime> {
        self.valid_until
    }

    /// How much longer the key was valid when it verified this; `None` if no end is set.
    #[must_use]
    pub fn valid_for(&self) -> Option<Duration> {
        self.valid_for
    }
}

//! Stores, which keep the record of a rotation when the process ends.

pub(crate) mod file;
#[cfg(feature = "postgres")]
pub(crate) mod postgres;
pub(crate) mod sealed;
pub(crate) mod sealing_key;

use std::error::Error;
use std::fmt;
use std::future::{pending, ready};

use crate::auth::BoxFuture;
use crate::rotate::time::TimeSource;
use crate::secret::Secret;

/// Keeps the record of each rotation when the process ends.
///
/// A rotation changes its record only by [`swap`](Self::swap), so two processes that share a store can't overwrite
/// each other's changes.
///
/// `subscription` names the record: the provider and the id of the subscription, as in
/// `pandadoc-0b1f3ab1-4c0f-4e9d-8f0e-0d1e2f3a4b5c`. It has at most 64 characters, all of them ASCII letters, digits,
/// `-` and `_`, so it can be a file name. Names that differ only in case belong to different records.
///
/// A store must return each document byte for byte. A document is text that isn't empty and doesn't contain NUL
/// (U+0000). A store must keep documents of up to 256 KiB. A rotation's record has a few KiB, and encryption by
/// [`Sealed`](crate::rotate::Sealed) makes it a third longer.
///
/// After a swap has returned `Ok`, every load must return its record or a newer one, in every process.
///
/// The rotation may drop a future of a store at any time. A swap that is dropped must store its record whole or not
/// at all. A future must not block its thread.
///
/// The guide [Stores](crate::docs::stores) shows how to write a store. [`testing::StoreContract`] checks one against
/// these promises.
///
#[cfg_attr(
    feature = "testing",
    doc = "[`testing::StoreContract`]: crate::testing::StoreContract"
)]
#[cfg_attr(
    not(feature = "testing"),
    doc = "[`testing::StoreContract`]: crate::docs::stores"
)]
pub trait Store: Send + Sync + 'static {
    /// Loads the record of this subscription, or `None` if there is none.
    ///
    /// # Errors
    ///
    /// Returns an error if the store can't tell. It must not return `None` then: a rotation without a record starts
    /// from the beginning, and its keys would be lost. A record that it returns must be durable, because a request
    /// to the provider may follow at once.
    fn load<'a>(
        &'a self,
        subscription: &'a str,
    ) -> BoxFuture<'a, Result<Option<StoredRecord>, StoreError>>;

    /// Stores this record if the stored version is the one before it.
    ///
    /// Versions count up from 1, so a record of version 1 is stored only if there is none. The record must be
    /// durable before this returns `Ok`: a request to the provider may follow at once.
    ///
    /// # Errors
    ///
    /// Returns [`SwapError::Conflict`] if the stored version is another one, and then nothing is stored. After any
    /// other error the record may be stored or not; the rotation loads it to find out.
    fn swap<'a>(
        &'a self,
        subscription: &'a str,
        record: &'a StoredRecord,
    ) -> BoxFuture<'a, Result<(), SwapError>>;

    /// Waits until the stored version may be another one than `version`.
    ///
    /// `changed` may return early. It must return once another version is stored, and soon if that is so already.
    /// Version 0 stands for no record. The default never returns, which is right for a store that only this process
    /// changes.
    fn changed<'a>(&'a self, subscription: &'a str, version: u64) -> BoxFuture<'a, ()> {
        let _ = (subscription, version);
        Box::pin(pending())
    }

    /// Records that this process accepts the keys of this version.
    ///
    /// The default does nothing, which is right for a store that only this process uses.
    ///
    /// # Errors
    ///
    /// Returns an error if the store is unavailable. The rotation tries again.
    fn acknowledge<'a>(
        &'a self,
        subscription: &'a str,
        version: u64,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        let _ = (subscription, version);
        Box::pin(ready(Ok(())))
    }

    /// Tells whether every process that shares the store has acknowledged this version or a newer one, or is gone.
    ///
    /// A new secret is sent to Ratepay only after that. The default is `true`, which is right for a store that only
    /// this process uses.
    ///
    /// # Errors
    ///
    /// Returns an error if the store is unavailable. The rotation tries again.
    fn is_acknowledged<'a>(
        &'a self,
        subscription: &'a str,
        version: u64,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        let _ = (subscription, version);
        Box::pin(ready(Ok(true)))
    }

    /// Returns the clock that all processes which share the store have in common.
    ///
    /// The record has times in it, such as that until which a claim holds. So processes whose own clocks differ need
    /// one. The default is `None`, and the rotation then uses the clock of the operating system.
    fn clock(&self) -> Option<Box<dyn TimeSource>> {
        None
    }
}

/// A record as a store keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRecord {
    /// Counts up from 1 with each change.
    pub version: u64,
    /// The record as text. It contains the signing keys unless it is sealed.
    pub document: Secret,
}

/// A store failed.
///
/// `Display` and `Debug` print the error that it was made of, which must not print a record. That error's
/// [source](Error::source) is the source of this one.
#[derive(Debug)]
pub struct StoreError(Box<dyn Error + Send + Sync>);

impl StoreError {
    /// Makes an error of a store's own error, or of a sentence that says what happened and what to do.
    pub fn new(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(error.into())
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the store of the rotation failed: {}", self.0)
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}

/// A record wasn't stored, or it isn't known whether it was.
///
/// A rotation has one reaction to each and no other, so the enum is exhaustive.
#[derive(Debug, thiserror::Error)]
pub enum SwapError {
    /// Another version is stored, and this record isn't.
    #[error("the stored record has another version; load it and try again")]
    Conflict,
    /// The record may be stored or not.
    #[error(transparent)]
    Failed(#[from] StoreError),
}

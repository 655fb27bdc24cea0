//! A store whose records are encrypted.

use base64::prelude::{Engine, BASE64_URL_SAFE_NO_PAD};

use crate::auth::BoxFuture;
use crate::rotate::store::sealing_key::SealingKey;
use crate::rotate::store::{Store, StoreError, StoredRecord, SwapError};
use crate::rotate::time::TimeSource;
use crate::secret::Secret;

/// The start of a sealed document of any format.
const SEALED: &str = "sealed-";

/// The start of a sealed document of this format. The id of the key follows, a dot, and base64.
const FORMAT: &str = "sealed-v1.";

/// Encrypts the records of a store with a [`SealingKey`].
///
/// The algorithm is XChaCha20-Poly1305, with a random nonce for each record. The name of the subscription and the
/// version are authenticated with it. So a record doesn't open if it was changed, or put in the place of another
/// subscription's record or of another version. Somebody who can write to the store can still put back an old
/// record with its old version.
///
/// ```no_run
/// use webhook_subscriptions::rotate::{FileStore, SealingKey};
///
/// let key: SealingKey = std::env::var("WEBHOOK_SEALING_KEY")?.parse()?;
/// let store = FileStore::open("/var/lib/shop/webhook-keys")?.sealed(key);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Changing the sealing key
///
/// Give the new key to [`new`](Self::new) and the old one to [`previous_key`](Self::previous_key). Each record is
/// sealed with the new key when it changes next. Remove the old key once all have changed: without it, a record
/// that is still sealed with it is an error that says so.
///
/// # Sealing records that are plain text
///
/// A record that isn't sealed is an error, since somebody else may have put it there. So a store that has records
/// must be sealed once, while no rotation uses it:
///
/// ```
/// use webhook_subscriptions::rotate::{FileStore, Sealed, SealingKey, Store, StoredRecord};
///
/// async fn seal(
///     store: FileStore,
///     key: SealingKey,
///     subscription: &str,
/// ) -> Result<(), Box<dyn std::error::Error>> {
///     if let Some(plain) = store.load(subscription).await? {
///         let record = StoredRecord { version: plain.version + 1, document: plain.document };
///         store.sealed(key).swap(subscription, &record).await?;
///     }
///     Ok(())
/// }
/// # use webhook_subscriptions::Secret;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let store = FileStore::open(folder.path().join("keys"))?;
/// # let key = SealingKey::generate();
/// # let plain = StoredRecord { version: 1, document: Secret::from("...") };
/// # store.swap("ratepay-d8znR1k1_0Kw305BsoPT", &plain).await?;
/// # seal(store.clone(), key.clone(), "ratepay-d8znR1k1_0Kw305BsoPT").await?;
/// # let sealed = Sealed::new(store, key).load("ratepay-d8znR1k1_0Kw305BsoPT").await?.unwrap();
/// # assert_eq!(sealed, StoredRecord { version: 2, document: plain.document });
/// # Ok(()) }
/// ```
///
/// Then change the signing keys, because copies of the plain text may remain, on the disk or in backups.
#[derive(Debug, Clone)]
pub struct Sealed<S> {
    store: S,
    key: SealingKey,
    previous: Vec<SealingKey>,
}

impl<S: Store> Sealed<S> {
    /// Encrypts the records of this store with this key.
    #[must_use]
    pub fn new(store: S, key: SealingKey) -> Self {
        Self {
            store,
            key,
            previous: Vec::new(),
        }
    }

    /// Also opens records that are sealed with this key. No record is sealed with it.
    #[must_use]
    pub fn previous_key(mut self, key: SealingKey) -> Self {
        self.previous.push(key);
        self
    }
}

impl<S> Sealed<S> {
    fn seal(&self, subscription: &str, record: &StoredRecord) -> Result<StoredRecord, StoreError> {
        let associated = associated(subscription, record.version);
        let sealed = self
            .key
            .seal(record.document.expose_secret(), &associated)?;
        let document = format!(
            "{FORMAT}{}.{}",
            self.key.id(),
            BASE64_URL_SAFE_NO_PAD.encode(sealed)
        );
        Ok(StoredRecord {
            version: record.version,
            document: document.into(),
        })
    }

    fn open(&self, subscription: &str, record: &StoredRecord) -> Result<StoredRecord, OpenError> {
        if !is_sealed(&record.document) {
            return Err(OpenError::NotSealed);
        }
        let text = record.document.expose_secret();
        let text = text.strip_prefix(FORMAT).ok_or(OpenError::OtherFormat)?;
        let (id, base64) = text.split_once('.').ok_or(OpenError::Changed)?;
        let mut keys = std::iter::once(&self.key).chain(&self.previous);
        let key = keys.find(|key| key.id() == id);
        let key = key.ok_or(OpenError::OtherKey)?;
        let sealed = BASE64_URL_SAFE_NO_PAD.decode(base64);
        let sealed = sealed.map_err(|_| OpenError::Changed)?;
        let opened = key.open(&sealed, &associated(subscription, record.version));
        Ok(StoredRecord {
            version: record.version,
            document: opened.map_err(|_| OpenError::Changed)?,
        })
    }
}

impl<S: Store> Store for Sealed<S> {
    fn load<'a>(
        &'a self,
        subscription: &'a str,
    ) -> BoxFuture<'a, Result<Option<StoredRecord>, StoreError>> {
        Box::pin(async move {
            let Some(record) = self.store.load(subscription).await? else {
                return Ok(None);
            };
            let opened = self.open(subscription, &record);
            opened
                .map(Some)
                .map_err(|error| StoreError::new(format!("the record of `{subscription}` {error}")))
        })
    }

    fn swap<'a>(
        &'a self,
        subscription: &'a str,
        record: &'a StoredRecord,
    ) -> BoxFuture<'a, Result<(), SwapError>> {
        Box::pin(async move {
            let sealed = self.seal(subscription, record)?;
            self.store.swap(subscription, &sealed).await
        })
    }

    fn changed<'a>(&'a self, subscription: &'a str, version: u64) -> BoxFuture<'a, ()> {
        self.store.changed(subscription, version)
    }

    fn acknowledge<'a>(
        &'a self,
        subscription: &'a str,
        version: u64,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        self.store.acknowledge(subscription, version)
    }

    fn is_acknowledged<'a>(
        &'a self,
        subscription: &'a str,
        version: u64,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        self.store.is_acknowledged(subscription, version)
    }

    fn clock(&self) -> Option<Box<dyn TimeSource>> {
        self.store.clock()
    }
}

/// Returns whether a document is sealed, in whatever format. A record of a rotation never is one itself.
pub(crate) fn is_sealed(document: &Secret) -> bool {
    document.expose_secret().starts_with(SEALED)
}

fn associated(subscription: &str, version: u64) -> String {
    format!("{subscription} {version}")
}

/// Why a record can't be opened. Each continues a sentence that begins with the record.
#[derive(Debug, thiserror::Error)]
enum OpenError {
    #[error("isn't sealed, but a sealing key is given; seal it first, as the documentation of `Sealed` shows")]
    NotSealed,
    #[error("is sealed in another format; use the version of this crate that sealed it")]
    OtherFormat,
    #[error(
        "is sealed with another key; give that key to `Sealed::new`, or to `Sealed::previous_key`"
    )]
    OtherKey,
    #[error("was changed after it was sealed, or belongs to another subscription or version; restore it from a backup")]
    Changed,
}

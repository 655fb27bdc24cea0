//! The settings of a rotation, and its start.

use std::sync::atomic::AtomicUsize;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, Mutex};
use uuid::Uuid;

use super::document::Document;
use super::machine::policy::{Maker, Policy};
use super::machine::record::Record;
use super::record_store::{RecordStore, Stored, Swapped};
use super::rotation::{Inner, Rotation};
use super::state::State;
use super::store::{Store, StoreError};
use super::subscription::{
    Failed, PandaDocSubscription, RatepaySubscription, Rotatable, Subscription,
};
use super::time::{jitter, millis, to_millis, SystemTimeSource, TimeSource};
use crate::ratepay::types::{SubscriptionId, SubscriptionRequest};
use crate::verify::{Key, PandaDoc, Ratepay};
use crate::{pandadoc, ratepay};

/// How many commands may wait for the schedule.
const COMMANDS: usize = 16;

/// Starts a [`Rotation`]. `T` is the type of its store, or `()` before [`store`](Self::store) was called.
///
/// Only a store is required. The other settings have defaults:
///
/// | setting | default |
/// |---|---|
/// | [`every`](Self::every) | no schedule |
/// | [`min_overlap`](Self::min_overlap) | 1 day |
/// | [`min_silence`](Self::min_silence) | 3 days |
/// | [`max_overlap`](Self::max_overlap) | 16 days |
/// | [`time`](Self::time) | [`Store::clock`], or the clock of the operating system |
///
/// ```no_run
/// use std::time::Duration;
/// use webhook_subscriptions::rotate::{FileStore, SealingKey};
/// use webhook_subscriptions::{pandadoc, Rotation};
///
/// const DAY: Duration = Duration::from_secs(24 * 60 * 60);
///
/// # async fn start(client: pandadoc::Client, id: uuid::Uuid) -> Result<(), Box<dyn std::error::Error>> {
/// let key: SealingKey = std::env::var("WEBHOOK_SEALING_KEY")?.parse()?;
/// let rotation = Rotation::pandadoc(client, id)
///     .store(FileStore::open("/var/lib/shop/webhook-keys")?.sealed(key))
///     .every(30 * DAY)
///     .min_overlap(2 * DAY)
///     .min_silence(7 * DAY)
///     .start()
///     .await?;
/// # Ok(()) }
/// ```
#[must_use = "nothing happens before `start`"]
pub struct RotationBuilder<S: Rotatable, T = ()> {
    subscription: S::Subscription,
    store: T,
    every: Option<Duration>,
    min_overlap: Duration,
    min_silence: Duration,
    max_overlap: Duration,
    time: Option<Box<dyn TimeSource>>,
}

impl Rotation<PandaDoc> {
    /// Begins with a subscription at PandaDoc.
    ///
    /// `client` makes every request. Its retries are switched off: the rotation decides itself what is retried.
    /// [`Rotation`] has an example.
    pub fn pandadoc(client: pandadoc::Client, subscription_id: Uuid) -> RotationBuilder<PandaDoc> {
        RotationBuilder::new(PandaDocSubscription::new(client, subscription_id))
    }
}

impl Rotation<Ratepay> {
    /// Begins with a subscription at Ratepay.
    ///
    /// Ratepay documents no way to read a secret back. So `subscription` is the subscription as Ratepay has it now,
    /// secret included. Its secret is used when the store has no record yet, and ignored later. Its URL and event type
    /// are part of each update, so they must be the current ones at every start.
    ///
    /// ```no_run
    /// use webhook_subscriptions::ratepay::{types::SubscriptionRequest, Client, Environment, SigningSecret};
    /// use webhook_subscriptions::{rotate::FileStore, Rotation};
    ///
    /// # async fn start() -> Result<(), Box<dyn std::error::Error>> {
    /// let client = Client::builder()
    ///     .environment(Environment::Integration)
    ///     .access_token(std::env::var("RATEPAY_TOKEN")?)
    ///     .build()?;
    /// let subscription = SubscriptionRequest {
    ///     url: "https://shop.example/hooks/invoice".parse()?,
    ///     event_type: "INVOICE_INVOICE".to_owned(),
    ///     secret: SigningSecret::new(std::env::var("RATEPAY_WEBHOOK_SECRET")?)?,
    /// };
    /// let rotation = Rotation::ratepay(client, "d8znR1k1_0Kw305BsoPT".parse()?, subscription)
    ///     .store(FileStore::open("/var/lib/shop/webhook-keys")?)
    ///     .start()
    ///     .await?;
    /// # Ok(()) }
    /// ```
    ///
    /// An access token expires, so a service gives a [`credential_source`](crate::ClientBuilder::credential_source)
    /// in its place, such as [`ClientCredentials`](crate::ratepay::oauth::ClientCredentials).
    pub fn ratepay(
        client: ratepay::Client,
        subscription_id: SubscriptionId,
        subscription: SubscriptionRequest,
    ) -> RotationBuilder<Ratepay> {
        RotationBuilder::new(RatepaySubscription::new(
            client,
            subscription_id,
            subscription,
        ))
    }
}

impl<S: Rotatable> RotationBuilder<S> {
    fn new(subscription: S::Subscription) -> Self {
        let defaults = Policy::new(Maker::Provider);
        Self {
            subscription,
            store: (),
            every: None,
            min_overlap: Duration::from_millis(defaults.min_age),
            min_silence: Duration::from_millis(defaults.silence),
            max_overlap: Duration::from_millis(defaults.max_age),
            time: None,
        }
    }
}

impl<S: Rotatable, T> RotationBuilder<S, T> {
    /// Sets the store, which keeps the record when the process ends. Every rotation needs one.
    pub fn store<U: Store>(self, store: U) -> RotationBuilder<S, U> {
        RotationBuilder {
            subscription: self.subscription,
            store,
            every: self.every,
            min_overlap: self.min_overlap,
            min_silence: self.min_silence,
            max_overlap: self.max_overlap,
            time: self.time,
        }
    }

    /// Sets the time from one rotation to the next. Without it, only [`Rotation::rotate_now`] and
    /// [`Rotation::revoke`] rotate.
    ///
    /// Each rotation comes up to a tenth of this time earlier, by chance, so that services that were started together
    /// don't rotate together. The time of the next one is stored, so a restart rotates nothing that isn't due. A
    /// rotation that is due while two keys are accepted begins when the older one has been retired.
    pub fn every(mut self, period: Duration) -> Self {
        self.every = Some(period);
        self
    }

    /// Sets the shortest time for which an older key is accepted after a newer one was learned. The default is 1 day.
    pub fn min_overlap(mut self, duration: Duration) -> Self {
        self.min_overlap = duration;
        self
    }

    /// Sets how long no delivery must have matched an older key before it is retired. The default is 3 days.
    ///
    /// Without traffic, silence means nothing. So no key is retired before a delivery matched the newer one, or
    /// [`max_overlap`](Self::max_overlap) has passed.
    pub fn min_silence(mut self, duration: Duration) -> Self {
        self.min_silence = duration;
        self
    }

    /// Sets the time after which an older key is retired although deliveries still match it. The default is 16 days.
    ///
    /// Signatures have no time in them, so somebody who sends an old delivery again would keep its key alive.
    /// PandaDoc keeps deliveries for 15 days, and can send them again for as long. Source:
    /// <https://developers.pandadoc.com/docs/webhook-debugging>.
    pub fn max_overlap(mut self, duration: Duration) -> Self {
        self.max_overlap = duration;
        self
    }

    /// Sets the clock, for tests. The default is [`Store::clock`], or that of the operating system if the store has
    /// none.
    pub fn time(mut self, time: impl TimeSource) -> Self {
        self.time = Some(Box::new(time));
        self
    }

    fn policy(&self) -> Policy {
        let maker = match S::Subscription::PROVIDER_MAKES_KEYS {
            true => Maker::Provider,
            false => Maker::Service,
        };
        Policy {
            every: self.every.map(millis),
            min_age: millis(self.min_overlap),
            silence: millis(self.min_silence),
            max_age: millis(self.max_overlap),
            ..Policy::new(maker)
        }
    }
}

impl<S: Rotatable, T: Store> RotationBuilder<S, T> {
    /// Loads the record of the rotation, and accepts its keys. If the store has none, the current key is adopted:
    /// PandaDoc's is read, and Ratepay's is the one that was given.
    ///
    /// An interrupted rotation goes on once [`Rotation::run`] runs.
    ///
    /// # Errors
    ///
    /// Returns an error if the store fails, or if PandaDoc's current key can't be read at the very first start.
    /// Nothing was changed at the provider.
    ///
    /// # Panics
    ///
    /// Panics outside a tokio runtime with I/O and time enabled.
    pub async fn start(self) -> Result<Rotation<S>, StartError> {
        let policy = self.policy();
        let name = format!("{}-{}", S::Subscription::PROVIDER, self.subscription.id());
        let time = self.time.or_else(|| self.store.clock());
        let time = time.unwrap_or_else(|| Box::new(SystemTimeSource));
        let store = RecordStore::new(self.store, name);
        let stored = match store.load::<S>().await? {
            Some(stored) => stored,
            None => {
                let key = match (
                    self.subscription.given_key(),
                    self.subscription.read().await,
                ) {
                    (Some(key), _) => key,
                    (None, Some(read)) => read?,
                    (None, None) => return Err(StartError::NoKey),
                };
                Key::<S>::new(&key).map_err(|_| StartError::NoKey)?;
                let now = to_millis(time.now());
                let period = self.every.map(millis).map(|it| it - jitter(it));
                let next_at = period.map(|period| now.saturating_add(period));
                let record = Record::adopted(key, now, next_at);
                let document = Document {
                    record,
                    entered: now,
                };
                let version = 1;
                match store.swap::<S>(&document, version).await? {
                    Swapped::Done => Stored { document, version },
                    // Another process started at the same time.
                    Swapped::Newer(newer) => newer,
                }
            }
        };
        let state = State::new(self.subscription, policy, time, store, stored);
        let (commands, receiver) = mpsc::channel(COMMANDS);
        Ok(Rotation(Arc::new(Inner {
            state: Arc::new(state),
            commands,
            receiver: Mutex::new(receiver),
            runs: AtomicUsize::new(0),
        })))
    }
}

/// A rotation couldn't start. Nothing was changed at the provider.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The current key couldn't be read from PandaDoc, and the store has no record yet.
    #[error("the current key couldn't be read, and the store has no record yet: {0}; nothing was changed, start again")]
    Provider(String),
    /// There is no key to begin with that could verify a delivery.
    #[error("the current secret is empty or invisible, so anybody could sign with it; give the secret that the subscription has")]
    NoKey,
}

impl From<Failed> for StartError {
    fn from(failed: Failed) -> Self {
        Self::Provider(failed.message)
    }
}

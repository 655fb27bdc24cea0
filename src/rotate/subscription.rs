//! The subscriptions of the two providers, as a rotation calls them.

use std::future::{ready, Future};
use std::time::{Duration, SystemTime};

use tokio::time::timeout;
use uuid::Uuid;

use super::history;
use crate::ratepay::types::{SubscriptionId, SubscriptionRequest};
use crate::runtime::{Error, Outcome, RetryPolicy};
use crate::secret::{RandomnessError, Secret};
use crate::verify::{Key, PandaDoc, Ratepay, Scheme};
use crate::{pandadoc, ratepay};

/// The longest time that one request may take.
pub(super) const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// A scheme whose keys can be rotated: [`PandaDoc`] or [`Ratepay`].
pub trait Rotatable: Scheme {
    #[doc(hidden)]
    type Subscription: Subscription;
}

impl Rotatable for PandaDoc {
    type Subscription = PandaDocSubscription;
}

impl Rotatable for Ratepay {
    type Subscription = RatepaySubscription;
}

/// One subscription at its provider. Nothing here calls twice.
pub trait Subscription: Send + Sync + 'static {
    /// Whether the provider makes the keys, so that they can be read. Otherwise this service makes them.
    const PROVIDER_MAKES_KEYS: bool;

    /// The provider, as it is printed and as names of records begin.
    const PROVIDER: &'static str;

    /// Returns the id of the subscription.
    fn id(&self) -> String;

    /// Returns a key to begin with, if the provider can't be asked.
    fn given_key(&self) -> Option<Secret>;

    /// Makes a key for the next rotation, if the provider doesn't make it.
    fn make_key(&self) -> Result<Option<Secret>, RandomnessError>;

    /// Changes the key, to this one if the provider doesn't make it. Returns the key of the answer.
    fn change(&self, key: &Secret) -> impl Future<Output = Result<Secret, Failed>> + Send;

    /// Tells whether the provider's history has a delivery since then that this key signed.
    fn has_signed(
        &self,
        key: &Secret,
        since: SystemTime,
        now: SystemTime,
    ) -> impl Future<Output = Result<bool, Failed>> + Send;

    /// Reads the current key, or returns `None` if the provider has no way to.
    fn read(&self) -> impl Future<Output = Option<Result<Secret, Failed>>> + Send;
}

/// A request to the provider failed.
#[derive(Debug, Clone)]
pub struct Failed {
    /// Whether the provider changed nothing, for certain.
    pub(super) changed_nothing: bool,
    /// The error as it is printed, which has no secret in it.
    pub(super) message: String,
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self {
            changed_nothing: matches!(error.outcome(), Outcome::NotSent | Outcome::Rejected),
            message: error.to_string(),
        }
    }
}

impl From<RandomnessError> for Failed {
    fn from(error: RandomnessError) -> Self {
        Self {
            changed_nothing: true,
            message: error.to_string(),
        }
    }
}

impl Failed {
    /// An answer that came, and can't be used.
    fn unusable(message: impl Into<String>) -> Self {
        Self {
            changed_nothing: false,
            message: message.into(),
        }
    }
}

/// Waits for the answer to a request, and checks that its key can verify deliveries.
async fn key_of<S: Scheme>(
    answer: impl Future<Output = Result<Option<Secret>, Error>>,
) -> Result<Secret, Failed> {
    let Ok(answer) = timeout(REQUEST_TIMEOUT, answer).await else {
        let message = format!("no response came in time, within {REQUEST_TIMEOUT:?}");
        return Err(Failed::unusable(message));
    };
    let key = answer?.ok_or_else(|| Failed::unusable("the provider's answer has no key"))?;
    match Key::<S>::new(&key) {
        Ok(_) => Ok(key),
        Err(_) => Err(Failed::unusable(
            "the key in the provider's answer is empty or invisible, so anybody could sign with it",
        )),
    }
}

/// A subscription at PandaDoc.
pub struct PandaDocSubscription {
    /// The client as it was given, for reads of the history.
    pub(super) client: pandadoc::Client,
    pub(super) id: Uuid,
    /// The same without retries.
    once: pandadoc::Client,
}

impl PandaDocSubscription {
    pub(super) fn new(client: pandadoc::Client, id: Uuid) -> Self {
        let once = client.with_retry(RetryPolicy::none());
        Self { client, id, once }
    }
}

impl Subscription for PandaDocSubscription {
    const PROVIDER_MAKES_KEYS: bool = true;
    const PROVIDER: &'static str = "pandadoc";

    fn id(&self) -> String {
        self.id.to_string()
    }

    fn given_key(&self) -> Option<Secret> {
        None
    }

    fn make_key(&self) -> Result<Option<Secret>, RandomnessError> {
        Ok(None)
    }

    async fn change(&self, _: &Secret) -> Result<Secret, Failed> {
        key_of::<PandaDoc>(async {
            let client = &self.once;
            let answer = client.update_webhook_subscription_shared_key(&self.id);
            Ok(Some(answer.await?.into_inner().shared_key))
        })
        .await
    }

    async fn has_signed(
        &self,
        key: &Secret,
        since: SystemTime,
        now: SystemTime,
    ) -> Result<bool, Failed> {
        Ok(history::has_signed(&self.client, key, since, now).await?)
    }

    async fn read(&self) -> Option<Result<Secret, Failed>> {
        let key = key_of::<PandaDoc>(async {
            let answer = self.once.details_webhook_subscription(&self.id);
            Ok(answer.await?.into_inner().shared_key)
        });
        Some(key.await)
    }
}

/// A subscription at Ratepay.
pub struct RatepaySubscription {
    client: ratepay::Client,
    id: SubscriptionId,
    given: SubscriptionRequest,
}

impl RatepaySubscription {
    pub(super) fn new(
        client: ratepay::Client,
        id: SubscriptionId,
        given: SubscriptionRequest,
    ) -> Self {
        Self {
            client: client.with_retry(RetryPolicy::none()),
            id,
            given,
        }
    }
}

impl Subscription for RatepaySubscription {
    const PROVIDER_MAKES_KEYS: bool = false;
    const PROVIDER: &'static str = "ratepay";

    fn id(&self) -> String {
        self.id.to_string()
    }

    fn given_key(&self) -> Option<Secret> {
        Some((&self.given.secret).into())
    }

    fn make_key(&self) -> Result<Option<Secret>, RandomnessError> {
        ratepay::SigningSecret::try_generate().map(|secret| Some(secret.into()))
    }

    async fn change(&self, key: &Secret) -> Result<Secret, Failed> {
        let secret = ratepay::SigningSecret::new(key).map_err(|error| Failed {
            changed_nothing: true,
            message: error.to_string(),
        })?;
        let body = SubscriptionRequest {
            secret,
            ..self.given.clone()
        };
        key_of::<Ratepay>(async {
            let answer = self.client.update_subscription(&self.id, &body);
            Ok(Some(answer.await?.into_inner().secret))
        })
        .await
    }

    async fn has_signed(&self, _: &Secret, _: SystemTime, _: SystemTime) -> Result<bool, Failed> {
        Ok(false)
    }

    fn read(&self) -> impl Future<Output = Option<Result<Secret, Failed>>> + Send {
        ready(None)
    }
}

//! The simulated providers: two subscriptions, and deliveries to them, genuine and forged.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::StatusCode;
use serde_json::json;
use tokio::sync::watch;
use tokio::task::JoinSet;
use uuid::Uuid;
use webhook_subscriptions::ratepay::types::SubscriptionId;
use webhook_subscriptions::ratepay::SigningSecret;
use webhook_subscriptions::rotate::TimeSource;
use webhook_subscriptions::testing::{
    Clock, DeliveryAttempt, DeliveryError, Operation, Provider, Simulator, SteadyDeliveries,
};
use webhook_subscriptions::{Secret, WebhookUrl};

use super::fast_time::FastTime;

/// The event that PandaDoc's deliveries report.
pub const EVENT: &str = "document_state_changed";

/// The event type of Ratepay's deliveries.
pub const EVENT_TYPE: &str = "INVOICE_INVOICE";

/// From one genuine delivery of a provider to the next.
const PERIOD: Duration = Duration::from_secs(3);

/// From one forged delivery to the next.
const FORGED_PERIOD: Duration = Duration::from_secs(8);

/// From one attempt to the next. Neither provider documents a time.
pub const RETRY_PAUSE: Duration = Duration::from_secs(20);

/// How often PandaDoc tries, which it doesn't document.
pub const PANDADOC_ATTEMPTS: u32 = 3;

/// How often Ratepay tries. It documents no retries at all.
pub const RATEPAY_ATTEMPTS: usize = 10;

/// Both providers, and a subscription at each.
#[derive(Clone)]
pub struct Providers {
    pub simulator: Arc<Simulator>,
    pub time: FastTime,
    pub pandadoc: Uuid,
    pub ratepay: SubscriptionId,
}

/// A genuine delivery.
pub struct Delivered {
    pub document: String,
    pub attempts: Vec<Attempt>,
}

/// One POST of a delivery.
pub struct Attempt {
    pub at: SystemTime,
    /// The number of the key that signed it.
    pub generation: u64,
    /// The status of the answer, or `None` if the service didn't answer.
    pub status: Option<StatusCode>,
}

impl Providers {
    /// Starts a simulator whose subscriptions have URLs below this one.
    pub async fn start(service: &str) -> Result<Self, Box<dyn std::error::Error>> {
        let clock = Clock::stopped();
        let time = FastTime::since(clock.now());
        tokio::spawn(time.drive(clock.clone()));
        let simulator = Simulator::builder()
            .clock(clock)
            .delivery_attempts(PANDADOC_ATTEMPTS)
            .delivery_retry_pause(RETRY_PAUSE)
            .start()
            .await?;
        let url = |path: &str| format!("{service}{path}").parse::<WebhookUrl>();
        let pandadoc = simulator.pandadoc().add_subscription(&url("/pandadoc")?);
        let ratepay = simulator.ratepay().add_subscription(
            &url("/ratepay")?,
            EVENT_TYPE,
            SigningSecret::generate(),
        );
        Ok(Self {
            simulator: Arc::new(simulator),
            time,
            pandadoc,
            ratepay,
        })
    }

    /// Returns the variables that a service needs whose hooks are below this URL.
    pub fn variables(&self, service: &str) -> Result<Vec<(&'static str, String)>, &'static str> {
        let (pandadoc, ratepay) = (self.simulator.pandadoc(), self.simulator.ratepay());
        let secret = ratepay.secret(&self.ratepay).ok_or("no secret")?;
        let a_year = Duration::from_secs(365 * 24 * 60 * 60);
        let text = |secret: Secret| secret.expose_secret().to_owned();
        Ok(vec![
            ("PANDADOC_BASE_URL", pandadoc.base_url().to_owned()),
            ("PANDADOC_API_KEY", text(pandadoc.api_key())),
            ("PANDADOC_SUBSCRIPTION_ID", self.pandadoc.to_string()),
            ("RATEPAY_BASE_URL", ratepay.base_url().to_owned()),
            (
                "RATEPAY_ACCESS_TOKEN",
                text(ratepay.access_token_for(a_year)),
            ),
            ("RATEPAY_SUBSCRIPTION_ID", self.ratepay.to_string()),
            ("RATEPAY_URL", format!("{service}/ratepay")),
            ("RATEPAY_EVENT_TYPE", EVENT_TYPE.to_owned()),
            ("RATEPAY_SECRET", text(secret)),
        ])
    }

    /// Returns how many keys the subscription at a provider has had.
    pub fn generation(&self, provider: Provider) -> u64 {
        let generation = match provider {
            Provider::PandaDoc => self.simulator.pandadoc().key_generation(&self.pandadoc),
            _ => self.simulator.ratepay().key_generation(&self.ratepay),
        };
        generation.unwrap_or(0)
    }

    /// Delivers one document after the other until `stop` is true, and waits for the last answer.
    pub async fn deliver(
        self,
        provider: Provider,
        mut stop: watch::Receiver<bool>,
    ) -> Result<Vec<Delivered>, DeliveryError> {
        let mut deliveries = JoinSet::new();
        let mut period = tokio::time::interval(PERIOD / super::fast_time::SPEED);
        for number in 1.. {
            tokio::select! {
                _ = period.tick() => {}
                _ = stop.wait_for(|stop| *stop) => break,
            }
            let document = format!("document {number}");
            deliveries.spawn(self.clone().deliver_one(provider, document));
        }
        deliveries.join_all().await.into_iter().collect()
    }

    async fn deliver_one(
        self,
        provider: Provider,
        document: String,
    ) -> Result<Delivered, DeliveryError> {
        let data = json!({"id": document});
        let mut attempts = Vec::new();
        match provider {
            Provider::PandaDoc => {
                let pandadoc = self.simulator.pandadoc();
                attempts = pandadoc
                    .deliver(&self.pandadoc, EVENT, data)
                    .await?
                    .attempts;
            }
            _ => {
                let ratepay = self.simulator.ratepay();
                while attempts.len() < RATEPAY_ATTEMPTS {
                    let report = ratepay.deliver(&self.ratepay, &data).await?;
                    let is_accepted = report.is_accepted();
                    attempts.extend(report.attempts);
                    if is_accepted {
                        break;
                    }
                    self.time.sleep(RETRY_PAUSE).await;
                }
            }
        }
        Ok(Delivered::new(document, attempts))
    }

    /// Posts deliveries that are signed with random keys, until they are stopped.
    pub fn forge(&self, provider: Provider) -> Result<SteadyDeliveries, DeliveryError> {
        let data = json!({"id": "forged"});
        match provider {
            Provider::PandaDoc => {
                let pandadoc = self.simulator.pandadoc();
                pandadoc.forge_steadily(&self.pandadoc, (EVENT, data), FORGED_PERIOD)
            }
            _ => {
                let ratepay = self.simulator.ratepay();
                ratepay.forge_steadily(&self.ratepay, &data, FORGED_PERIOD)
            }
        }
    }
}

/// Returns the operation that changes the key.
pub fn change(provider: Provider) -> Operation {
    match provider {
        Provider::PandaDoc => Operation::UpdateWebhookSubscriptionSharedKey,
        _ => Operation::UpdateSubscription,
    }
}

impl Delivered {
    pub fn new(document: String, attempts: Vec<DeliveryAttempt>) -> Self {
        let attempts = attempts.into_iter().map(|it| Attempt {
            at: it.at,
            generation: it.key_generation,
            status: it.status(),
        });
        Self {
            document,
            attempts: attempts.collect(),
        }
    }

    pub fn is_accepted(&self) -> bool {
        self.attempts.iter().any(Attempt::is_accepted)
    }

    pub fn is_accepted_at_once(&self) -> bool {
        self.attempts.first().is_some_and(Attempt::is_accepted)
    }
}

impl Attempt {
    pub fn is_accepted(&self) -> bool {
        self.status.is_some_and(|status| status.is_success())
    }
}

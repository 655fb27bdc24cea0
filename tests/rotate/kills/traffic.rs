//! Deliveries to the child: genuine ones, which are sent until they are accepted, and forged ones.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;
use tokio::sync::watch;
use tokio::time::sleep;
use webhook_subscriptions::testing::{DeliveryFault, DeliveryReport, Simulator};
use webhook_subscriptions::verify::{PandaDoc, Ratepay};

use super::child::Subscription;
use crate::service::{Delivery, Service, Way};
use crate::world::{RatepaySubscription, Side, World, DAY};

/// For so long after a change, half of the deliveries are signed with the key before it.
const OLD_KEY: Duration = Duration::from_secs(3 * 60);

/// A provider, as these tests use it.
pub trait Victim: Side<Subscribed: Send + Sync> {
    /// Whether deliveries that were given up can be found in a history.
    const HAS_HISTORY: bool;

    /// The boundaries that every undisturbed rotation has.
    const BOUNDARIES: &[&str];

    /// The boundary from which on a request may change the key, and how often the child comes to others of this name
    /// until then.
    const CLAIMED: (&str, usize);

    fn subscription(subscribed: &Self::Subscribed) -> Subscription;

    fn credential(simulator: &Simulator) -> String;

    /// Sends a delivery once.
    fn deliver(
        simulator: &Simulator,
        subscribed: &Self::Subscribed,
        number: usize,
    ) -> impl Future<Output = DeliveryReport> + Send;
}

impl Victim for PandaDoc {
    const HAS_HISTORY: bool = true;
    const BOUNDARIES: &[&str] = &[
        "at a request, detailsWebhookSubscription",
        "before a swap, start",
        "after a swap, start",
        "before a swap, steady",
        "after a swap, steady",
        "at a request, updateWebhookSubscriptionSharedKey",
        "before a swap, calling",
        "after a swap, calling",
        "before a swap, overlap",
        "after a swap, overlap",
        "before a swap, retiring",
        "after a swap, retiring",
    ];
    const CLAIMED: (&str, usize) = ("after a swap, steady", 2);

    fn subscription(id: &uuid::Uuid) -> Subscription {
        Subscription::PandaDoc { id: id.to_string() }
    }

    fn credential(simulator: &Simulator) -> String {
        simulator.pandadoc().api_key().expose_secret().to_owned()
    }

    async fn deliver(simulator: &Simulator, id: &uuid::Uuid, number: usize) -> DeliveryReport {
        let pandadoc = simulator.pandadoc();
        let data = json!({ "number": number });
        let sent = pandadoc.deliver(id, "document_state_changed", data);
        sent.await.unwrap()
    }
}

impl Victim for Ratepay {
    const HAS_HISTORY: bool = false;
    const BOUNDARIES: &[&str] = &[
        "before a swap, start",
        "after a swap, start",
        "before a swap, steady",
        "after a swap, steady",
        "before a swap, prepared",
        "after a swap, prepared",
        "at a request, updateSubscription",
        "before a swap, calling",
        "after a swap, calling",
        "before a swap, overlap",
        "after a swap, overlap",
    ];
    const CLAIMED: (&str, usize) = ("after a swap, prepared", 1);

    fn subscription(subscribed: &RatepaySubscription) -> Subscription {
        Subscription::Ratepay {
            id: subscribed.id.to_string(),
            first: subscribed.first.clone(),
        }
    }

    fn credential(simulator: &Simulator) -> String {
        let token = simulator.ratepay().access_token_for(10_000 * DAY);
        token.expose_secret().to_owned()
    }

    async fn deliver(
        simulator: &Simulator,
        subscribed: &RatepaySubscription,
        number: usize,
    ) -> DeliveryReport {
        let ratepay = simulator.ratepay();
        let payload = json!({ "number": number });
        ratepay.deliver(&subscribed.id, &payload).await.unwrap()
    }
}

/// The result of a genuine delivery.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fate {
    Pending,
    /// Accepted at this attempt.
    Accepted(usize),
    GivenUp,
}

/// The deliveries to one child after another.
pub struct Traffic<S: Victim> {
    world: Arc<World<S>>,
    receiver: (Service, Way),
    ledger: Arc<Ledger>,
}

/// The deliveries so far.
#[derive(Default)]
pub struct Ledger {
    fates: Mutex<Vec<Fate>>,
    /// How many attempts have no answer yet.
    under_way: AtomicUsize,
    may_give_up: AtomicBool,
    /// How many genuine deliveries were answered with 403.
    rejected: AtomicUsize,
    forged: AtomicUsize,
    forged_accepted: AtomicUsize,
    /// Changes whenever the clock is moved. Those that failed are sent again then.
    ticks: watch::Sender<()>,
}

impl Ledger {
    pub fn fates(&self) -> Vec<Fate> {
        self.fates.lock().unwrap().clone()
    }

    /// The numbers of the deliveries with this fate.
    pub fn with(&self, fate: Fate) -> Vec<usize> {
        let fates = self.fates().into_iter().enumerate();
        fates
            .filter(|(_, it)| *it == fate)
            .map(|(n, _)| n)
            .collect()
    }

    pub fn under_way(&self) -> usize {
        self.under_way.load(Ordering::SeqCst)
    }

    /// Sets whether a delivery that isn't accepted may be given up.
    pub fn may_give_up(&self, may: bool) {
        self.may_give_up.store(may, Ordering::SeqCst);
    }

    pub fn rejected(&self) -> usize {
        self.rejected.load(Ordering::SeqCst)
    }

    /// How many forged deliveries were sent, and how many were accepted.
    pub fn forged(&self) -> (usize, usize) {
        let count = |counter: &AtomicUsize| counter.load(Ordering::SeqCst);
        (count(&self.forged), count(&self.forged_accepted))
    }

    pub fn tick(&self) {
        self.ticks.send_replace(());
    }

    /// Waits until no attempt is under way.
    pub async fn answered(&self) {
        while self.under_way() > 0 {
            sleep(Duration::from_millis(1)).await;
        }
    }

    fn begin_attempt(&self) {
        self.under_way.fetch_add(1, Ordering::SeqCst);
    }

    fn end_attempt(&self) {
        self.under_way.fetch_sub(1, Ordering::SeqCst);
    }
}

impl<S: Victim> Traffic<S> {
    pub fn new(world: Arc<World<S>>, address: SocketAddr, way: Way) -> Self {
        Self {
            world,
            receiver: (Service::at(address), way),
            ledger: Arc::default(),
        }
    }

    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Begins a genuine delivery. While deliveries may be given up, it is given up after so many attempts.
    pub fn deliver(&self, most_attempts: usize) {
        let (world, ledger) = (self.world.clone(), self.ledger.clone());
        let number = {
            let mut fates = ledger.fates.lock().unwrap();
            fates.push(Fate::Pending);
            fates.len() - 1
        };
        ledger.begin_attempt();
        tokio::spawn(async move {
            let fate = send(&world, &ledger, number, most_attempts).await;
            ledger.fates.lock().unwrap()[number] = fate;
        });
    }

    /// Sends a forged delivery.
    pub fn forge(&self) {
        let ((service, way), ledger) = (self.receiver, self.ledger.clone());
        ledger.begin_attempt();
        tokio::spawn(async move {
            let delivery = Delivery::forged::<S>();
            let answer = service.try_answer(way, &delivery).await;
            ledger.end_attempt();
            ledger.forged.fetch_add(1, Ordering::SeqCst);
            if answer.is_ok_and(|answer| answer.status == 200) {
                ledger.forged_accepted.fetch_add(1, Ordering::SeqCst);
            }
        });
    }
}

/// Sends a delivery until it is accepted or given up. The first attempt has begun.
async fn send<S: Victim>(
    world: &World<S>,
    ledger: &Ledger,
    number: usize,
    most_attempts: usize,
) -> Fate {
    let mut ticks = ledger.ticks.subscribe();
    for attempt in 1.. {
        let old_key = DeliveryFault::key_switch_delayed(OLD_KEY).once();
        let old_key = number
            .is_multiple_of(2)
            .then(|| world.simulator.inject_into_deliveries(old_key));
        let report = S::deliver(&world.simulator, &world.subscription, number).await;
        ledger.end_attempt();
        if let Some(old_key) = old_key {
            old_key.remove();
        }
        if report.is_accepted() {
            return Fate::Accepted(attempt);
        }
        if report.status().is_some_and(|status| status == 403) {
            ledger.rejected.fetch_add(1, Ordering::SeqCst);
        }
        let is_given_up = attempt >= most_attempts && ledger.may_give_up.load(Ordering::SeqCst);
        if S::HAS_HISTORY && is_given_up {
            return Fate::GivenUp;
        }
        ticks.changed().await.unwrap();
        ledger.begin_attempt();
    }
    unreachable!()
}

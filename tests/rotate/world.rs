//! A subscription at a simulator, and a rotation of its key under a clock that only the test moves.

use std::collections::HashMap;
use std::future::Future;
use std::ops::Deref;
use std::time::{Duration, SystemTime};

use http::request::Parts;
use http::{Request, StatusCode};
use tokio::sync::watch;
use tokio::task::{try_id, yield_now, AbortHandle, Id, JoinHandle};
use tokio::time::timeout;
use uuid::Uuid;
use webhook_subscriptions::ratepay::types::{SubscriptionId, SubscriptionRequest};
use webhook_subscriptions::ratepay::{self, SigningSecret};
use webhook_subscriptions::rotate::{
    Ended, Phase, Rotatable, RotationBuilder, StartError, Store, TimeSource,
};
use webhook_subscriptions::testing::{Clock, MemoryStore, Operation, Simulator, SimulatorBuilder};
use webhook_subscriptions::verify::{Key, PandaDoc, Ratepay};
use webhook_subscriptions::{BoxFuture, Rotation, Secret, WebhookUrl};

pub const SECOND: Duration = Duration::from_secs(1);
pub const MINUTE: Duration = Duration::from_secs(60);
pub const HOUR: Duration = Duration::from_secs(60 * 60);
pub const DAY: Duration = Duration::from_secs(24 * 60 * 60);
pub const MILLISECOND: Duration = Duration::from_millis(1);

/// The period of a rotation that has one.
pub const PERIOD: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// After so long, a request to change the key has arrived or never will.
pub const SETTLED: Duration = Duration::from_secs(130);

/// The key isn't read, and no secret is made, twice within this time.
pub const READ_PAUSE: Duration = Duration::from_secs(10);

/// The body of every delivery of these tests.
pub const BODY: &[u8] = br#"[{"event":"document_updated","data":{"id":"d-1"}}]"#;

/// More time than anything takes that a test waits for.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits for this, or fails.
pub async fn in_time<T>(future: impl Future<Output = T>) -> T {
    timeout(PATIENCE, future).await.expect("nothing happens")
}

/// Makes a test for each provider of each of these functions.
macro_rules! for_both_providers {
    ($($name:ident)+) => {
        mod pandadoc {
            $(#[tokio::test]
            async fn $name() {
                super::$name::<webhook_subscriptions::verify::PandaDoc>().await;
            })+
        }

        mod ratepay {
            $(#[tokio::test]
            async fn $name() {
                super::$name::<webhook_subscriptions::verify::Ratepay>().await;
            })+
        }
    };
}
pub(crate) use for_both_providers;

/// The differences between the providers.
pub trait Side: Rotatable {
    /// The operation that changes the key.
    const CHANGE: Operation;

    /// So many attempts in a row that fail need somebody's attention.
    const MOST_FAILURES: usize;

    type Subscribed: Send + Sync;

    fn subscribe(simulator: &Simulator, url: &WebhookUrl) -> Self::Subscribed;
    fn rotation(simulator: &Simulator, subscription: &Self::Subscribed) -> RotationBuilder<Self>;

    /// The name of the record in the store.
    fn record(subscription: &Self::Subscribed) -> String;

    /// The key that the provider signs with.
    fn key(simulator: &Simulator, subscription: &Self::Subscribed) -> Secret;

    /// How many keys the provider has had.
    fn generation(simulator: &Simulator, subscription: &Self::Subscribed) -> u64;

    /// The head of a delivery of [`BODY`].
    fn head(key: &Key<Self>) -> Parts;
}

impl Side for PandaDoc {
    const CHANGE: Operation = Operation::UpdateWebhookSubscriptionSharedKey;
    const MOST_FAILURES: usize = 5;

    type Subscribed = Uuid;

    fn subscribe(simulator: &Simulator, url: &WebhookUrl) -> Uuid {
        simulator.pandadoc().add_subscription(url)
    }

    fn rotation(simulator: &Simulator, id: &Uuid) -> RotationBuilder<Self> {
        let client = simulator.pandadoc().client_builder().build().unwrap();
        Rotation::pandadoc(client, *id)
    }

    fn record(id: &Uuid) -> String {
        format!("pandadoc-{id}")
    }

    fn key(simulator: &Simulator, id: &Uuid) -> Secret {
        simulator.pandadoc().shared_key(id).unwrap()
    }

    fn generation(simulator: &Simulator, id: &Uuid) -> u64 {
        simulator.pandadoc().key_generation(id).unwrap()
    }

    fn head(key: &Key<Self>) -> Parts {
        let url = key.sign(BODY).append_to("https://shop.example/hooks");
        parts(Request::post(url))
    }
}

/// The subscription as it was at first, and its id.
pub struct RatepaySubscription {
    pub id: SubscriptionId,
    pub first: SubscriptionRequest,
}

impl Side for Ratepay {
    const CHANGE: Operation = Operation::UpdateSubscription;
    const MOST_FAILURES: usize = 11;

    type Subscribed = RatepaySubscription;

    fn subscribe(simulator: &Simulator, url: &WebhookUrl) -> RatepaySubscription {
        let first = SubscriptionRequest {
            event_type: "INVOICE_INVOICE".to_owned(),
            secret: SigningSecret::generate(),
            url: url.clone(),
        };
        let ratepay = simulator.ratepay();
        let id = ratepay.add_subscription(url, &*first.event_type, first.secret.clone());
        RatepaySubscription { id, first }
    }

    fn rotation(
        simulator: &Simulator,
        subscription: &RatepaySubscription,
    ) -> RotationBuilder<Self> {
        let ratepay = simulator.ratepay();
        // The simulator's clock moves by months.
        let token = ratepay.access_token_for(10_000 * DAY);
        let client = ratepay.client_builder().access_token(token);
        let client = client.build().unwrap();
        Rotation::ratepay(client, subscription.id.clone(), subscription.first.clone())
    }

    fn record(subscription: &RatepaySubscription) -> String {
        format!("ratepay-{}", subscription.id)
    }

    fn key(simulator: &Simulator, subscription: &RatepaySubscription) -> Secret {
        simulator.ratepay().secret(&subscription.id).unwrap()
    }

    fn generation(simulator: &Simulator, subscription: &RatepaySubscription) -> u64 {
        let ratepay = simulator.ratepay();
        ratepay.key_generation(&subscription.id).unwrap()
    }

    fn head(key: &Key<Self>) -> Parts {
        let signature = key.sign(BODY).to_string();
        parts(Request::post("https://shop.example/hooks").header("x-signature", signature))
    }
}

fn parts(request: http::request::Builder) -> Parts {
    request.body(()).unwrap().into_parts().0
}

/// A subscription at a simulator, and the store of its rotation.
pub struct World<S: Side> {
    pub clock: Clock,
    pub simulator: Simulator,
    pub store: MemoryStore,
    pub subscription: S::Subscribed,
}

impl<S: Side> World<S> {
    pub async fn new() -> Self {
        Self::with(Simulator::builder()).await
    }

    /// A world with other settings of its simulator.
    pub async fn with(simulator: SimulatorBuilder) -> Self {
        Self::delivering_to(simulator, "https://shop.example/hooks").await
    }

    pub async fn delivering_to(simulator: SimulatorBuilder, url: &str) -> Self {
        let clock = Clock::stopped();
        let simulator = simulator.clock(clock.clone()).start().await.unwrap();
        let subscription = S::subscribe(&simulator, &url.parse().unwrap());
        Self {
            clock,
            simulator,
            store: MemoryStore::new(),
            subscription,
        }
    }

    pub fn builder(&self) -> RotationBuilder<S> {
        S::rotation(&self.simulator, &self.subscription)
    }

    /// Starts a process of the service, whose rotation runs with the default settings.
    pub async fn run(&self) -> Process<S> {
        self.run_with(self.builder().store(self.store.clone()))
            .await
    }

    /// Starts a process whose rotation has a period.
    pub async fn run_schedule(&self) -> Process<S> {
        let builder = self.builder().store(self.store.clone());
        self.run_with(builder.every(PERIOD)).await
    }

    pub async fn run_with<T: Store>(&self, builder: RotationBuilder<S, T>) -> Process<S> {
        self.try_run(builder).await.unwrap()
    }

    pub async fn try_run<T: Store>(
        &self,
        builder: RotationBuilder<S, T>,
    ) -> Result<Process<S>, StartError> {
        self.try_run_noting(builder, |_| {}).await
    }

    /// Starts a process, and tells its task before that runs.
    pub async fn try_run_noting<T: Store>(
        &self,
        builder: RotationBuilder<S, T>,
        note: impl FnOnce(AbortHandle),
    ) -> Result<Process<S>, StartError> {
        let time = WatchedTime::new(self.clock.clone());
        let rotation = builder.time(time.clone()).start().await?;
        let process = Process::new(rotation, time);
        note(process.abort_handle());
        process.settled().await;
        Ok(process)
    }

    pub fn key(&self) -> Secret {
        S::key(&self.simulator, &self.subscription)
    }

    pub fn generation(&self) -> u64 {
        S::generation(&self.simulator, &self.subscription)
    }

    /// How many requests to change the key there have been.
    pub fn changes(&self) -> u64 {
        self.simulator.requests(S::CHANGE)
    }

    /// How many requests there have been, of all operations.
    pub fn requests(&self) -> u64 {
        let all = Operation::ALL.iter();
        all.map(|operation| self.simulator.requests(*operation))
            .sum()
    }
}

impl World<Ratepay> {
    /// A rotation that sends its requests to another server.
    pub fn builder_at(&self, base_url: String) -> RotationBuilder<Ratepay> {
        let client = ratepay::Client::builder().access_token("any");
        let client = client.base_url(base_url).build().unwrap();
        let RatepaySubscription { id, first } = &self.subscription;
        Rotation::ratepay(client, id.clone(), first.clone())
    }
}

/// A process of the service: a rotation, and the task that runs it.
pub struct Process<S: Side> {
    rotation: Rotation<S>,
    time: WatchedTime,
    running: JoinHandle<()>,
}

impl<S: Side> Process<S> {
    fn new(rotation: Rotation<S>, time: WatchedTime) -> Self {
        let run = rotation.clone().run();
        let end = End(time.waits.clone());
        let running = tokio::spawn(async move {
            let _end = end;
            run.await;
        });
        Self {
            rotation,
            time,
            running,
        }
    }

    /// Waits until the rotation has done all that is due, and waits for the clock, or has ended.
    pub async fn settled(&self) {
        let waits = self.time.settled(self.running.id());
        in_time(waits).await;
    }

    /// Moves the clock, as if the process had been suspended for so long, and waits for what is due then.
    pub async fn pass(&self, duration: Duration) {
        self.time.clock.advance(duration);
        self.settled().await;
    }

    /// Has all attempts but one fail that may fail in a row. The provider rejects them, or loses their answers.
    pub async fn fail_all_but_one(&self) {
        let _ = self.rotate().await;
        for _ in 2..S::MOST_FAILURES {
            self.pass(DAY).await;
        }
        // The key isn't read, and nothing is sent, so soon after an attempt.
        self.pass(3 * MINUTE).await;
    }

    /// Moves the clock, and stops at each time for which the rotation waits.
    pub async fn live(&self, duration: Duration) {
        let end = self.time.clock.now() + duration;
        loop {
            let next = self.time.next(self.running.id()).unwrap_or(end);
            self.pass_until(next.min(end)).await;
            if next >= end {
                return;
            }
        }
    }

    /// Moves the clock to this time.
    pub async fn pass_until(&self, time: SystemTime) {
        let now = self.time.clock.now();
        self.pass(time.duration_since(now).unwrap_or_default())
            .await;
    }

    /// Moves the clock by five minutes at a time until the rotation is in this phase.
    pub async fn pass_until_phase(&self, phase: Phase) {
        let start = self.time.clock.now();
        while self.phase() != phase {
            let passed = self.time.clock.now().duration_since(start).unwrap();
            assert!(passed < DAY, "{:#?}", self.status());
            self.pass(5 * MINUTE).await;
        }
    }

    /// Waits for the end of a command. The clock moves on by seconds until there is one.
    pub async fn end(
        &self,
        command: impl Future<Output = Result<Ended, impl std::fmt::Debug>>,
    ) -> Ended {
        let mut command = std::pin::pin!(command);
        let start = self.time.clock.now();
        loop {
            let settled = async {
                yield_now().await;
                self.settled().await;
            };
            tokio::select! {
                biased;
                ended = &mut command => return ended.unwrap(),
                () = settled => {}
            }
            let passed = self.time.clock.now().duration_since(start).unwrap();
            assert!(passed < HOUR, "{:#?}", self.status());
            self.time.clock.advance(SECOND);
        }
    }

    pub async fn rotate(&self) -> Ended {
        self.end(self.rotation.rotate_now()).await
    }

    pub fn rotation(&self) -> Rotation<S> {
        self.rotation.clone()
    }

    pub fn phase(&self) -> Phase {
        self.status().phase
    }

    /// The numbers of the known keys, oldest first.
    pub fn generations(&self) -> Vec<u64> {
        let generations = self.status().generations.into_iter();
        generations.map(|generation| generation.number).collect()
    }

    /// The status with which a delivery signed with this key is answered.
    pub async fn deliver(&self, key: &Secret) -> StatusCode {
        let head = S::head(&Key::new(key).unwrap());
        let verified = self.rotation.verify_request(&head, BODY);
        match in_time(verified).await {
            Ok(_) => StatusCode::OK,
            Err(refusal) => refusal.status(),
        }
    }

    /// Does the same while so much time passes, for a delivery that may be held.
    pub async fn deliver_for(&self, duration: Duration, key: &Secret) -> StatusCode {
        let (status, ()) = tokio::join!(self.deliver(key), self.pass(duration));
        status
    }

    /// Ends the process without warning.
    pub fn kill(self) {}

    /// Ends `run`, and waits until it has ended.
    pub async fn stop(mut self) {
        self.suspend().await;
    }

    /// Suspends the process: nothing runs until [`go_on`](Self::go_on).
    pub async fn suspend(&mut self) {
        self.running.abort();
        assert!((&mut self.running).await.unwrap_err().is_cancelled());
    }

    pub async fn go_on(&mut self) {
        let (rotation, time) = (self.rotation.clone(), self.time.clone());
        *self = Self::new(rotation, time);
        self.settled().await;
    }

    pub fn abort_handle(&self) -> AbortHandle {
        self.running.abort_handle()
    }
}

impl<S: Side> Deref for Process<S> {
    type Target = Rotation<S>;

    fn deref(&self) -> &Rotation<S> {
        &self.rotation
    }
}

impl<S: Side> Drop for Process<S> {
    fn drop(&mut self) {
        self.running.abort();
    }
}

/// A clock that knows who waits for it.
#[derive(Clone)]
struct WatchedTime {
    clock: Clock,
    waits: watch::Sender<Waits>,
}

#[derive(Default)]
struct Waits {
    /// Whether the rotation has ended.
    ended: bool,
    /// How many waits have begun.
    begun: u64,
    /// The task and the end of each wait.
    now: HashMap<u64, (Option<Id>, SystemTime)>,
}

impl WatchedTime {
    fn new(clock: Clock) -> Self {
        Self {
            clock,
            waits: watch::Sender::default(),
        }
    }

    /// Waits until this task waits for a later time, though every other task had its turn.
    async fn settled(&self, task: Id) {
        let mut waits = self.waits.subscribe();
        let now = self.clock.now();
        let is_waiting = |waits: &Waits| {
            let mut ends = waits.now.values();
            waits.ended || ends.any(|(waiting, until)| *waiting == Some(task) && *until > now)
        };
        loop {
            let begun = waits.wait_for(is_waiting).await.unwrap().begun;
            for _ in 0..3 {
                yield_now().await;
            }
            let latest = waits.borrow();
            if latest.begun == begun && is_waiting(&latest) {
                return;
            }
        }
    }
}

impl WatchedTime {
    /// Returns the first time for which this task waits.
    fn next(&self, task: Id) -> Option<SystemTime> {
        let waits = self.waits.borrow();
        let ends = waits.now.values();
        let own = ends.filter(|(waiting, _)| *waiting == Some(task));
        own.map(|(_, until)| *until).min()
    }
}

impl TimeSource for WatchedTime {
    fn now(&self) -> SystemTime {
        self.clock.now()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        let until = self.clock.now() + duration;
        let sleep = TimeSource::sleep(&self.clock, duration);
        Box::pin(async move {
            let _wait = Wait::begin(&self.waits, until);
            sleep.await;
        })
    }
}

/// Says that a rotation has ended when it is dropped.
struct End(watch::Sender<Waits>);

impl Drop for End {
    fn drop(&mut self) {
        self.0.send_modify(|waits| waits.ended = true);
    }
}

/// A wait that lasts until it is dropped.
struct Wait<'a> {
    waits: &'a watch::Sender<Waits>,
    number: u64,
}

impl<'a> Wait<'a> {
    fn begin(waits: &'a watch::Sender<Waits>, until: SystemTime) -> Self {
        let mut number = 0;
        waits.send_modify(|waits| {
            waits.begun += 1;
            number = waits.begun;
            waits.now.insert(number, (try_id(), until));
        });
        Self { waits, number }
    }
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        self.waits.send_modify(|waits| {
            waits.now.remove(&self.number);
        });
    }
}

//! A simulator: how it is started, what it is told, and how it ends.

use std::fmt;
use std::io;
use std::sync::Arc;

use super::clock::Clock;
use super::delivery;
use super::delivery_fault::{DeliveryFault, DeliveryFaultHit};
use super::delivery_report::DeliveryReport;
use super::exchange::Exchange;
use super::fault::{Fault, FaultHit};
use super::handle::handle;
use super::injected::Injected;
use super::operation::Operation;
use super::pandadoc::PandaDoc;
use super::ratepay::Ratepay;
use super::server::{Refusal, Server};
use super::shared::{Observer, Shared};

/// The most requests a minute to one operation: at most what PandaDoc grants to listing, status and
/// deletion (<https://developers.pandadoc.com/reference/limits>). It names no number for webhooks.
const REQUESTS_PER_MINUTE: u32 = 2_000;

/// How often PandaDoc tries a delivery. That it tries again is documented, how often is not.
const DELIVERY_ATTEMPTS: u32 = 3;

/// A real HTTP server on a free port of this machine that behaves as PandaDoc and Ratepay do.
///
/// It keeps subscriptions, checks credentials and requests, answers with the documented statuses and
/// bodies, limits rates, and [delivers](PandaDoc::deliver). What goes wrong at a provider goes wrong
/// here by name: see [`Fault`] and [`DeliveryFault`]. Where a provider's documentation is silent, the
/// item concerned says "not documented".
///
/// Each is for itself: as many as you like run in one process. It runs in tasks of the tokio runtime
/// that it was started in. Dropping it frees the port at once, and ends its tasks.
///
/// ```
/// use webhook_subscriptions::testing::Simulator;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let simulator = Simulator::start().await?;
/// let pandadoc = simulator.pandadoc();
/// let id = pandadoc.add_subscription(&"https://shop.example/hooks".parse()?);
///
/// let client = pandadoc.client_builder().build()?;
/// let answer = client.update_webhook_subscription_shared_key(&id).await?;
/// assert_eq!(Some(answer.into_inner().shared_key), pandadoc.shared_key(&id));
/// # Ok(()) }
/// ```
pub struct Simulator {
    server: Server,
    base_url: String,
    shared: Arc<Shared>,
}

impl Simulator {
    /// Starts one with the settings that [`builder`](Self::builder) begins with.
    ///
    /// # Errors
    ///
    /// No port can be had.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime with I/O and time.
    pub async fn start() -> io::Result<Self> {
        Self::builder().start().await
    }

    /// How to start one with other settings.
    #[must_use]
    pub fn builder() -> SimulatorBuilder {
        SimulatorBuilder {
            clock: Clock::running(),
            requests_per_minute: Some(REQUESTS_PER_MINUTE),
            delivery_attempts: DELIVERY_ATTEMPTS,
            observer: None,
        }
    }

    /// PandaDoc's side of it.
    #[must_use]
    pub fn pandadoc(&self) -> PandaDoc<'_> {
        PandaDoc::new(&self.shared, &self.base_url)
    }

    /// Ratepay's side of it.
    #[must_use]
    pub fn ratepay(&self) -> Ratepay<'_> {
        Ratepay::new(&self.shared, &self.base_url)
    }

    /// Where it listens. Both APIs and both token endpoints are there, since no path is one of two.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The time that it goes by.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.shared.clock
    }

    /// Puts a fault in place, from the next request on. What comes back says what it did.
    pub fn inject(&self, fault: Fault) -> Injected<FaultHit> {
        let times = fault.times;
        self.shared.faults.add(fault, times)
    }

    /// Puts a fault of deliveries in place, from the next one on. What comes back says what it did.
    pub fn inject_into_deliveries(&self, fault: DeliveryFault) -> Injected<DeliveryFaultHit> {
        self.shared.delivery_faults.add(fault.kind, fault.times)
    }

    /// Refuses connections, and closes those that stand, until what comes back is dropped. Called twice,
    /// both must be.
    ///
    /// # Errors
    ///
    /// The port cannot be kept for afterwards.
    pub async fn refuse_connections(&self) -> io::Result<Refusal> {
        self.server.refuse().await
    }

    /// How many requests for an operation came so far, those with faults included.
    #[must_use]
    pub fn requests(&self, operation: Operation) -> u64 {
        self.shared.requests(operation)
    }

    /// Delivers what waits in the queue of both sides, one after the other.
    pub async fn deliver_queued(&self) -> Vec<DeliveryReport> {
        delivery::deliver_queued(&self.shared).await
    }

    /// Stops it. Done when its port is free and none of its tasks is left, where dropping it leaves
    /// the tasks to the runtime.
    pub async fn stop(self) {
        self.server.stop().await;
    }
}

/// Tells where it is, and no credential.
impl fmt::Debug for Simulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulator")
            .field("base_url", &self.base_url)
            .finish_non_exhaustive()
    }
}

/// Starts a [`Simulator`] with settings of a test's own.
pub struct SimulatorBuilder {
    clock: Clock,
    requests_per_minute: Option<u32>,
    delivery_attempts: u32,
    observer: Option<Observer>,
}

impl SimulatorBuilder {
    /// The time that it goes by. [`Clock::running`] unless set.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// How many requests PandaDoc takes from a user to one operation in any 60 seconds, with a
    /// production credential; `None` for any number. 2,000 unless set. One that is refused does not
    /// count, and is told in `Retry-After` when there is room: neither is documented. Ratepay documents
    /// no limit and has none; see [`Fault::too_many_requests`].
    #[must_use]
    pub fn pandadoc_requests_per_minute(mut self, limit: Option<u32>) -> Self {
        self.requests_per_minute = limit;
        self
    }

    /// How often PandaDoc posts a delivery that is not accepted, the first time included. 3 unless set,
    /// without a pause: that it tries again is documented
    /// (<https://developers.pandadoc.com/docs/webhook-deduplication>), how often and when is not.
    ///
    /// # Panics
    ///
    /// With 0: a delivery is posted once at least.
    #[must_use]
    #[track_caller]
    pub fn delivery_attempts(mut self, attempts: u32) -> Self {
        assert!(
            attempts > 0,
            "delivery_attempts: a delivery is posted once at least; give 1 or more"
        );
        self.delivery_attempts = attempts;
        self
    }

    /// Is told of every request that came whole, once it is known what becomes of it: before it is
    /// answered, so also where the client waits no longer.
    #[must_use]
    pub fn on_request(mut self, observer: impl Fn(&Exchange) + Send + Sync + 'static) -> Self {
        self.observer = Some(Box::new(observer));
        self
    }

    /// Starts it.
    ///
    /// # Errors
    ///
    /// No port can be had.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime with I/O and time.
    // Nothing is waited for today. A server that has to be is no reason to break callers.
    pub async fn start(self) -> io::Result<Simulator> {
        let shared = Arc::new(Shared::new(
            self.clock,
            self.requests_per_minute,
            self.delivery_attempts,
            self.observer,
        ));
        let serving = shared.clone();
        let server = Server::start(move |request| handle(serving.clone(), request))?;
        Ok(Simulator {
            base_url: format!("http://{}", server.address()),
            server,
            shared,
        })
    }
}

impl fmt::Debug for SimulatorBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimulatorBuilder")
            .field("clock", &self.clock)
            .field("pandadoc_requests_per_minute", &self.requests_per_minute)
            .field("delivery_attempts", &self.delivery_attempts)
            .finish_non_exhaustive()
    }
}

//! The simulator and its builder.
//!
//! A request passes through `listener`, `server`, `handler`, `received_request`, `router`,
//! `fault_injection` and the provider's backend.

pub(super) mod listener;
pub(super) mod recorded_request;

mod fault_injection;
mod handler;
mod late_application;
mod received_request;
mod router;
mod server;
mod state;

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use super::admin::activity::Activity;
use super::clock::Clock;
use super::deliveries::delivery::{Receivers, Retries};
use super::deliveries::recorded_delivery::{DeliveryObserver, RecordedDelivery};
use super::deliveries::report::DeliveryReport;
use super::deliveries::sender::DeliverySender;
use super::faults::delivery_fault::{DeliveryFault, DeliveryFaultHit};
use super::faults::injected_fault::InjectedFault;
use super::faults::request_fault::{Fault, FaultHit};
use super::operation::Operation;
use super::providers::pandadoc::backend::Backend;
use super::providers::pandadoc::simulated_pandadoc::SimulatedPandaDoc;
use super::providers::ratepay::simulated_ratepay::SimulatedRatepay;
use super::tasks::Tasks;
use handler::handle;
use listener::RefusedConnections;
use recorded_request::RecordedRequest;
use server::Server;
use state::{Observer, SimulatorState};

/// The default rate limit of one operation.
///
/// The value is PandaDoc's limit for listing, status and deletion
/// (<https://developers.pandadoc.com/reference/limits>). PandaDoc documents none for webhooks.
const REQUESTS_PER_MINUTE: u32 = 2_000;

/// How PandaDoc retries deliveries by default. PandaDoc documents retries, but neither how many nor when.
const RETRIES: Retries = Retries {
    max_attempts: 3,
    pause: Duration::ZERO,
};

/// A real HTTP server on this machine that behaves like PandaDoc and Ratepay.
///
/// The simulator keeps subscriptions, checks credentials and requests, responds with the documented statuses
/// and bodies, limits rates, and [delivers](SimulatedPandaDoc::deliver). [`Fault`] and [`DeliveryFault`]
/// inject failures. If a provider's documentation is silent, the documentation of the item says so.
///
/// Any number of independent simulators can run in one process. A simulator runs in tasks of the tokio
/// runtime that started it. Dropping it frees the port at once and ends its tasks.
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
    state: Arc<SimulatorState>,
    tasks: Tasks,
}

impl Simulator {
    /// Starts a simulator with the default settings.
    ///
    /// # Errors
    ///
    /// Returns an error if no port is free.
    ///
    /// # Panics
    ///
    /// Panics outside a tokio runtime with I/O and time enabled.
    pub async fn start() -> io::Result<Self> {
        Self::builder().start().await
    }

    /// Returns a builder for a simulator with other settings.
    #[must_use]
    pub fn builder() -> SimulatorBuilder {
        SimulatorBuilder {
            clock: Clock::running(),
            requests_per_minute: Some(REQUESTS_PER_MINUTE),
            retries: RETRIES,
            address: (Ipv4Addr::LOCALHOST, 0).into(),
            receivers: Receivers::OfThisMachine,
            observer: None,
            delivery_observers: Vec::new(),
            admin: None,
        }
    }

    /// Returns PandaDoc's side of the simulator.
    #[must_use]
    pub fn pandadoc(&self) -> SimulatedPandaDoc<'_> {
        SimulatedPandaDoc::new(&self.state.pandadoc, &self.state.sender, &self.base_url)
    }

    /// Returns Ratepay's side of the simulator.
    #[must_use]
    pub fn ratepay(&self) -> SimulatedRatepay<'_> {
        SimulatedRatepay::new(&self.state.ratepay, &self.state.sender, &self.base_url)
    }

    /// Returns the URL of both APIs and both token endpoints. Their paths don't overlap.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Returns the simulator's clock.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.state.clock
    }

    /// Injects a fault, from the next request on. The returned handle tells what it did.
    pub fn inject(&self, fault: Fault) -> InjectedFault<FaultHit> {
        let times = fault.times;
        self.state.faults.inject(fault, times)
    }

    /// Injects a fault of deliveries, from the next delivery on. The returned handle tells what it did.
    pub fn inject_into_deliveries(&self, fault: DeliveryFault) -> InjectedFault<DeliveryFaultHit> {
        self.state.sender.inject(&fault)
    }

    /// Refuses connections and closes the open ones, until the returned value is dropped.
    ///
    /// After several calls, connections are refused until all returned values are dropped.
    ///
    /// # Errors
    ///
    /// Returns an error if the port can't be reserved in the meantime.
    pub async fn refuse_connections(&self) -> io::Result<RefusedConnections> {
        self.server.refuse_connections().await
    }

    /// Returns the number of requests for an operation so far, including those with faults.
    #[must_use]
    pub fn requests(&self, operation: Operation) -> u64 {
        self.state.requests(operation)
    }

    /// Sends the queued deliveries of both providers, one after the other.
    pub async fn deliver_queued(&self) -> Vec<DeliveryReport> {
        self.state.sender.deliver_queued().await
    }

    /// Stops the simulator. Waits until the port is released and all tasks have finished.
    ///
    /// Dropping it instead leaves the end of the tasks to the runtime.
    pub async fn stop(self) {
        self.server.stop().await;
        self.tasks.stop().await;
    }
}

/// Shows the base URL, and no credential.
impl fmt::Debug for Simulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulator")
            .field("base_url", &self.base_url)
            .finish_non_exhaustive()
    }
}

/// Starts a [`Simulator`] with the settings of a test.
///
/// ```
/// use webhook_subscriptions::testing::{Clock, Simulator};
/// use webhook_subscriptions::RetryPolicy;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let simulator = Simulator::builder()
///     .clock(Clock::stopped())
///     .pandadoc_requests_per_minute(Some(1))
///     .on_request(|request| println!("{request}"))
///     .start()
///     .await?;
/// let client = simulator.pandadoc().client_builder().retry(RetryPolicy::none()).build()?;
///
/// client.list_webhook_subscriptions().await?;
/// let error = client.list_webhook_subscriptions().await.unwrap_err();
/// assert_eq!(error.status(), Some(http::StatusCode::TOO_MANY_REQUESTS));
/// # Ok(()) }
/// ```
pub struct SimulatorBuilder {
    clock: Clock,
    requests_per_minute: Option<u32>,
    retries: Retries,
    address: SocketAddr,
    receivers: Receivers,
    observer: Option<Observer>,
    delivery_observers: Vec<DeliveryObserver>,
    /// The names of the control API, if there is one.
    admin: Option<Vec<String>>,
}

impl SimulatorBuilder {
    /// Sets the clock. The default is [`Clock::running`].
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Sets PandaDoc's rate limit; `None` removes it. The default is 2,000.
    ///
    /// The limit is the number of requests that a user with a production credential may send to one
    /// operation in any 60 seconds. A rejected request doesn't count, and its `Retry-After` says when the
    /// next one is allowed. PandaDoc documents neither. Ratepay documents no limit and has none here; see
    /// [`Fault::too_many_requests`].
    #[must_use]
    pub fn pandadoc_requests_per_minute(mut self, limit: Option<u32>) -> Self {
        self.requests_per_minute = limit;
        self
    }

    /// Sets how often PandaDoc posts a delivery that isn't accepted, including the first attempt.
    ///
    /// The default is 3. [`delivery_retry_pause`](Self::delivery_retry_pause) sets the pause between them.
    /// PandaDoc documents that it retries
    /// (<https://developers.pandadoc.com/docs/webhook-deduplication>), but not how often or when.
    ///
    /// # Panics
    ///
    /// Panics if `attempts` is 0.
    #[must_use]
    #[track_caller]
    pub fn delivery_attempts(mut self, attempts: u32) -> Self {
        assert!(
            attempts > 0,
            "`attempts` is 0; a delivery needs at least 1 attempt"
        );
        self.retries.max_attempts = attempts;
        self
    }

    /// Sets the pause between two of PandaDoc's attempts to post a delivery, by the simulator's clock.
    ///
    /// The default is no pause. PandaDoc documents no time, and whether it heeds `Retry-After` isn't
    /// documented either; the simulator ignores that header.
    #[must_use]
    pub fn delivery_retry_pause(mut self, pause: Duration) -> Self {
        self.retries.pause = pause;
        self
    }

    /// Sets the address to listen on. The default is a free port of `127.0.0.1`.
    ///
    /// Port 0 takes a free one. With an address that other machines can reach, each of them can read and
    /// change everything here, without encryption.
    #[must_use]
    pub fn address(mut self, address: SocketAddr) -> Self {
        self.address = address;
        self
    }

    /// Allows subscriptions and deliveries to `http` URLs of other machines, such as another container.
    ///
    /// By default, the simulator delivers only to loopback addresses. It never delivers to `https` URLs.
    #[must_use]
    pub fn deliver_beyond_loopback(mut self) -> Self {
        self.receivers = Receivers::Anywhere;
        self
    }

    /// Adds the control API and its page under `/__admin/`, for tests in other languages. By default, there
    /// is none.
    ///
    /// The API does what the methods of [`Simulator`] do, and needs no credential. The guide
    /// [Simulator](crate::docs::simulator) describes it. Requests of pages of other origins are rejected. So is a
    /// `Host` that is neither `localhost` nor an IP address nor an [`admin_host`](Self::admin_host).
    ///
    /// ```
    /// use webhook_subscriptions::testing::Simulator;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let simulator = Simulator::builder().admin().start().await?;
    /// println!("open {}/__admin/ in a browser", simulator.base_url());
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn admin(mut self) -> Self {
        self.admin.get_or_insert_default();
        self
    }

    /// Adds the control API, and a name by which it may be called, such as that of a container.
    #[must_use]
    pub fn admin_host(mut self, name: impl Into<String>) -> Self {
        self.admin.get_or_insert_default().push(name.into());
        self
    }

    /// Sets a callback for every attempt of a delivery, also of queued, steady and forged ones.
    ///
    /// The callback runs when the result of the attempt is known.
    #[must_use]
    pub fn on_delivery(
        mut self,
        observer: impl Fn(&RecordedDelivery) + Send + Sync + 'static,
    ) -> Self {
        self.delivery_observers = vec![Box::new(observer)];
        self
    }

    /// Sets a callback for every complete request.
    ///
    /// The callback runs after the simulator has decided on the result and before it responds. It therefore
    /// also sees a request whose client no longer waits.
    #[must_use]
    pub fn on_request(
        mut self,
        observer: impl Fn(&RecordedRequest) + Send + Sync + 'static,
    ) -> Self {
        self.observer = Some(Box::new(observer));
        self
    }

    /// Starts the simulator.
    ///
    /// # Errors
    ///
    /// Returns an error if the port isn't free, or the address isn't one of this machine.
    ///
    /// # Panics
    ///
    /// Panics outside a tokio runtime with I/O and time enabled.
    // Async although nothing is awaited today, so that awaiting something later isn't a breaking change.
    pub async fn start(self) -> io::Result<Simulator> {
        let pandadoc = Backend::new(self.requests_per_minute, self.retries, self.receivers);
        let tasks = Tasks::new();
        let mut observers = self.delivery_observers;
        let activity = |names| (Arc::new(Activity::new(self.clock.clone())), names);
        let admin = self.admin.map(activity);
        if let Some((activity, _)) = &admin {
            let activity = activity.clone();
            observers.push(Box::new(move |it| activity.record_delivery(it)));
        }
        let sender = DeliverySender::new(
            self.clock.clone(),
            tasks.spawner(),
            self.receivers,
            observers,
        );
        let mut state =
            SimulatorState::new(self.clock, pandadoc, sender, self.observer, tasks.spawner());
        if let Some((activity, names)) = admin {
            state.add_admin(activity, names);
        }
        let state = Arc::new(state);
        let handler_state = state.clone();
        let server = Server::start(self.address, move |request| {
            handle(handler_state.clone(), request)
        })?;
        Ok(Simulator {
            base_url: format!("http://{}", reachable(server.address())),
            server,
            state,
            tasks,
        })
    }
}

/// Returns an address that this machine can connect to. A server may listen on all of its addresses.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(match address.ip() {
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    address
}

impl fmt::Debug for SimulatorBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimulatorBuilder")
            .field("clock", &self.clock)
            .field("address", &self.address)
            .field("receivers", &self.receivers)
            .field("pandadoc_requests_per_minute", &self.requests_per_minute)
            .field("delivery_attempts", &self.retries.max_attempts)
            .field("delivery_retry_pause", &self.retries.pause)
            .finish_non_exhaustive()
    }
}

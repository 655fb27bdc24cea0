//! The handle of a rotation.

use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;

use http::request::Parts;
use tokio::sync::{mpsc, oneshot, Mutex};

use super::command::{Command, Ended, Request};
use super::driver::Driver;
use super::plan::Plan;
use super::state::State;
use super::status::Status;
use super::subscription::Rotatable;
#[cfg(feature = "tower")]
use crate::verify::VerifyLayer;
use crate::verify::{KeyRing, Refusal, Verified};

/// Rotates the signing key of one subscription, and verifies its deliveries.
///
/// A service uses it in three places:
///
/// - A task executes [`run`](Self::run), which does all the work. Without that, no key changes, and deliveries are
///   verified only with the keys that are known.
/// - The server verifies each delivery with `layer` (feature `tower`) or [`verify_request`](Self::verify_request).
/// - The health check asks [`is_ready`](Self::is_ready), and shows [`status`](Self::status).
///
/// ```no_run
/// use std::time::Duration;
/// use webhook_subscriptions::{pandadoc, rotate::FileStore, Rotation};
///
/// # async fn start() -> Result<(), Box<dyn std::error::Error>> {
/// let client = pandadoc::Client::builder()
///     .api_key(std::env::var("PANDADOC_API_KEY")?)
///     .build()?;
/// let rotation = Rotation::pandadoc(client, "d173751d-0057-4d5c-ab75-49a670a4ca68".parse()?)
///     .store(FileStore::open("/var/lib/shop/webhook-keys")?)
///     .every(Duration::from_secs(90 * 24 * 60 * 60))
///     .start()
///     .await?;
/// tokio::spawn(rotation.clone().run());
///
/// println!("{} keys are known", rotation.status().generations.len());
/// # Ok(()) }
/// ```
///
/// # Clones
///
/// A clone is cheap. Clones share everything: the keys, the record, the store and the schedule. So one clone runs
/// while others verify deliveries and take commands. Start one rotation for each subscription in a process: two that
/// were started separately don't share their keys in memory. Rotations of several subscriptions share one store: clone
/// it, since a folder is opened only once.
///
/// # The runtime
///
/// A rotation uses tokio's timers and makes requests. Outside a tokio runtime with I/O and time enabled, these
/// panic:
///
/// - [`start`](super::RotationBuilder::start), [`run`](Self::run), [`plan`](Self::plan), `missed` and the layer;
/// - [`verify_request`](Self::verify_request), if no accepted key made the signature.
pub struct Rotation<S: Rotatable>(pub(super) Arc<Inner<S>>);

pub(super) struct Inner<S: Rotatable> {
    pub(super) state: Arc<State<S>>,
    pub(super) commands: mpsc::Sender<Request>,
    pub(super) receiver: Mutex<mpsc::Receiver<Request>>,
    /// How many futures of [`Rotation::run`] there are.
    pub(super) runs: AtomicUsize,
}

/// The schedule isn't running, so nobody would do what was asked. Nothing was changed.
///
/// Spawn [`Rotation::run`], or wait for this and that at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the rotation isn't running, and nothing was changed; spawn `rotation.clone().run()` first"
)]
#[non_exhaustive]
pub struct NotRunning;

impl<S: Rotatable> Rotation<S> {
    /// Works until it is dropped: rotates when that is due, and goes on with what was interrupted.
    ///
    /// `run` also carries out [`rotate_now`](Self::rotate_now), [`revoke`](Self::revoke) and
    /// [`resume`](Self::resume), follows the store, and looks up unknown signatures. It never returns, so spawn
    /// it. No other part of a rotation works in the background.
    ///
    /// Dropping it is as harmless as a crash: everything that must not be lost is in the store before it is needed.
    /// A second call waits until the first has been dropped.
    ///
    /// ```no_run
    /// # async fn serve(rotation: webhook_subscriptions::Rotation<webhook_subscriptions::verify::PandaDoc>) {
    /// let running = tokio::spawn(rotation.clone().run());
    /// // ... serve until the service is told to stop ...
    /// running.abort();
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// The future panics outside a tokio runtime with I/O and time enabled.
    pub fn run(self) -> impl Future<Output = ()> + Send {
        // From the call on, not from the first poll, so that a command right after `spawn` is taken in.
        let running = Running::new(self.0);
        async move {
            let inner = &*running.0;
            let mut commands = inner.receiver.lock().await;
            let state = &*inner.state;
            let driver = Driver::new(state);
            tokio::join!(
                driver.run(&mut commands),
                state.look_when_asked(),
                state.follow_store(),
            );
        }
    }

    /// Rotates the key now, and waits for the end.
    ///
    /// The work is done by [`run`](Self::run). Dropping this future only gives up the wait. A new secret is sent
    /// to Ratepay only once every replica accepts it.
    ///
    /// It doesn't wait for the next attempt of the schedule. But another request is sent to PandaDoc only when the
    /// one before can't arrive any more, 130 seconds after its claim, even if PandaDoc rejected that one. After a lost
    /// answer, the end takes 10 seconds or more, until a read has shown the key. Ratepay's secret may be sent again,
    /// so a lost answer ends as [`Ended::Unsettled`] at once, and [`run`](Self::run) sends it again after a minute.
    ///
    /// [`Ended`] has an example.
    ///
    /// # Errors
    ///
    /// Returns an error if [`run`](Self::run) isn't running.
    pub async fn rotate_now(&self) -> Result<Ended, NotRunning> {
        self.command(Command::Rotate).await
    }

    /// Goes on after [`Attention`](super::Phase::Attention), or tries again at once what failed, and waits for the
    /// end.
    ///
    /// Call it once somebody has looked at [`Status::attention`] and fixed the cause. [`run`](Self::run) does the
    /// work.
    ///
    /// ```no_run
    /// # use webhook_subscriptions::{verify::PandaDoc, Rotation};
    /// # async fn fixed(rotation: Rotation<PandaDoc>) -> Result<(), Box<dyn std::error::Error>> {
    /// if let Some(attention) = rotation.status().attention {
    ///     println!("{attention}");
    ///     // ... once that is fixed ...
    ///     println!("{:?}", rotation.resume().await?);
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if [`run`](Self::run) isn't running.
    pub async fn resume(&self) -> Result<Ended, NotRunning> {
        self.command(Command::Resume).await
    }

    /// Stops accepting a key that leaked, and rotates at once if the provider may still sign with it.
    ///
    /// The key goes as soon as a newer one is known to be the provider's. Genuine deliveries that the provider still
    /// signs with the revoked key are rejected from then on. If there is a newer one already, this ends as
    /// [`Ended::Revoked`]. Otherwise it rotates, and ends as [`Ended::Rotated`] or as another rotation would.
    ///
    /// `generation` is the [number](super::Generation::number) of the key in the [`status`](Self::status). An unknown
    /// one ends as [`Ended::NotChanged`].
    ///
    /// ```no_run
    /// # use webhook_subscriptions::{verify::PandaDoc, Rotation};
    /// # async fn leaked(rotation: Rotation<PandaDoc>) -> Result<(), Box<dyn std::error::Error>> {
    /// // The current key is the last one.
    /// if let Some(current) = rotation.status().generations.last() {
    ///     println!("{:?}", rotation.revoke(current.number).await?);
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if [`run`](Self::run) isn't running.
    pub async fn revoke(&self, generation: u64) -> Result<Ended, NotRunning> {
        self.command(Command::Revoke(generation)).await
    }

    /// Tells what the schedule would do next. It only reads, from the store and from PandaDoc.
    ///
    /// A failed read of the provider is part of the plan. A failure of the store isn't: the plan is then made from the
    /// record that this process loaded last, and [`Status::store_error`] says why.
    ///
    /// ```no_run
    /// # use webhook_subscriptions::{verify::PandaDoc, Rotation};
    /// # async fn look_ahead(rotation: Rotation<PandaDoc>) {
    /// let plan = rotation.plan().await;
    /// match rotation.status().store_error {
    ///     None => print!("{plan}"),
    ///     Some(error) => print!("{error}; as of the last load:\n{plan}"),
    /// }
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// Panics outside a tokio runtime with I/O and time enabled.
    pub async fn plan(&self) -> Plan {
        Plan::new(&self.0.state).await
    }

    /// Returns the state of the rotation as this process sees it. It reads nothing.
    #[must_use]
    pub fn status(&self) -> Status {
        Status::new(&self.0.state, self.is_running())
    }

    /// Tells whether this process can decide about every delivery, for health checks.
    ///
    /// All of this must be true:
    ///
    /// - [`run`](Self::run) is running.
    /// - The other processes that share the store know of this one.
    /// - The latest use of the store succeeded.
    ///
    /// A rotation that stopped in [`Attention`](super::Phase::Attention) can be ready, because it accepts every key.
    ///
    /// ```no_run
    /// use http::StatusCode;
    /// use webhook_subscriptions::{verify::PandaDoc, Rotation};
    ///
    /// fn ready(rotation: &Rotation<PandaDoc>) -> StatusCode {
    ///     match rotation.is_ready() {
    ///         true => StatusCode::OK,
    ///         false => StatusCode::SERVICE_UNAVAILABLE,
    ///     }
    /// }
    /// ```
    #[must_use]
    pub fn is_ready(&self) -> bool {
        let state = &self.0.state;
        let has_joined = state.has_joined.load(Ordering::SeqCst);
        self.is_running() && has_joined && state.store_error().is_none()
    }

    /// Returns the keys that are accepted now. The rotation replaces them, so don't do it yourself.
    ///
    /// Verification with the ring alone rejects a delivery that is signed with a key which this process doesn't know
    /// yet. [`verify_request`](Self::verify_request) and `layer` look it up.
    #[must_use]
    pub fn ring(&self) -> KeyRing<S> {
        self.0.state.keys.ring.clone()
    }

    /// Verifies a delivery as `layer` (feature `tower`) does, for servers that don't use tower.
    ///
    /// `body` is the body as it was received. Limit its size and the time for reading it, which `layer` does too. If
    /// no accepted key made the signature, this function may wait for up to 10 seconds. In that time the store, or
    /// PandaDoc, tells whether there is a new key. PandaDoc waits 20 seconds for an answer.
    ///
    /// ```no_run
    /// use http::{request::Parts, Response, StatusCode};
    /// use webhook_subscriptions::verify::{PandaDoc, Refusal};
    /// use webhook_subscriptions::Rotation;
    ///
    /// async fn receive(rotation: &Rotation<PandaDoc>, head: &Parts, body: &[u8]) -> Response<()> {
    ///     let mut response = Response::new(());
    ///     match rotation.verify_request(head, body).await {
    ///         // The delivery is genuine. Store it, and answer with 200.
    ///         Ok(verified) => println!("{} bytes, signed with key {}", body.len(), verified.key_id()),
    ///         Err(refusal) => {
    ///             *response.status_mut() = refusal.status();
    ///             if let Refusal::NotDecided { retry_after } = refusal {
    ///                 let seconds = retry_after.as_secs().into();
    ///                 response.headers_mut().insert(http::header::RETRY_AFTER, seconds);
    ///             }
    ///         }
    ///     }
    ///     response
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// Returns the refusal to answer with: see [`Refusal::status`].
    ///
    /// # Panics
    ///
    /// Panics outside a tokio runtime with I/O and time enabled, if no accepted key made the signature.
    pub async fn verify_request(&self, head: &Parts, body: &[u8]) -> Result<Verified, Refusal> {
        self.0.state.verify_request(head, body).await
    }

    /// Returns a layer that lets genuine deliveries pass, whichever key they are signed with.
    ///
    /// Needs the feature `tower`. With axum:
    ///
    /// ```no_run
    /// use axum::{body::Bytes, extract::Extension, routing::post, Router};
    /// use webhook_subscriptions::verify::{PandaDoc, Verified};
    /// use webhook_subscriptions::Rotation;
    ///
    /// async fn delivered(Extension(verified): Extension<Verified>, body: Bytes) {
    ///     println!("{} bytes, signed with key {}", body.len(), verified.key_id());
    /// }
    ///
    /// fn app(rotation: &Rotation<PandaDoc>) -> Router {
    ///     Router::new().route("/hooks/pandadoc", post(delivered).layer(rotation.layer()))
    /// }
    /// ```
    #[cfg(feature = "tower")]
    #[must_use]
    pub fn layer(&self) -> VerifyLayer<S> {
        let state = self.0.state.clone();
        let clock = self.0.state.clone();
        VerifyLayer::new(self.ring())
            .clock(move || clock.time.now())
            .resolver(state)
    }

    fn is_running(&self) -> bool {
        self.0.runs.load(Ordering::SeqCst) > 0
    }

    async fn command(&self, command: Command) -> Result<Ended, NotRunning> {
        if !self.is_running() {
            return Err(NotRunning);
        }
        let (end, ended) = oneshot::channel();
        let sent = self.0.commands.send(Request { command, end }).await;
        sent.map_err(|_| NotRunning)?;
        if !self.is_running() {
            // The last `run` may have been dropped before the command was there.
            self.0.refuse_commands();
        }
        ended.await.map_err(|_| NotRunning)
    }
}

impl<S: Rotatable> Clone for Rotation<S> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<S: Rotatable> std::fmt::Debug for Rotation<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rotation")
            .field("name", &self.0.state.name())
            .field("is_running", &self.is_running())
            .finish_non_exhaustive()
    }
}

impl<S: Rotatable> Inner<S> {
    /// Drops the commands that wait, which tells their callers that nothing will be done.
    fn refuse_commands(&self) {
        // If it is locked, a `run` is there, and takes them in.
        if let Ok(mut commands) = self.receiver.try_lock() {
            while commands.try_recv().is_ok() {}
        }
    }
}

/// Says that the schedule is running, until it is dropped.
struct Running<S: Rotatable>(Arc<Inner<S>>);

impl<S: Rotatable> Running<S> {
    fn new(inner: Arc<Inner<S>>) -> Self {
        inner.runs.fetch_add(1, Ordering::SeqCst);
        Self(inner)
    }
}

impl<S: Rotatable> Drop for Running<S> {
    fn drop(&mut self) {
        if self.0.runs.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.0.refuse_commands();
        }
    }
}

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

/// Rotates the signing key of one subscription.
///
/// Clones share everything. A clone is cheap.
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
    /// Works on the schedule until it is dropped: rotates when that is due, goes on with what was interrupted, does
    /// what [`rotate_now`](Self::rotate_now) and its like ask for, and looks up unknown signatures.
    ///
    /// The crate spawns nothing, so spawn this. Dropping it is as harmless as a crash: everything that must not be
    /// lost is in the store before it is needed. A second call waits until the first has been dropped.
    pub fn run(self) -> impl Future<Output = ()> + Send {
        // From the call on, not from the first poll, so that a command right after `spawn` isn't refused.
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
    /// The work is done by [`run`](Self::run). Dropping this future only gives up the wait.
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
    /// # Errors
    ///
    /// Returns an error if [`run`](Self::run) isn't running.
    pub async fn resume(&self) -> Result<Ended, NotRunning> {
        self.command(Command::Resume).await
    }

    /// Stops accepting a key that leaked, and rotates at once if the provider may still sign with it.
    ///
    /// The key goes as soon as a newer one is known to be the provider's. Genuine deliveries that the provider still
    /// signs with the revoked key are rejected from then on.
    ///
    /// # Errors
    ///
    /// Returns an error if [`run`](Self::run) isn't running.
    pub async fn revoke(&self, generation: u64) -> Result<Ended, NotRunning> {
        self.command(Command::Revoke(generation)).await
    }

    /// Tells what the schedule would do next. It only reads, from the store and from PandaDoc.
    pub async fn plan(&self) -> Plan {
        Plan::new(&self.0.state).await
    }

    /// Returns the state of the rotation as this process sees it. It reads nothing.
    #[must_use]
    pub fn status(&self) -> Status {
        Status::new(&self.0.state, self.is_running())
    }

    /// Tells whether this process can decide about every delivery: the schedule is running, the other processes that
    /// share the store know of this one, and the latest use of the store succeeded. For health checks.
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
    /// `body` is the body as it was received. If no accepted key made the signature, this may wait for up to 10
    /// seconds until the store, or PandaDoc, tells whether there is a new key.
    ///
    /// # Errors
    ///
    /// Returns the refusal to answer with: see [`Refusal::status`].
    pub async fn verify_request(&self, head: &Parts, body: &[u8]) -> Result<Verified, Refusal> {
        self.0.state.verify_request(head, body).await
    }

    /// Returns a layer that lets genuine deliveries pass, whichever key they are signed with.
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

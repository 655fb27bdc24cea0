//! A process may end at any point. The next one completes the rotation, and no key is lost.
//!
//! The points are enumerated: whenever a record was stored, and whenever the provider has applied a request and its
//! answer is on its way. Nothing else outlives a process.

use std::future::pending;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::StatusCode;
use tokio::sync::watch;
use tokio::task::AbortHandle;
use webhook_subscriptions::rotate::{Phase, StartError, Store, StoredRecord, SwapError};
use webhook_subscriptions::testing::{Fault, MemoryStore, Simulator};
use webhook_subscriptions::verify::PandaDoc;
use webhook_subscriptions::{BoxFuture, Secret};

use crate::stores::forward;
use crate::world::{for_both_providers, Process, Side, World, DAY, HOUR, MINUTE, PERIOD, SECOND};

for_both_providers! {
    wherever_a_process_ends_the_next_one_completes_the_rotation
    wherever_two_processes_end_the_third_completes_the_rotation
    a_restart_needs_no_provider
    two_first_starts_at_once_share_a_record
}

/// Ends a process at one of its points.
#[derive(Clone)]
struct Crash(Arc<Inner>);

struct Inner {
    /// How many points the process may pass. `usize::MAX` stands for all.
    left: AtomicUsize,
    task: Mutex<Option<AbortHandle>>,
    crashed: watch::Sender<bool>,
}

impl Crash {
    fn never() -> Self {
        Self(Arc::new(Inner {
            left: AtomicUsize::new(usize::MAX),
            task: Mutex::default(),
            crashed: watch::Sender::default(),
        }))
    }

    /// Has the next process end when it has passed so many points.
    fn after(&self, points: usize) {
        *self.0.task.lock().unwrap() = None;
        self.0.crashed.send_replace(false);
        self.0.left.store(points, Ordering::SeqCst);
    }

    /// The process is at a point. Tells whether it ends here.
    fn is_here(&self) -> bool {
        let left = self.0.left.load(Ordering::SeqCst);
        if left > 0 {
            let is_limited = left < usize::MAX;
            self.0
                .left
                .store(left - usize::from(is_limited), Ordering::SeqCst);
            return false;
        }
        if let Some(task) = &*self.0.task.lock().unwrap() {
            task.abort();
        }
        self.0.crashed.send_replace(true);
        true
    }

    /// Ends the process, if it ends here.
    async fn point(&self) {
        if self.is_here() {
            pending().await
        }
    }

    fn has_crashed(&self) -> bool {
        *self.0.crashed.borrow()
    }

    async fn wait(&self) {
        let mut crashed = self.0.crashed.subscribe();
        crashed.wait_for(|crashed| *crashed).await.unwrap();
    }
}

/// A store that ends the process when a record is stored.
struct CrashingStore(MemoryStore, Crash);

impl Store for CrashingStore {
    forward! { 0: load }

    fn swap<'a>(
        &'a self,
        subscription: &'a str,
        record: &'a StoredRecord,
    ) -> BoxFuture<'a, Result<(), SwapError>> {
        Box::pin(async move {
            let swapped = self.0.swap(subscription, record).await;
            self.1.point().await;
            swapped
        })
    }
}

/// A world whose rotation is due, and whose processes crash.
struct Crashing<S: Side> {
    world: World<S>,
    crash: Crash,
    first: Secret,
}

impl<S: Side> Crashing<S> {
    async fn new() -> Self {
        let crash = Crash::never();
        let requested = crash.clone();
        let simulator = Simulator::builder().on_request(move |_| {
            requested.is_here();
        });
        let world = World::<S>::with(simulator).await;
        world.run_schedule().await.kill();
        world.clock.advance(PERIOD);
        let first = world.key();
        Self {
            world,
            crash,
            first,
        }
    }

    /// Starts a process. Returns `None` if it ends in its start.
    async fn start(&self) -> Option<Process<S>> {
        let store = CrashingStore(self.world.store.clone(), self.crash.clone());
        let builder = self.world.builder().store(store).every(PERIOD);
        let started = self.world.try_run_noting(builder, |task| {
            *self.crash.0.task.lock().unwrap() = Some(task);
        });
        tokio::select! {
            process = started => Some(process.unwrap()),
            () = self.crash.wait() => None,
        }
    }

    /// Lives until the rotation is complete. Returns whether it is, or `false` if the process ends before.
    async fn live(&self) -> bool {
        let Some(process) = self.start().await else {
            return false;
        };
        if process.generations().contains(&1) {
            self.check(&process, &self.first).await;
        }
        for step in STEPS {
            if self.crash.has_crashed() {
                return false;
            }
            if process.generations() == [2] && process.phase() == Phase::Steady {
                return true;
            }
            process.pass(*step).await;
            self.check(&process, &self.world.key()).await;
        }
        let has_crashed = self.crash.has_crashed();
        assert!(
            has_crashed,
            "the rotation doesn't end: {:#?}",
            process.status()
        );
        false
    }

    /// A genuine delivery is accepted, or answered so that it comes again.
    async fn check(&self, process: &Process<S>, key: &Secret) {
        let answer = process.deliver_for(10 * SECOND, key).await;
        assert_ne!(answer, StatusCode::FORBIDDEN, "{:#?}", process.status());
    }
}

/// A request settles within minutes, and is tried again after an hour. The old key goes after three days, and
/// PandaDoc's is read twice before, a minute apart.
const STEPS: &[Duration] = &[
    SECOND, MINUTE, MINUTE, MINUTE, HOUR, HOUR, DAY, DAY, DAY, MINUTE, MINUTE, MINUTE,
];

/// The provider has made one key. A request of Ratepay's may have been sent again.
fn check_requests<S: Side>(world: &World<S>, points: impl std::fmt::Debug) {
    assert_eq!(world.generation(), 2, "{points:?}");
    if S::CHANGE == PandaDoc::CHANGE {
        assert_eq!(world.changes(), 1, "{points:?}");
    }
}

async fn wherever_a_process_ends_the_next_one_completes_the_rotation<S: Side>() {
    for points in 0.. {
        let crashing = Crashing::<S>::new().await;
        crashing.crash.after(points);
        let is_complete = crashing.live().await;
        crashing.crash.after(usize::MAX);
        assert!(is_complete || crashing.live().await, "{points}");
        check_requests(&crashing.world, points);
        if is_complete {
            assert!(points > 10, "{points}");
            return;
        }
    }
}

async fn wherever_two_processes_end_the_third_completes_the_rotation<S: Side>() {
    for points in 0.. {
        for more in 0..3 {
            let crashing = Crashing::<S>::new().await;
            crashing.crash.after(points);
            if crashing.live().await {
                return;
            }
            crashing.crash.after(more);
            let is_complete = crashing.live().await;
            crashing.crash.after(usize::MAX);
            assert!(is_complete || crashing.live().await, "{points}, {more}");
            check_requests(&crashing.world, (points, more));
        }
    }
}

async fn a_restart_needs_no_provider<S: Side>() {
    let world = World::<S>::new().await;
    let process = world.run().await;
    let first = world.key();
    let _ = process.rotate().await;
    process.kill();
    let _refused = world.simulator.refuse_connections().await.unwrap();
    let process = world.run().await;
    for key in [&first, &world.key()] {
        assert_eq!(process.deliver(key).await, StatusCode::OK);
    }
}

async fn two_first_starts_at_once_share_a_record<S: Side>() {
    let world = World::<S>::new().await;
    let (one, two) = tokio::join!(world.run_schedule(), world.run_schedule());
    let versions = [one.status().version, two.status().version];
    let due = [one.status().next_at, two.status().next_at];
    assert_eq!((versions, due[0]), ([1, 1], due[1]));
}

#[tokio::test]
async fn a_first_start_without_pandadoc_is_an_error_that_stores_nothing() {
    let world = World::<PandaDoc>::new().await;
    world.simulator.inject(Fault::answer(StatusCode::FORBIDDEN));
    let started = world
        .try_run(world.builder().store(world.store.clone()))
        .await;
    assert!(matches!(started, Err(StartError::Provider(_))));
    assert_eq!(world.store.swaps(), 0);
}

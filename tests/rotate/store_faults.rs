//! A store fails. No key is lost, nothing is sent without a durable claim, and the health check says so.

use std::future::pending;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use http::StatusCode;
use serde_json::{json, Value};
use webhook_subscriptions::rotate::{
    Ended, Phase, Sealed, SealingKey, StartError, Store, StoreError, StoredRecord, SwapError,
};
use webhook_subscriptions::testing::{
    InjectedFault, MemoryStore, Simulator, StoreFault, StoreFaultHit,
};
use webhook_subscriptions::verify::{PandaDoc, Ratepay};
use webhook_subscriptions::{BoxFuture, Secret};

use crate::stores::forward;
use crate::support::run_clock_in_small_steps;
use crate::world::{
    for_both_providers, Process, Side, World, DAY, HOUR, MINUTE, PERIOD, SECOND, SETTLED,
};

for_both_providers! {
    a_rotation_is_complete_whichever_swap_fails
    every_change_is_sent_with_a_stored_claim
    while_the_store_is_unavailable_nothing_is_sent
    it_is_not_ready_while_the_store_is_unavailable
    known_keys_are_accepted_while_the_store_is_unavailable
    an_unknown_signature_is_not_decided_while_the_store_is_unavailable
    a_key_that_could_not_be_stored_is_accepted_and_stored_later
    a_start_without_a_store_is_an_error_and_changes_nothing
    a_record_that_cannot_be_used_is_an_error_at_the_start
    a_record_that_cannot_be_used_is_an_error_while_it_runs
    a_store_that_goes_on_returning_an_older_record_is_an_error
    a_record_that_is_gone_is_an_error
}

type Make = fn() -> StoreFault;

/// The faults of a swap.
const SWAP_FAULTS: [(&str, Make); 4] = [
    ("conflict", StoreFault::conflict),
    ("fail_before_storing", StoreFault::fail_before_storing),
    ("fail_after_storing", StoreFault::fail_after_storing),
    ("unavailable", StoreFault::unavailable),
];

/// A store that injects a fault before a swap of this number, which counts from 1.
#[derive(Clone)]
struct FaultAt {
    store: MemoryStore,
    fault: Make,
    times: u32,
    swap: usize,
    swaps: Arc<AtomicUsize>,
    injected: Arc<OnceLock<InjectedFault<StoreFaultHit>>>,
}

impl Store for FaultAt {
    forward! { store: load }

    fn swap<'a>(
        &'a self,
        subscription: &'a str,
        record: &'a StoredRecord,
    ) -> BoxFuture<'a, Result<(), SwapError>> {
        if self.swaps.fetch_add(1, Ordering::SeqCst) + 1 == self.swap {
            let fault = (self.fault)().times(self.times);
            self.injected.get_or_init(|| self.store.inject(fault));
        }
        self.store.swap(subscription, record)
    }
}

impl FaultAt {
    fn new(store: &MemoryStore, fault: Make, times: u32, swap: usize) -> Self {
        Self {
            store: store.clone(),
            fault,
            times,
            swap,
            swaps: Arc::default(),
            injected: Arc::default(),
        }
    }
}

/// Every swap of a whole rotation fails once, in every way, and five times in a row.
async fn a_rotation_is_complete_whichever_swap_fails<S: Side>() {
    for (name, fault) in SWAP_FAULTS {
        for times in [1, 5] {
            for swap in 2.. {
                let world = World::<S>::new().await;
                let store = FaultAt::new(&world.store, fault, times, swap);
                let builder = world.builder().store(store.clone()).every(PERIOD);
                let process = world.run_with(builder).await;
                complete_rotation(&world, &process, &format!("{name} {times} {swap}")).await;
                if store.injected.get().is_none() {
                    assert!(swap > 5, "{name}: only {swap}");
                    break;
                }
            }
        }
    }
}

/// Lives until a rotation is due, and on until the old key is dropped.
async fn complete_rotation<S: Side>(world: &World<S>, process: &Process<S>, case: &str) {
    let first = world.key();
    process.pass(PERIOD).await;
    process.live(MINUTE).await;
    for key in [&first, &world.key()] {
        let answer = process.deliver_for(10 * SECOND, key).await;
        assert_ne!(answer, StatusCode::FORBIDDEN, "{case}");
    }
    process.live(2 * MINUTE).await;
    process.deliver_for(10 * SECOND, &world.key()).await;
    process.live(2 * MINUTE).await;
    process.pass(4 * DAY).await;
    process.live(5 * MINUTE).await;
    let seen = (process.phase(), process.generations(), world.generation());
    assert_eq!(seen, (Phase::Steady, vec![2], 2), "{case}");
    assert!(process.is_ready(), "{case}");
}

/// A change is requested only while the newest record says so, whatever the store does.
async fn every_change_is_sent_with_a_stored_claim<S: Side>() {
    for (name, fault) in SWAP_FAULTS {
        for swap in 2..8 {
            let latest = Arc::new(Mutex::new(Value::Null));
            let phases = Arc::new(Mutex::new(Vec::new()));
            let (seen, requested) = (latest.clone(), phases.clone());
            let simulator = Simulator::builder().on_request(move |request| {
                if request.operation == Some(S::CHANGE) {
                    requested.lock().unwrap().push(seen.lock().unwrap().clone());
                }
            });
            let world = World::<S>::with(simulator).await;
            let store = FaultAt::new(&world.store, fault, 1, swap);
            let builder = world.builder().store(Seen(store, latest)).every(PERIOD);
            let process = world.run_with(builder).await;
            process.pass(PERIOD).await;
            process.pass(MINUTE).await;
            process.pass(HOUR).await;
            let phases = phases.lock().unwrap();
            let is_claim = |phase: &Value| phase.get("Calling").is_some();
            assert!(
                !phases.is_empty() && phases.iter().all(is_claim),
                "{name} {swap}: {phases:?}"
            );
        }
    }
}

/// A store that notes the phase of the newest record. No user should read it.
struct Seen<T>(T, Arc<Mutex<Value>>);

impl<T: Store> Store for Seen<T> {
    forward! { 0: load }

    fn swap<'a>(
        &'a self,
        subscription: &'a str,
        record: &'a StoredRecord,
    ) -> BoxFuture<'a, Result<(), SwapError>> {
        Box::pin(async move {
            let swapped = self.0.swap(subscription, record).await;
            if let Ok(Some(newest)) = self.0.load(subscription).await {
                let document = newest.document.expose_secret();
                let mut document: Value = serde_json::from_str(document).unwrap();
                *self.1.lock().unwrap() = document["record"]["phase"].take();
            }
            swapped
        })
    }
}

/// A rotation whose store is unavailable, until the fault is removed.
async fn unavailable<S: Side>() -> (World<S>, Process<S>, InjectedFault<StoreFaultHit>) {
    let world = World::<S>::new().await;
    let process = world.run_schedule().await;
    process.pass(SETTLED).await;
    let fault = world.store.inject(StoreFault::unavailable());
    (world, process, fault)
}

async fn while_the_store_is_unavailable_nothing_is_sent<S: Side>() {
    let (world, process, fault) = unavailable::<S>().await;
    let ended = process.rotate().await;
    assert!(matches!(ended, Ended::NotChanged { .. }), "{ended:?}");
    process.pass(100 * DAY).await;
    let unsent = world.changes();
    fault.remove();
    process.pass(MINUTE).await;
    assert_eq!((unsent, world.changes(), world.generation()), (0, 1, 2));
}

async fn it_is_not_ready_while_the_store_is_unavailable<S: Side>() {
    let (_world, process, fault) = unavailable::<S>().await;
    let before = process.is_ready();
    let _ = process.rotate().await;
    let meanwhile = process.is_ready();
    fault.remove();
    process.pass(MINUTE).await;
    assert_eq!((before, meanwhile, process.is_ready()), (true, false, true));
}

async fn known_keys_are_accepted_while_the_store_is_unavailable<S: Side>() {
    let (world, process, _fault) = unavailable::<S>().await;
    let _ = process.rotate().await;
    assert_eq!(process.deliver(&world.key()).await, StatusCode::OK);
}

async fn an_unknown_signature_is_not_decided_while_the_store_is_unavailable<S: Side>() {
    let (_world, process, fault) = unavailable::<S>().await;
    let unknown = Secret::from("unknown");
    let meanwhile = process.deliver(&unknown).await;
    fault.remove();
    process.pass(MINUTE).await;
    let decided = process.deliver(&unknown).await;
    assert_eq!(
        (meanwhile, decided),
        (StatusCode::SERVICE_UNAVAILABLE, StatusCode::FORBIDDEN)
    );
}

async fn a_key_that_could_not_be_stored_is_accepted_and_stored_later<S: Side>() {
    let store = MemoryStore::new();
    let fault = Arc::new(OnceLock::new());
    let (broken, injected) = (store.clone(), fault.clone());
    let simulator = Simulator::builder().on_request(move |request| {
        if request.operation == Some(S::CHANGE) {
            injected.get_or_init(|| broken.inject(StoreFault::unavailable()));
        }
    });
    let world = World::<S> {
        store,
        ..World::with(simulator).await
    };
    let process = world.run().await;
    let first = world.key();
    let rotation = process.rotation();
    let rotating = tokio::spawn(async move { rotation.rotate_now().await });
    process.settled().await;
    process.pass(MINUTE).await;
    assert_eq!(world.generation(), 2);
    for key in [&first, &world.key()] {
        assert_eq!(process.deliver(key).await, StatusCode::OK);
    }
    fault.get().unwrap().remove();
    process.pass(MINUTE).await;
    assert_eq!(
        rotating.await.unwrap().unwrap(),
        Ended::Rotated { generation: 2 }
    );
    process.kill();
    let requests = world.requests();
    let process = world.run().await;
    for key in [&first, &world.key()] {
        assert_eq!(process.deliver(key).await, StatusCode::OK);
    }
    assert_eq!(world.requests(), requests);
}

/// Tries to start a rotation, and returns the error.
async fn start_error<S: Side, T: Store>(world: &World<S>, store: T) -> StartError {
    match world.try_run(world.builder().store(store)).await {
        Ok(process) => panic!("{:?}", process.status()),
        Err(error) => error,
    }
}

async fn a_start_without_a_store_is_an_error_and_changes_nothing<S: Side>() {
    let world = World::<S>::new().await;
    world.store.inject(StoreFault::unavailable());
    let error = start_error(&world, world.store.clone()).await;
    assert!(matches!(error, StartError::Store(_)), "{error:?}");
    assert_eq!(world.requests(), 0);
}

/// Documents that aren't a record, made of one that is, and what the error says.
fn unusable(good: &Secret) -> Vec<(&'static str, String, &'static str)> {
    let good = good.expose_secret();
    let changed = |pointer: &str, to: Value| {
        let mut document: Value = serde_json::from_str(good).unwrap();
        *document.pointer_mut(pointer).unwrap() = to;
        document.to_string()
    };
    let not_ours = "isn't what this crate writes";
    let half = good[..good.len() / 2].to_owned();
    let with_key = good.replace("Steady", &half);
    vec![
        ("nothing", String::new(), not_ours),
        ("half of it", half.clone(), not_ours),
        ("two of it", format!("{good}{good}"), not_ours),
        ("a text", json!(good).to_string(), not_ours),
        (
            "another phase",
            changed("/record/phase", json!(good)),
            not_ours,
        ),
        ("a phase of other JSON", with_key, not_ours),
        ("no number", changed("/record/epoch", Value::Null), not_ours),
        (
            "a newer format",
            changed("/format", json!(2)),
            "has format 2",
        ),
        ("no keys", changed("/record/keys", json!([])), "has 0 keys"),
        (
            "an invisible key",
            changed("/record/keys/0/key", json!(" ")),
            "invisible",
        ),
        ("sealed", format!("sealed-v1.01234567.{good}"), "is sealed"),
    ]
}

async fn stored<S: Side>(world: &World<S>) -> StoredRecord {
    let record = world.store.load(&S::record(&world.subscription)).await;
    record.unwrap().unwrap()
}

/// Puts a document in the place of the record, as another process would.
async fn put<S: Side>(world: &World<S>, document: impl Into<Secret>) {
    let record = StoredRecord {
        version: stored(world).await.version + 1,
        document: document.into(),
    };
    let subscription = S::record(&world.subscription);
    world.store.swap(&subscription, &record).await.unwrap();
}

async fn a_record_that_cannot_be_used_is_an_error_at_the_start<S: Side>() {
    let world = World::<S>::new().await;
    world.run().await.kill();
    let good = stored(&world).await;
    for (name, document, says) in unusable(&good.document) {
        put(&world, document).await;
        let error = start_error(&world, world.store.clone()).await.to_string();
        assert!(error.contains(says), "{name}: {error}");
        let key = world.key();
        assert!(!error.contains(key.expose_secret()), "{name}: {error}");
    }
}

/// Somebody put it in the place of the record. The keys that are known go on being accepted.
async fn a_record_that_cannot_be_used_is_an_error_while_it_runs<S: Side>() {
    let world = World::<S>::new().await;
    let process = world.run().await;
    let good = stored(&world).await;
    // A delivery has the store loaded.
    let unknown = Secret::from("unknown");
    for (name, document, says) in unusable(&good.document) {
        put(&world, document).await;
        process.pass(MINUTE).await;
        let unknown_meanwhile = process.deliver(&unknown).await.as_u16();
        let error = process.status().store_error.unwrap_or_default();
        assert!(error.contains(says), "{name}: {error:?}");
        let known = process.deliver(&world.key()).await.as_u16();
        let seen = (process.is_ready(), known, unknown_meanwhile);
        assert_eq!(seen, (false, 200, 503), "{name}");
        put(&world, good.document.clone()).await;
        process.pass(MINUTE).await;
        let unknown_later = process.deliver(&unknown).await.as_u16();
        assert_eq!((process.is_ready(), unknown_later), (true, 403), "{name}");
    }
}

async fn a_store_that_goes_on_returning_an_older_record_is_an_error<S: Side>() {
    let world = World::<S>::new().await;
    let process = world.run().await;
    let _ = process.rotate().await;
    process.pass(SETTLED).await;
    let stale = world.store.inject(StoreFault::stale());
    let answer = process.deliver(&Secret::from("unknown")).await;
    let error = process.status().store_error.unwrap_or_default();
    assert!(error.contains("an old one came back"), "{error:?}");
    let seen = (answer, process.generations());
    assert_eq!(seen, (StatusCode::SERVICE_UNAVAILABLE, vec![1, 2]));
    stale.remove();
    process.pass(MINUTE).await;
    assert!(process.is_ready());
}

/// A store that can be made to hang, or to have lost its records.
#[derive(Clone, Default)]
struct Broken {
    store: MemoryStore,
    hangs: Arc<AtomicBool>,
    is_empty: Arc<AtomicBool>,
}

impl Broken {
    async fn hang(&self) {
        if self.hangs.load(Ordering::SeqCst) {
            pending().await
        }
    }
}

impl Store for Broken {
    fn load<'a>(
        &'a self,
        subscription: &'a str,
    ) -> BoxFuture<'a, Result<Option<StoredRecord>, StoreError>> {
        Box::pin(async move {
            self.hang().await;
            match self.is_empty.load(Ordering::SeqCst) {
                true => Ok(None),
                false => self.store.load(subscription).await,
            }
        })
    }

    fn swap<'a>(
        &'a self,
        subscription: &'a str,
        record: &'a StoredRecord,
    ) -> BoxFuture<'a, Result<(), SwapError>> {
        Box::pin(async move {
            self.hang().await;
            match self.is_empty.load(Ordering::SeqCst) {
                true => Err(SwapError::Conflict),
                false => self.store.swap(subscription, record).await,
            }
        })
    }
}

async fn a_record_that_is_gone_is_an_error<S: Side>() {
    let world = World::<S>::new().await;
    let store = Broken::default();
    let process = world.run_with(world.builder().store(store.clone())).await;
    process.pass(SETTLED).await;
    store.is_empty.store(true, Ordering::SeqCst);
    let answer = process.deliver(&Secret::from("unknown")).await;
    let error = process.status().store_error.unwrap_or_default();
    assert!(error.contains("the record is gone"), "{error:?}");
    let known = process.deliver(&world.key()).await;
    let seen = (answer, known, process.is_ready());
    let expected = (StatusCode::SERVICE_UNAVAILABLE, StatusCode::OK, false);
    assert_eq!(seen, expected);
    store.is_empty.store(false, Ordering::SeqCst);
    process.pass(MINUTE).await;
    assert!(process.is_ready());
}

/// A store that hangs, and a process that has waited for it in vain.
async fn hanging<S: Side>() -> (World<S>, Process<S>, Broken) {
    run_clock_in_small_steps();
    let world = World::<S>::new().await;
    let store = Broken::default();
    let process = world.run_with(world.builder().store(store.clone())).await;
    store.hangs.store(true, Ordering::SeqCst);
    let ended = process.rotate().await;
    let Ended::NotChanged { reason } = &ended else {
        panic!("{ended:?}");
    };
    assert!(reason.contains("longer than 10s"), "{reason}");
    (world, process, store)
}

#[tokio::test(start_paused = true)]
async fn a_store_that_hangs_is_given_up_after_ten_seconds() {
    let (world, process, _store) = hanging::<PandaDoc>().await;
    let seen = (process.is_ready(), process.deliver(&world.key()).await);
    assert_eq!(seen, (false, StatusCode::OK));
}

#[tokio::test(start_paused = true)]
async fn an_unknown_signature_is_not_decided_while_the_store_hangs() {
    let (_world, process, _store) = hanging::<Ratepay>().await;
    let answer = process.deliver(&Secret::from("unknown")).await;
    assert_eq!(answer, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_hangs_no_more_is_used_again() {
    let (world, process, store) = hanging::<PandaDoc>().await;
    store.hangs.store(false, Ordering::SeqCst);
    process.pass(MINUTE).await;
    let ended = process.rotate().await;
    let seen = (ended, process.is_ready(), world.generation());
    assert_eq!(seen, (Ended::Rotated { generation: 2 }, true, 2));
}

#[tokio::test(start_paused = true)]
async fn a_start_with_a_store_that_hangs_is_an_error() {
    run_clock_in_small_steps();
    let world = World::<Ratepay>::new().await;
    let store = Broken::default();
    store.hangs.store(true, Ordering::SeqCst);
    let error = start_error(&world, store).await.to_string();
    assert!(error.contains("longer than 10s"), "{error}");
}

/// A store whose hint comes all the time.
struct Restless(MemoryStore);

impl Store for Restless {
    forward! { 0: load swap }

    fn changed<'a>(&'a self, _: &'a str, _: u64) -> BoxFuture<'a, ()> {
        Box::pin(async {})
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_changes_all_the_time_is_loaded_twenty_times_a_second() {
    let world = World::<Ratepay>::new().await;
    let store = Restless(world.store.clone());
    let _process = world.run_with(world.builder().store(store)).await;
    let before = world.store.loads();
    tokio::time::sleep(SECOND).await;
    let loads = world.store.loads() - before;
    assert!((15..=21).contains(&loads), "{loads}");
}

/// A store that was sealed is opened without its key.
#[tokio::test]
async fn a_sealed_record_without_its_key_is_an_error_that_says_so() {
    let world = World::<Ratepay>::new().await;
    let sealed = Sealed::new(world.store.clone(), SealingKey::generate());
    world.run_with(world.builder().store(sealed)).await.kill();
    let error = start_error(&world, world.store.clone()).await.to_string();
    assert!(error.contains("sealed"), "{error}");
    let other = Sealed::new(world.store.clone(), SealingKey::generate());
    let error = start_error(&world, other).await.to_string();
    assert!(error.contains("sealed with another key"), "{error}");
}

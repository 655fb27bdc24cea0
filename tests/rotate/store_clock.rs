//! A rotation goes by the clock of its store, which all processes share, unless it was given another one.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use webhook_subscriptions::rotate::{Sealed, SealingKey, Store, TimeSource};
use webhook_subscriptions::testing::{Clock, MemoryStore};
use webhook_subscriptions::verify::PandaDoc;
use webhook_subscriptions::Rotation;

use crate::stores::forward;
use crate::world::World;

/// A store with a clock.
struct Timed(MemoryStore, Clock);

impl Store for Timed {
    forward! { 0: load swap }

    fn clock(&self) -> Option<Box<dyn TimeSource>> {
        Some(Box::new(self.1.clone()))
    }
}

/// Returns a sealed store, and the time of its clock, which is far from that of this machine.
fn store() -> (Sealed<Timed>, SystemTime) {
    let clock = Clock::stopped();
    clock.advance(Duration::from_secs(1000 * 24 * 60 * 60));
    let time = whole(clock.now());
    let timed = Timed(MemoryStore::new(), clock);
    (Sealed::new(timed, SealingKey::from([1; 32])), time)
}

/// Returns when the rotation began.
fn begun(rotation: &Rotation<PandaDoc>) -> SystemTime {
    whole(rotation.status().since.unwrap())
}

/// Returns the time in whole milliseconds, as the record has it.
fn whole(time: SystemTime) -> SystemTime {
    let since = time.duration_since(UNIX_EPOCH).unwrap();
    UNIX_EPOCH + Duration::from_millis(since.as_millis() as u64)
}

#[tokio::test]
async fn the_clock_of_the_store_counts() {
    let world = World::<PandaDoc>::new().await;
    let (store, time) = store();
    let rotation = world.builder().store(store).start().await.unwrap();
    assert_eq!(begun(&rotation), time);
}

#[tokio::test]
async fn a_clock_that_was_given_overrides_that_of_the_store() {
    let world = World::<PandaDoc>::new().await;
    let (store, _) = store();
    let builder = world.builder().store(store).time(world.clock.clone());
    let rotation = builder.start().await.unwrap();
    assert_eq!(begun(&rotation), whole(world.clock.now()));
}

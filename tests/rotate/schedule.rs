//! A rotation is due after its period less up to a tenth, once, whatever is restarted in between.

use std::time::{Duration, SystemTime};

use webhook_subscriptions::rotate::Phase;
use webhook_subscriptions::verify::Ratepay;

use crate::world::{for_both_providers, Process, Side, World, DAY, HOUR, MILLISECOND, PERIOD};

for_both_providers! {
    it_is_due_up_to_a_tenth_before_its_period
    nothing_is_changed_before_it_is_due
    it_rotates_when_it_is_due
    the_next_rotation_counts_from_the_change
    a_restart_keeps_the_time
    restarts_rotate_nothing_that_is_not_due
    a_restart_after_the_time_rotates_once
    without_a_period_nothing_is_due
    a_period_that_is_set_later_counts_from_then
    a_shorter_period_counts_at_once
    a_longer_period_counts_from_the_next_change
    without_its_period_a_rotation_is_not_due_any_more
    a_rotation_that_is_due_while_two_keys_are_accepted_waits
    of_processes_that_share_a_store_one_rotates
}

fn next_at<S: Side>(process: &Process<S>) -> SystemTime {
    process.status().next_at.unwrap()
}

/// How long after `start` the next rotation is due.
fn due_after<S: Side>(process: &Process<S>, start: SystemTime) -> Duration {
    next_at(process).duration_since(start).unwrap()
}

/// A period less up to a tenth. The record counts whole milliseconds.
fn is_a_period(duration: Duration) -> bool {
    (PERIOD * 9 / 10 - MILLISECOND..=PERIOD).contains(&duration)
}

async fn it_is_due_up_to_a_tenth_before_its_period<S: Side>() {
    let world = World::<S>::new().await;
    let process = world.run_schedule().await;
    let due = due_after(&process, world.clock.now());
    assert!(is_a_period(due), "{due:?}");
}

#[tokio::test]
async fn services_that_start_together_do_not_rotate_together() {
    let world = World::<Ratepay>::new().await;
    let start = world.clock.now();
    let mut due = Vec::new();
    for _ in 0..64 {
        let builder = world
            .builder()
            .store(webhook_subscriptions::testing::MemoryStore::new());
        let process = world.run_with(builder.every(PERIOD)).await;
        due.push(due_after(&process, start));
    }
    // 64 even ones leave a fifth of the nine days unused less than once in a million times.
    let spread = *due.iter().max().unwrap() - *due.iter().min().unwrap();
    assert!(spread > PERIOD / 10 * 3 / 4, "{spread:?}");
}

async fn nothing_is_changed_before_it_is_due<S: Side>() {
    let world = World::<S>::new().await;
    let process = world.run_schedule().await;
    process
        .pass_until(next_at(&process) - MILLISECOND * 2)
        .await;
    assert_eq!((world.changes(), process.phase()), (0, Phase::Steady));
}

async fn it_rotates_when_it_is_due<S: Side>() {
    let world = World::<S>::new().await;
    let process = world.run_schedule().await;
    process.pass_until(next_at(&process) + MILLISECOND).await;
    let seen = (world.generation(), process.generations(), process.phase());
    assert_eq!(seen, (2, vec![1, 2], Phase::Overlap));
}

async fn the_next_rotation_counts_from_the_change<S: Side>() {
    let world = World::<S>::new().await;
    let process = world.run_schedule().await;
    process.pass(PERIOD).await;
    let due = due_after(&process, world.clock.now());
    assert!(is_a_period(due), "{due:?}");
}

async fn a_restart_keeps_the_time<S: Side>() {
    let world = World::<S>::new().await;
    let process = world.run_schedule().await;
    let before = next_at(&process);
    process.kill();
    world.clock.advance(DAY);
    assert_eq!(next_at(&world.run_schedule().await), before);
}

async fn restarts_rotate_nothing_that_is_not_due<S: Side>() {
    let world = World::<S>::new().await;
    for _ in 0..80 {
        world.run_schedule().await.kill();
        world.clock.advance(DAY);
    }
    assert_eq!((world.changes(), world.generation()), (0, 1));
}

async fn a_restart_after_the_time_rotates_once<S: Side>() {
    let world = World::<S>::new().await;
    world.run_schedule().await.kill();
    world.clock.advance(PERIOD);
    for _ in 0..5 {
        world.run_schedule().await.kill();
        world.clock.advance(HOUR);
    }
    assert_eq!((world.changes(), world.generation()), (1, 2));
}

async fn without_a_period_nothing_is_due<S: Side>() {
    let world = World::<S>::new().await;
    let process = world.run().await;
    process.pass(10 * PERIOD).await;
    assert_eq!((process.status().next_at, world.changes()), (None, 0));
}

/// The period is shorter than the time for which an unused key is accepted.
async fn a_rotation_that_is_due_while_two_keys_are_accepted_waits<S: Side>() {
    let world = World::<S>::new().await;
    let process = world
        .run_with(world.builder().store(world.store.clone()).every(10 * DAY))
        .await;
    process.pass(10 * DAY).await;
    process.pass(16 * DAY - HOUR).await;
    assert_eq!((process.phase(), world.generation()), (Phase::Overlap, 2));
    process.pass(HOUR).await;
    process.pass_until_phase(Phase::Overlap).await;
    assert_eq!((process.generations(), world.generation()), (vec![2, 3], 3));
}

async fn of_processes_that_share_a_store_one_rotates<S: Side>() {
    let world = World::<S>::new().await;
    let one = world.run_schedule().await;
    let two = world.run_schedule().await;
    let three = world.run_schedule().await;
    world.clock.advance(PERIOD);
    let mut seen = Vec::new();
    for process in [&one, &two, &three] {
        process.settled().await;
        // The others may have rotated meanwhile.
        process.pass(HOUR).await;
        let accepted = process.deliver(&world.key()).await.as_u16();
        seen.push((process.generations(), accepted));
    }
    assert_eq!(seen, vec![(vec![1, 2], 200); 3]);
    assert_eq!((world.changes(), world.generation()), (1, 2));
}

/// Starts a process with another period, after one with this period has run for a day.
async fn run_with_another<S: Side>(
    before: Option<Duration>,
    period: Option<Duration>,
) -> (World<S>, Process<S>) {
    let world = World::<S>::new().await;
    let start = |period: Option<Duration>| {
        let builder = world.builder().store(world.store.clone());
        world.run_with(match period {
            Some(period) => builder.every(period),
            None => builder,
        })
    };
    start(before).await.kill();
    world.clock.advance(DAY);
    let process = start(period).await;
    (world, process)
}

async fn a_period_that_is_set_later_counts_from_then<S: Side>() {
    let (world, process) = run_with_another::<S>(None, Some(PERIOD)).await;
    let due = due_after(&process, world.clock.now());
    assert!(is_a_period(due), "{due:?}");
}

async fn a_shorter_period_counts_at_once<S: Side>() {
    let (world, process) = run_with_another::<S>(Some(2 * PERIOD), Some(PERIOD)).await;
    let due = due_after(&process, world.clock.now());
    assert!(is_a_period(due), "{due:?}");
}

async fn a_longer_period_counts_from_the_next_change<S: Side>() {
    let (world, process) = run_with_another::<S>(Some(PERIOD), Some(2 * PERIOD)).await;
    let due = due_after(&process, world.clock.now() - DAY);
    assert!(is_a_period(due), "{due:?}");
}

async fn without_its_period_a_rotation_is_not_due_any_more<S: Side>() {
    let (world, process) = run_with_another::<S>(Some(PERIOD), None).await;
    process.pass(PERIOD).await;
    assert_eq!((process.status().next_at, world.changes()), (None, 0));
}

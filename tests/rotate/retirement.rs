//! When the old key is dropped, and when it isn't.
//!
//! Every time counts from the change of the key.

use std::time::Duration;

use axum::Router;
use http::StatusCode;
use serde_json::json;
use tokio::net::TcpListener;
use webhook_subscriptions::rotate::{Phase, RotationBuilder};
use webhook_subscriptions::testing::{Fault, MemoryStore, Operation, Simulator};
use webhook_subscriptions::verify::PandaDoc;

use crate::world::{
    for_both_providers, Process, Side, World, DAY, HOUR, MILLISECOND, MINUTE, SECOND,
};

for_both_providers! {
    the_old_key_goes_when_the_rule_says_so
    settings_change_the_rule
    a_match_that_is_a_minute_old_outlives_the_process
    silence_while_no_process_ran_does_not_count
    somebody_who_resumes_waits_for_the_new_key_as_long_again
    a_delivery_with_the_new_key_ends_the_wait_for_somebody
}

/// Deliveries that match one of the keys, and what becomes of the old key.
struct Pattern {
    name: &'static str,
    new_key_matches: &'static [Duration],
    old_key_matches: &'static [Duration],
    expected: Expected,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Expected {
    /// The key is kept until this time, and dropped then.
    DroppedAt(Duration),
    /// The key is kept until this time, and somebody must look then.
    AttentionAt(Duration),
}
use Expected::{AttentionAt, DroppedAt};

const JUST: Duration = MILLISECOND;
const fn days(days: u32) -> Duration {
    DAY.saturating_mul(days)
}
const fn before(time: Duration) -> Duration {
    time.saturating_sub(JUST)
}

const PATTERNS: &[Pattern] = &[
    Pattern {
        name: "no deliveries at all",
        new_key_matches: &[],
        old_key_matches: &[],
        expected: DroppedAt(days(16)),
    },
    Pattern {
        name: "the new key is used at once",
        new_key_matches: &[SECOND],
        old_key_matches: &[],
        expected: DroppedAt(days(3)),
    },
    Pattern {
        name: "the new key is used just before the silence is long enough",
        new_key_matches: &[before(days(3))],
        old_key_matches: &[],
        expected: DroppedAt(days(3)),
    },
    Pattern {
        name: "the new key is used late",
        new_key_matches: &[days(10)],
        old_key_matches: &[],
        expected: DroppedAt(days(10)),
    },
    Pattern {
        name: "queued deliveries have the old key",
        new_key_matches: &[SECOND],
        old_key_matches: &[HOUR, days(2)],
        expected: DroppedAt(days(5)),
    },
    Pattern {
        name: "the old key matches just before its silence is long enough",
        new_key_matches: &[SECOND],
        old_key_matches: &[before(days(3))],
        expected: DroppedAt(before(days(6))),
    },
    Pattern {
        name: "the old key matches again and again",
        new_key_matches: &[SECOND],
        old_key_matches: &[
            days(2),
            days(4),
            days(6),
            days(8),
            days(10),
            days(12),
            days(14),
        ],
        expected: DroppedAt(days(16)),
    },
    Pattern {
        name: "the new key is used at the end, and the old one all the time",
        new_key_matches: &[before(days(16))],
        old_key_matches: &[days(15)],
        expected: DroppedAt(days(16)),
    },
    Pattern {
        name: "only the old key is used",
        new_key_matches: &[],
        old_key_matches: &[days(10)],
        expected: AttentionAt(days(16)),
    },
    Pattern {
        name: "only the old key is used, once",
        new_key_matches: &[],
        old_key_matches: &[SECOND],
        expected: AttentionAt(days(16)),
    },
];

async fn the_old_key_goes_when_the_rule_says_so<S: Side>() {
    for pattern in PATTERNS {
        let world = World::<S>::new().await;
        check(&world, |builder| builder, pattern).await;
    }
}

async fn settings_change_the_rule<S: Side>() {
    type Set<S> = fn(RotationBuilder<S, MemoryStore>) -> RotationBuilder<S, MemoryStore>;
    let used = &[SECOND];
    let cases: [(Set<S>, Pattern); 5] = [
        (
            |builder| builder.min_silence(HOUR),
            Pattern {
                name: "a short silence leaves the shortest overlap",
                new_key_matches: used,
                old_key_matches: &[MINUTE],
                expected: DroppedAt(days(1)),
            },
        ),
        (
            |builder| builder.min_silence(HOUR).min_overlap(2 * HOUR),
            Pattern {
                name: "both are short",
                new_key_matches: used,
                old_key_matches: &[],
                expected: DroppedAt(HOUR.saturating_mul(2)),
            },
        ),
        (
            |builder| builder.min_overlap(5 * DAY),
            Pattern {
                name: "a long overlap",
                new_key_matches: used,
                old_key_matches: &[],
                expected: DroppedAt(days(5)),
            },
        ),
        (
            |builder| builder.max_overlap(5 * DAY),
            Pattern {
                name: "a short end, without deliveries",
                new_key_matches: &[],
                old_key_matches: &[],
                expected: DroppedAt(days(5)),
            },
        ),
        (
            |builder| builder.max_overlap(5 * DAY),
            Pattern {
                name: "a short end, and only the old key is used",
                new_key_matches: &[],
                old_key_matches: &[DAY],
                expected: AttentionAt(days(5)),
            },
        ),
    ];
    for (set, pattern) in cases {
        let world = World::<S>::new().await;
        check(&world, set, &pattern).await;
    }
}

async fn check<S: Side>(
    world: &World<S>,
    set: impl Fn(RotationBuilder<S, MemoryStore>) -> RotationBuilder<S, MemoryStore>,
    pattern: &Pattern,
) {
    let name = pattern.name;
    let process = world
        .run_with(set(world.builder().store(world.store.clone())))
        .await;
    let old = world.key();
    let _ = process.rotate().await;
    let (new, changed) = (world.key(), world.clock.now());
    let news = pattern.new_key_matches.iter().map(|at| (at, &new));
    let olds = pattern.old_key_matches.iter().map(|at| (at, &old));
    let mut deliveries: Vec<_> = news.chain(olds).collect();
    deliveries.sort_by_key(|(at, _)| *at);
    for (at, key) in deliveries {
        process.pass_until(changed + *at).await;
        assert_eq!(process.deliver(key).await, 200, "{name}: after {at:?}");
    }
    let (end, phase) = match pattern.expected {
        DroppedAt(end) => (end, Phase::Steady),
        AttentionAt(end) => (end, Phase::Attention),
    };
    if changed + before(end) > world.clock.now() {
        process.pass_until(changed + before(end)).await;
    }
    assert_eq!(process.phase(), Phase::Overlap, "{name}: just before");
    process.pass_until(changed + end).await;
    // A match is recorded within a minute, and PandaDoc's key is read twice first.
    for _ in 0..3 {
        process.pass(MINUTE).await;
    }
    let keys = if phase == Phase::Steady {
        vec![2]
    } else {
        vec![1, 2]
    };
    let seen = (process.phase(), process.generations());
    assert_eq!(seen, (phase, keys), "{name}");
}

async fn a_match_that_is_a_minute_old_outlives_the_process<S: Side>() {
    let world = World::<S>::new().await;
    let process = world.run().await;
    let _ = process.rotate().await;
    let matched = world.clock.now();
    process.deliver(&world.key()).await;
    process.pass(MINUTE).await;
    process.kill();
    let status = world.run().await.status();
    let last_match = status.generations[1].last_match.unwrap();
    // The record counts whole milliseconds.
    assert_eq!(matched.duration_since(last_match).unwrap().as_millis(), 0);
}

/// Deliveries that nobody received may have had the old key, and come again.
async fn silence_while_no_process_ran_does_not_count<S: Side>() {
    let world = World::<S>::new().await;
    let process = world.run().await;
    let _ = process.rotate().await;
    process.deliver(&world.key()).await;
    process.pass(HOUR).await;
    process.kill();
    world.clock.advance(days(5));
    let process = world.run().await;
    process.pass(before(days(3))).await;
    let just_before = process.phase();
    process.live(3 * MINUTE).await;
    assert_eq!(
        (just_before, process.phase()),
        (Phase::Overlap, Phase::Steady)
    );
}

/// A rotation whose new key was never used, while the old one was.
async fn unused<S: Side>(world: &World<S>) -> Process<S> {
    let process = world.run().await;
    let old = world.key();
    let _ = process.rotate().await;
    process.pass(days(8)).await;
    process.deliver(&old).await;
    process.pass(days(8)).await;
    assert_eq!(process.phase(), Phase::Attention);
    process
}

async fn somebody_who_resumes_waits_for_the_new_key_as_long_again<S: Side>() {
    let world = World::<S>::new().await;
    let process = unused(&world).await;
    let resumed = world.clock.now();
    let _ = process.end(process.resume()).await;
    process.pass_until(resumed + before(days(16))).await;
    let just_before = (process.phase(), process.generations());
    process.live(3 * MINUTE).await;
    // Nothing has used the old key since, either.
    let then = (process.phase(), process.generations());
    let expected = ((Phase::Overlap, vec![1, 2]), (Phase::Steady, vec![2]));
    assert_eq!((just_before, then), expected);
}

async fn a_delivery_with_the_new_key_ends_the_wait_for_somebody<S: Side>() {
    let world = World::<S>::new().await;
    let process = unused(&world).await;
    process.deliver(&world.key()).await;
    process.live(5 * MINUTE).await;
    assert_eq!(
        (process.phase(), process.generations()),
        (Phase::Steady, vec![2])
    );
}

const READ: Operation = Operation::DetailsWebhookSubscription;

/// A rotation whose old key is about to go, since nothing uses either key.
async fn retiring(world: &World<PandaDoc>) -> Process<PandaDoc> {
    let process = world.run().await;
    let _ = process.rotate().await;
    process.pass(days(16)).await;
    assert_eq!(process.phase(), Phase::Retiring);
    process
}

#[tokio::test]
async fn pandadoc_keys_go_after_two_reads_a_minute_apart() {
    let world = World::<PandaDoc>::new().await;
    let process = retiring(&world).await;
    let reads = world.simulator.requests(READ);
    process.pass(before(MINUTE)).await;
    let just_before = (process.phase(), world.simulator.requests(READ) - reads);
    process.pass(JUST).await;
    let then = (process.phase(), world.simulator.requests(READ) - reads);
    assert_eq!(
        (just_before, then),
        ((Phase::Retiring, 0), (Phase::Steady, 1))
    );
}

#[tokio::test]
async fn no_key_goes_while_pandadoc_cannot_be_read() {
    let world = World::<PandaDoc>::new().await;
    let process = retiring(&world).await;
    let fault = world
        .simulator
        .inject(Fault::service_unavailable(None).on(READ));
    process.pass(DAY).await;
    process.pass(DAY).await;
    let unread = process.phase();
    fault.remove();
    process.pass(MINUTE).await;
    assert_eq!((unread, process.phase()), (Phase::Retiring, Phase::Steady));
}

#[tokio::test]
async fn no_key_goes_if_the_second_read_shows_another_key() {
    let world = World::<PandaDoc>::new().await;
    let process = retiring(&world).await;
    let _ = world
        .simulator
        .pandadoc()
        .change_key_at_dashboard(&world.subscription);
    process.pass(MINUTE).await;
    assert_eq!(
        (process.phase(), process.generations()),
        (Phase::Overlap, vec![1, 2, 3])
    );
}

#[tokio::test]
async fn no_key_goes_if_it_matches_between_the_reads() {
    let world = World::<PandaDoc>::new().await;
    let old = world.key();
    let process = world.run().await;
    let _ = process.rotate().await;
    process.deliver(&world.key()).await;
    process.pass(days(3)).await;
    assert_eq!(process.phase(), Phase::Retiring);
    process.deliver(&old).await;
    process.pass(MINUTE).await;
    assert_eq!(
        (process.phase(), process.generations()),
        (Phase::Overlap, vec![1, 2])
    );
}

/// The new key signs deliveries that other processes receive. PandaDoc's history has them.
#[tokio::test]
async fn an_entry_of_the_history_counts_as_a_match_of_the_new_key() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hooks", listener.local_addr().unwrap());
    tokio::spawn(async { axum::serve(listener, Router::new().fallback(|| async {})).await });
    let world = World::<PandaDoc>::delivering_to(Simulator::builder(), &url).await;
    let process = world.run().await;
    let _ = process.rotate().await;
    let pandadoc = world.simulator.pandadoc();
    let delivered = pandadoc.deliver(&world.subscription, "document_updated", json!({}));
    assert_eq!(delivered.await.unwrap().status(), Some(StatusCode::OK));
    process.pass(HOUR).await;
    process.pass(days(3)).await;
    process.pass(MINUTE).await;
    assert_eq!(
        (process.phase(), process.generations()),
        (Phase::Steady, vec![2])
    );
}

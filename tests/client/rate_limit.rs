//! 2,000 calls at once, through one client, to a server that allows so many a minute.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::support::{
    self, response, run_clock_in_small_steps, Operation, Script, Server, PATIENCE, UUID,
};
use tokio::sync::Barrier;
use tokio::time::Instant;
use webhook_subscriptions::RetryPolicy;

const CALLS: usize = 2_000;
const MINUTE: Duration = Duration::from_secs(60);

/// A limit over the last 60 seconds, as PandaDoc describes its own.
struct SlidingMinute {
    allowed: usize,
    taken: VecDeque<Instant>,
}

impl SlidingMinute {
    /// None if the call is allowed, or in how many seconds one will be.
    fn take(&mut self) -> Option<u64> {
        let now = Instant::now();
        while self
            .taken
            .front()
            .is_some_and(|first| now - *first >= MINUTE)
        {
            self.taken.pop_front();
        }
        if self.taken.len() < self.allowed {
            self.taken.push_back(now);
            return None;
        }
        let left = MINUTE.saturating_sub(now - self.taken[0]);
        Some(left.as_secs_f64().ceil() as u64)
    }
}

/// How many calls succeeded, how many requests the server saw, and how long it all took.
async fn run(allowed: usize) -> (usize, usize, Duration) {
    run_clock_in_small_steps();
    let limit = Arc::new(Mutex::new(SlidingMinute {
        allowed,
        taken: VecDeque::new(),
    }));
    let success = response(200, &[], Operation::SharedKey.success());
    let mut server = Server::scripted(move |_| match limit.lock().unwrap().take() {
        None => Script::answer(success.clone()),
        Some(seconds) => {
            let seconds = seconds.to_string();
            Script::answer(response(429, &[("retry-after", &seconds)], ""))
        }
    })
    .await;
    let policy = RetryPolicy::default().deadline(Duration::from_secs(24 * 3_600));
    let client = support::pandadoc(&server.base_url(), PATIENCE).with_retry(policy);
    let start = Instant::now();
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..CALLS {
        let client = client.clone();
        calls.spawn(async move {
            let id = UUID.parse().unwrap();
            client
                .update_webhook_subscription_shared_key(&id)
                .await
                .is_ok()
        });
    }
    let succeeded = calls.join_all().await.into_iter().filter(|ok| *ok).count();
    (succeeded, server.requests(), start.elapsed())
}

async fn all_succeed_soon_and_without_many_requests_more(allowed: usize) {
    let (succeeded, requests, took) = run(allowed).await;
    // So many at once, and so many at each full minute.
    let least = MINUTE * u32::try_from(CALLS.div_ceil(allowed) - 1).unwrap();
    println!("{allowed} a minute: {succeeded} calls, {requests} requests, {took:?} of {least:?}");
    assert_eq!(succeeded, CALLS);
    assert!(requests * 10 <= CALLS * 11, "{requests} requests");
    assert!(took <= least.mul_f64(1.1), "{took:?}");
}

/// How many requests of one client are under way at a time once a burst of 16 was answered with 429.
#[tokio::test(start_paused = true)]
async fn a_burst_that_is_rejected_halves_the_requests_at_a_time_once() {
    run_clock_in_small_steps();
    let refusal = response(429, &[("retry-after", "0")], "");
    // Answers none of the burst before all of it is there.
    let (burst, stalled) = (Arc::new(Barrier::new(16)), Arc::new(AtomicUsize::new(0)));
    let counter = stalled.clone();
    let server = Server::scripted(move |number| match number {
        0..16 => Script::answer(refusal.clone()).meeting(&burst),
        _ => Script::stall().applying(&counter),
    })
    .await;
    let policy = RetryPolicy::default().deadline(Duration::from_secs(60));
    let client = support::pandadoc(&server.base_url(), Duration::from_secs(5)).with_retry(policy);
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..16 {
        let client = client.clone();
        calls.spawn(async move {
            let id = UUID.parse().unwrap();
            client
                .update_webhook_subscription_shared_key(&id)
                .await
                .is_ok()
        });
    }
    // Longer than any back-off, and not as long as the first of them takes to give up.
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(stalled.load(Ordering::SeqCst), 8);
}

#[tokio::test(start_paused = true)]
async fn with_50_calls_a_minute() {
    all_succeed_soon_and_without_many_requests_more(50).await;
}

#[tokio::test(start_paused = true)]
async fn with_300_calls_a_minute() {
    all_succeed_soon_and_without_many_requests_more(300).await;
}

#[tokio::test(start_paused = true)]
async fn with_1500_calls_a_minute() {
    all_succeed_soon_and_without_many_requests_more(1_500).await;
}

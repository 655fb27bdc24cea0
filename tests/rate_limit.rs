//! 2,000 calls at once, through one client, to a server that allows 300 a minute.

mod support;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use support::{response, run_clock_in_small_steps, Operation, Script, Server, PATIENCE, UUID};
use tokio::time::Instant;
use webhook_subscriptions::RetryPolicy;

const CALLS: usize = 2_000;
const PER_MINUTE: usize = 300;
const MINUTE: Duration = Duration::from_secs(60);

/// A limit over the last 60 seconds, as PandaDoc describes its own.
#[derive(Default)]
struct SlidingMinute(VecDeque<Instant>);

impl SlidingMinute {
    /// None if the call is allowed, or in how many seconds one will be.
    fn take(&mut self) -> Option<u64> {
        let now = Instant::now();
        while self.0.front().is_some_and(|first| now - *first >= MINUTE) {
            self.0.pop_front();
        }
        if self.0.len() < PER_MINUTE {
            self.0.push_back(now);
            return None;
        }
        let left = MINUTE.saturating_sub(now - self.0[0]);
        Some(left.as_secs_f64().ceil() as u64)
    }
}

/// How many calls succeeded, how many requests the server saw, and how long it all took.
async fn run() -> (usize, usize, Duration) {
    run_clock_in_small_steps();
    let limit = Arc::new(Mutex::new(SlidingMinute::default()));
    let success = response(200, &[], Operation::SharedKey.success());
    let mut server = Server::scripted(move |_| match limit.lock().unwrap().take() {
        None => Script::answer(success.clone()),
        Some(seconds) => {
            let seconds = seconds.to_string();
            Script::answer(response(429, &[("retry-after", &seconds)], ""))
        }
    })
    .await;
    let policy = RetryPolicy::default().deadline(Duration::from_secs(3_600));
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

#[tokio::test(start_paused = true)]
async fn all_succeed_soon_and_without_many_requests_more() {
    let (succeeded, requests, took) = run().await;
    // 300 at once, and 300 at each full minute.
    let least = MINUTE * u32::try_from(CALLS.div_ceil(PER_MINUTE) - 1).unwrap();
    println!("{succeeded} calls, {requests} requests, {took:?} of at least {least:?}");
    assert_eq!(succeeded, CALLS);
    assert!(requests * 10 <= CALLS * 11, "{requests} requests");
    assert!(took <= least.mul_f64(1.1), "{took:?}");
}

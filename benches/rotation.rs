//! Compares a matching delivery through `Rotation::layer` with the same through a `VerifyLayer` with a fixed ring. The
//! program also measures how long a delivery is held whose key the receiver doesn't know yet.
//!
//! Run it with `cargo bench --bench rotation`.
//!
//! Ratios are medians over pairs of rounds, taken in turn. Wall time is noisy, so read it and don't test it. The program
//! fails if the rotation's layer allocates more than the fixed one, or if a delivery isn't accepted.
//! `cargo test --bench rotation` tests that alone: it compiles without optimization, and measures each time once.

use std::alloc::System;
use std::convert::Infallible;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use stats_alloc::{Region, StatsAlloc, INSTRUMENTED_SYSTEM};
use tower::{service_fn, Layer, Service};
use webhook_subscriptions::rotate::Rotation;
use webhook_subscriptions::testing::{Clock, MemoryStore, Simulator};
use webhook_subscriptions::verify::{DeliveryBody, Key, KeyRing, PandaDoc, RingKey, VerifyLayer};
use webhook_subscriptions::Secret;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// How often allocations are counted.
const COUNTS: usize = 5;
/// How many bytes a round verifies, so rounds take about the same time.
const BYTES_PER_ROUND: usize = 256 << 10;
/// How many pairs of rounds are timed, and how often the key changes to see how long the first delivery with the new
/// one is held.
const MEASURED: (usize, usize) = (1_000, 200);

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

#[tokio::main]
async fn main() -> Result<ExitCode> {
    // Cargo passes this for `cargo bench` alone.
    let (rounds, changes) = match std::env::args().any(|argument| argument == "--bench") {
        true => MEASURED,
        false => (1, 1),
    };
    let simulator = Simulator::builder().clock(Clock::stopped()).start().await?;
    let pandadoc = simulator.pandadoc();
    let id = pandadoc.add_subscription(&"https://shop.example/hooks".parse()?);
    let rotation = Rotation::pandadoc(pandadoc.client_builder().build()?, id)
        .store(MemoryStore::new())
        .time(simulator.clock().clone())
        .start()
        .await?;
    let running = tokio::spawn(rotation.clone().run());
    let key = pandadoc.shared_key(&id).ok_or("no subscription")?;

    let mut fails = false;
    for size in [1 << 10, 64 << 10] {
        let body = body(size);
        let mut rotating = rotation.layer().layer(service_fn(accept));
        let ring = KeyRing::new([RingKey::new("fixed", Key::<PandaDoc>::new(&key)?)])?;
        let clock = simulator.clock().clone();
        let fixed = VerifyLayer::new(ring).clock(move || clock.now());
        let mut fixed = fixed.layer(service_fn(accept));
        let calls = BYTES_PER_ROUND / size;
        // One call each first, for the memory that is allocated once for each thread.
        round(1, &mut rotating, &key, &body).await;
        round(1, &mut fixed, &key, &body).await;
        // The schedule runs beside them and can only add to a count, so the least of each counts.
        let mut more = [usize::MAX; 2];
        for _ in 0..COUNTS {
            more[0] = more[0].min(allocations(calls, &mut rotating, &key, &body).await);
            more[1] = more[1].min(allocations(calls, &mut fixed, &key, &body).await);
        }
        let mut ratios = Vec::new();
        for _ in 0..rounds {
            let rotating = round(calls, &mut rotating, &key, &body).await;
            let fixed = round(calls, &mut fixed, &key, &body).await;
            ratios.push(rotating.as_secs_f64() / fixed.as_secs_f64());
        }
        ratios.sort_by(f64::total_cmp);
        println!("a matching delivery of {} KiB", size >> 10);
        println!("  time, rotation/fixed ring: {:.3}", ratios[rounds / 2]);
        println!(
            "  allocations:               {} and {} in {calls} calls",
            more[0], more[1]
        );
        fails |= more[0] > more[1];
    }

    let mut held = Vec::new();
    let mut layer = rotation.layer().layer(service_fn(accept));
    let body = body(1 << 10);
    for _ in 0..changes {
        // So that the next read is allowed, and the pause after the latest look at the store is over.
        simulator.clock().advance(Duration::from_secs(10));
        tokio::time::sleep(Duration::from_millis(60)).await;
        let key = pandadoc
            .change_key_at_dashboard(&id)
            .ok_or("no subscription")?;
        let start = Instant::now();
        let response = layer.call(signed(&key, &body)).await?;
        held.push(start.elapsed());
        fails |= response.status() != 200;
    }
    held.sort();
    println!("a delivery signed with a key that isn't known yet, in {changes} changes");
    println!("  held, median:              {:?}", held[changes / 2]);
    println!("  held, worst:               {:?}", held[changes - 1]);
    running.abort();
    Ok(match fails {
        true => ExitCode::FAILURE,
        false => ExitCode::SUCCESS,
    })
}

async fn accept(
    _: Request<DeliveryBody>,
) -> std::result::Result<Response<Full<Bytes>>, Infallible> {
    Ok(Response::new(Full::default()))
}

fn body(size: usize) -> Bytes {
    br#"{"event":"document_updated"},"#.iter().copied().cycle().take(size).collect()
}

fn signed(key: &Secret, body: &Bytes) -> Request<Full<Bytes>> {
    let key = Key::<PandaDoc>::new(key).unwrap();
    let target = key.sign(body).append_to("/hooks/pandadoc");
    Request::post(target).body(Full::new(body.clone())).unwrap()
}

/// The time of so many deliveries. The requests are made before.
async fn round<S, B>(calls: usize, service: &mut S, key: &Secret, body: &Bytes) -> Duration
where
    S: Service<Request<Full<Bytes>>, Response = Response<B>, Error = Infallible>,
{
    let requests: Vec<_> = (0..calls).map(|_| signed(key, body)).collect();
    let start = Instant::now();
    for request in requests {
        let Ok(response) = service.call(request).await;
        assert_eq!(response.status(), 200, "a genuine delivery was refused");
    }
    start.elapsed()
}

/// The allocations of so many deliveries, the requests' included.
async fn allocations<S, B>(calls: usize, service: &mut S, key: &Secret, body: &Bytes) -> usize
where
    S: Service<Request<Full<Bytes>>, Response = Response<B>, Error = Infallible>,
{
    let region = Region::new(ALLOCATOR);
    round(calls, service, key, body).await;
    let change = region.change();
    change.allocations + change.reallocations
}

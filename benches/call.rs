//! Compares three calls with the same calls written by hand on reqwest.
//!
//! Run it with `cargo bench --features tracing --bench call`. A regeneration opens a connection of its own, in this
//! crate and by hand. The other calls reuse one.
//!
//! The calls go to a server of this process that allocates nothing, so every counted allocation is a client's.
//! Allocations and bytes are the same at every run. The ratio of times is the median over pairs of rounds. Wall time
//! is noisy, so read it and don't test it. The program fails if a call takes more allocations
//! beyond those by hand than its limit.

use std::alloc::System;
use std::future::Future;
use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use reqwest::header::{HeaderValue, ACCEPT, AUTHORIZATION};
use serde::{Deserialize, Serialize};
use stats_alloc::{Region, StatsAlloc, INSTRUMENTED_SYSTEM};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use uuid::Uuid;
use webhook_subscriptions::ratepay::types::{SubscriptionId, SubscriptionRequest};
use webhook_subscriptions::ratepay::SigningSecret;
use webhook_subscriptions::{pandadoc, ratepay};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// How many allocations, growths included, a call may take more than the same call by hand.
const MORE_ALLOCATIONS: usize = 2;

const ROUNDS: usize = 200;
const CALLS_PER_ROUND: usize = 20;

/// A constant, which is cloned without an allocation. The text would be copied for each request.
const JSON: HeaderValue = HeaderValue::from_static("application/json");

const SHARED_KEY: &str = r#"{"shared_key":"DgwSJeYa2h5SCmzVZws2UM"}"#;
const SUBSCRIPTION: &str = r#"{"id":"d8znR1k1_0Kw305BsoPT","event_type":"INVOICE_INVOICE","secret":"6GHbLH4d1Nx3eIs5CyLHCW4HuFi1qttpNSDawHKHlW7kurTpaddarwEKDWUI59IU"}"#;

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let within = runtime.block_on(async { [regenerate().await, read().await, update().await] });
    match within {
        [true, true, true] => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

async fn regenerate() -> bool {
    #[derive(Deserialize)]
    struct Key {
        shared_key: String,
    }
    let base_url = serve(SHARED_KEY).await;
    let id = Uuid::from_u128(0xd173751d_0057_4d5c_ab75_49a670a4ca68);
    let client = pandadoc::Client::builder()
        .base_url(&base_url)
        .api_key("key")
        .build()
        .unwrap();
    let (http, authorization) = by_hand("API-Key key", |http| http.pool_max_idle_per_host(0));
    compare(
        "update_webhook_subscription_shared_key",
        || async {
            let answer = client.update_webhook_subscription_shared_key(&id).await;
            black_box(answer.unwrap().into_inner().shared_key);
        },
        || async {
            let url = format!("{base_url}/public/v1/webhook-subscriptions/{id}/shared-key");
            let answer = http
                .patch(url)
                .header(ACCEPT, JSON)
                .header(AUTHORIZATION, authorization.clone())
                .send()
                .await
                .unwrap()
                .error_for_status()
                .unwrap();
            let key: Key = answer.json().await.unwrap();
            black_box(key.shared_key);
        },
    )
    .await
}

async fn read() -> bool {
    #[derive(Deserialize)]
    struct Subscription {
        shared_key: Option<String>,
    }
    let base_url = serve(SHARED_KEY).await;
    let id = Uuid::from_u128(0xd173751d_0057_4d5c_ab75_49a670a4ca68);
    let client = pandadoc::Client::builder()
        .base_url(&base_url)
        .api_key("key")
        .build()
        .unwrap();
    let (http, authorization) = by_hand("API-Key key", |http| http);
    compare(
        "details_webhook_subscription",
        || async {
            let answer = client.details_webhook_subscription(&id).await;
            black_box(answer.unwrap().into_inner().shared_key);
        },
        || async {
            let answer = http
                .get(format!("{base_url}/public/v1/webhook-subscriptions/{id}"))
                .header(ACCEPT, JSON)
                .header(AUTHORIZATION, authorization.clone())
                .send()
                .await
                .unwrap()
                .error_for_status()
                .unwrap();
            let subscription: Subscription = answer.json().await.unwrap();
            black_box(subscription.shared_key);
        },
    )
    .await
}

async fn update() -> bool {
    #[derive(Serialize)]
    struct Request<'a> {
        event_type: &'a str,
        secret: &'a str,
        url: &'a str,
    }
    #[derive(Deserialize)]
    struct Subscription {
        id: Option<String>,
        url: Option<String>,
        event_type: Option<String>,
        secret: String,
    }
    let base_url = serve(SUBSCRIPTION).await;
    let id: SubscriptionId = "d8znR1k1_0Kw305BsoPT".parse().unwrap();
    let body = SubscriptionRequest {
        url: "https://shop.example/hooks/invoice".parse().unwrap(),
        event_type: "INVOICE_INVOICE".into(),
        secret: SigningSecret::generate(),
    };
    let client = ratepay::Client::builder()
        .base_url(&base_url)
        .access_token("jwt")
        .build()
        .unwrap();
    let (http, authorization) = by_hand("Bearer jwt", |http| http);
    compare(
        "update_subscription",
        || async {
            let answer = client.update_subscription(&id, &body).await;
            black_box(answer.unwrap().into_inner());
        },
        || async {
            let request = Request {
                event_type: &body.event_type,
                secret: body.secret.expose_secret(),
                url: body.url.as_str(),
            };
            let answer = http
                .put(format!("{base_url}/webhook/management/v1/{id}"))
                .header(ACCEPT, JSON)
                .header(AUTHORIZATION, authorization.clone())
                .json(&request)
                .send()
                .await
                .unwrap()
                .error_for_status()
                .unwrap();
            let Subscription {
                id,
                url,
                event_type,
                secret,
            } = answer.json().await.unwrap();
            black_box((id, url, event_type, secret));
        },
    )
    .await
}

/// Prepares what a careful caller would: a client with time-outs, and the value of the header.
fn by_hand(
    authorization: &'static str,
    pool: impl Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder,
) -> (reqwest::Client, HeaderValue) {
    let http = pool(reqwest::Client::builder())
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .user_agent("by hand")
        .connect_timeout(Duration::from_secs(10))
        .timeout(Duration::from_secs(30))
        .build()
        .unwrap();
    let mut authorization = HeaderValue::from_static(authorization);
    authorization.set_sensitive(true);
    (http, authorization)
}

/// Runs both in turn, prints the figures of each, and tells whether this crate stays within its limit.
async fn compare<A, B, Ours, Theirs>(name: &str, ours: Ours, theirs: Theirs) -> bool
where
    A: Future<Output = ()>,
    B: Future<Output = ()>,
    Ours: Fn() -> A,
    Theirs: Fn() -> B,
{
    // Connections are made and tables have grown before anything is counted.
    round(&ours).await;
    round(&theirs).await;
    let our_memory = memory(&ours).await;
    let their_memory = memory(&theirs).await;
    let mut ratios = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let our_time = round(&ours).await;
        let their_time = round(&theirs).await;
        ratios.push(our_time.as_secs_f64() / their_time.as_secs_f64());
    }
    ratios.sort_by(f64::total_cmp);
    println!("{name}");
    println!("  this crate:        {our_memory}");
    println!("  reqwest by hand:   {their_memory}");
    println!(
        "  time, ours/theirs: {:.3} (median of {ROUNDS} pairs)",
        ratios[ROUNDS / 2]
    );
    let more = our_memory
        .allocations
        .saturating_sub(their_memory.allocations);
    if more > MORE_ALLOCATIONS {
        println!("  {more} allocations more; the limit is {MORE_ALLOCATIONS}");
    }
    more <= MORE_ALLOCATIONS
}

async fn round<F: Future<Output = ()>>(call: impl Fn() -> F) -> Duration {
    let start = Instant::now();
    for _ in 0..CALLS_PER_ROUND {
        call().await;
    }
    start.elapsed()
}

struct Memory {
    allocations: usize,
    bytes: usize,
}

/// Returns the average of a round, rounded up.
async fn memory<F: Future<Output = ()>>(call: impl Fn() -> F) -> Memory {
    let region = Region::new(ALLOCATOR);
    round(call).await;
    let change = region.change();
    Memory {
        allocations: (change.allocations + change.reallocations).div_ceil(CALLS_PER_ROUND),
        bytes: change.bytes_allocated.div_ceil(CALLS_PER_ROUND),
    }
}

impl std::fmt::Display for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} allocations, {} bytes", self.allocations, self.bytes)
    }
}

/// Starts a server that gives every request the same answer, and allocates only to start.
///
/// The server runs on the thread of the clients. Otherwise most of the time would be that of waking another
/// core.
async fn serve(body: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let answer: &'static str = Box::leak(
        format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
        .into(),
    );
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer_all(stream, answer.as_bytes()));
        }
    });
    format!("http://{address}")
}

async fn answer_all(mut stream: TcpStream, answer: &[u8]) {
    stream.set_nodelay(true).unwrap();
    let mut buffer = [0; 4096];
    let mut filled = 0;
    loop {
        match stream.read(&mut buffer[filled..]).await {
            Ok(0) | Err(_) => return,
            Ok(n) => filled += n,
        }
        if is_complete(&buffer[..filled]) {
            filled = 0;
            if stream.write_all(answer).await.is_err() {
                return;
            }
        }
    }
}

/// Tells whether a request is complete. A body is a JSON object without objects in it.
fn is_complete(request: &[u8]) -> bool {
    request.ends_with(b"}") || !request.starts_with(b"PUT") && request.ends_with(b"\r\n\r\n")
}

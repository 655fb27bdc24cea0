//! Compares one verification with the bare HMAC on a prepared key, and with two crates that verify webhooks.
//!
//! Run it with `cargo run --release --manifest-path benches/verify/Cargo.toml`. With `-- --plot FILE.svg`, it draws
//! the times of more sizes instead. `svix` needs OpenSSL with its headers to build.
//!
//! The timed call of this crate reads the signature of a request and tries the keys of a ring. The time is an
//! argument of it. The bare HMAC has its signature as bytes, and one key. `standardwebhooks` and `svix` verify
//! deliveries in a format of their own, signed with HMAC-SHA256. They read the clock themselves, which takes a
//! hundredth of their time.
//!
//! Ratios are medians over pairs of rounds, taken in turn. So are the times in the picture. Wall time is noisy, so read it and don't test it. The
//! program fails if a verification allocates.

mod plot;

use std::alloc::System;
use std::env;
use std::error::Error;
use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use hmac::digest::KeyInit;
use hmac::{Hmac, Mac};
use http::request::{Builder, Parts};
use http::{HeaderMap, HeaderValue, Request};
use sha2::{Sha256, Sha512};
use stats_alloc::{Region, StatsAlloc, INSTRUMENTED_SYSTEM};
use webhook_subscriptions::verify::{Key, KeyRing, PandaDoc, Ratepay, RingKey, Scheme};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const ROUNDS: usize = 1000;
/// How many bytes a round verifies at most.
const BYTES_PER_ROUND: usize = 256 << 10;

const KEY: &str = "6GHbLH4d1Nx3eIs5CyLHCW4HuFi1qttpNSDawHKHlW7kurTpaddarwEKDWUI59IU";
const OTHER_KEY: &str = "uLbsmUz1Hn6gEZFmBgWUZsuJZQQVbuQnmT8uZcgkmHn2rD0CH30FDbJUSWPvzk4K";

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let arguments = Vec::from_iter(env::args().skip(1));
    let arguments = Vec::from_iter(arguments.iter().map(String::as_str));
    match arguments[..] {
        [] => Ok(print_ratios()),
        ["--plot", file] => plot::draw(file).map(|()| ExitCode::SUCCESS),
        _ => Err("usage: verify [--plot FILE.svg]".into()),
    }
}

/// Fails if a verification allocates.
fn print_ratios() -> ExitCode {
    let mut allocated = false;
    for size in [1 << 10, 64 << 10] {
        let body = body(size);
        let peers = Peers::new(&body);
        let bare_256 = bare::<Hmac<Sha256>>(&body);
        allocated |= compare("PandaDoc", &body, bare_256, &peers, pandadoc(&body));
        let bare_512 = bare::<Hmac<Sha512>>(&body);
        allocated |= compare("Ratepay", &body, bare_512, &peers, ratepay(&body));
    }
    match allocated {
        true => ExitCode::FAILURE,
        false => ExitCode::SUCCESS,
    }
}

fn body(size: usize) -> Vec<u8> {
    let event = br#"{"event":"document_updated"},"#;
    event.iter().copied().cycle().take(size).collect()
}

/// How PandaDoc's delivery of this body is verified.
fn pandadoc(body: &[u8]) -> impl Fn(&KeyRing<PandaDoc>, &[u8]) -> bool {
    let signature = key::<PandaDoc>(KEY).sign(body);
    let request = head(Request::post(signature.append_to("/hooks/pandadoc")));
    let now = SystemTime::now();
    move |ring, body| ring.verify_request(&request, body, now).is_ok()
}

/// How Ratepay's delivery of this body is verified.
fn ratepay(body: &[u8]) -> impl Fn(&KeyRing<Ratepay>, &[u8]) -> bool {
    let signature = key::<Ratepay>(KEY).sign(body).to_string();
    let request = head(Request::post("/hooks/ratepay").header(Ratepay::HEADER, signature));
    let now = SystemTime::now();
    move |ring, body| ring.verify_request(&request, body, now).is_ok()
}

fn key<S: Scheme>(text: &str) -> Key<S> {
    Key::new(text).unwrap()
}

fn ring<S: Scheme>(texts: &[&str]) -> KeyRing<S> {
    let end = UNIX_EPOCH + Duration::from_secs(1 << 40);
    KeyRing::new(texts.iter().map(|text| {
        RingKey::new(*text, key(text))
            .valid_from(UNIX_EPOCH)
            .valid_until(end)
    }))
    .unwrap()
}

fn head(request: Builder) -> Parts {
    request.body(()).unwrap().into_parts().0
}

fn value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap()
}

/// The least work: a prepared key, and the signature as bytes.
fn bare<M: Mac + KeyInit + Clone>(body: &[u8]) -> impl Fn(&[u8]) -> bool {
    let prepared = <M as KeyInit>::new_from_slice(KEY.as_bytes()).unwrap();
    let signature = prepared.clone().chain_update(body).finalize().into_bytes();
    move |body| {
        let hmac = prepared.clone().chain_update(body);
        hmac.verify_slice(black_box(&signature)).is_ok()
    }
}

/// The two other crates, with the same key, and a delivery in their format.
struct Peers {
    standardwebhooks: standardwebhooks::Webhook,
    svix: svix::webhooks::Webhook,
    headers: HeaderMap,
}

impl Peers {
    fn new(body: &[u8]) -> Self {
        let key = || KEY.as_bytes().to_vec();
        let standardwebhooks = standardwebhooks::Webhook::from_bytes(key()).unwrap();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let now = i64::try_from(now.as_secs()).unwrap();
        let signature = standardwebhooks.sign("msg_1", now, body).unwrap();
        let mut headers = HeaderMap::new();
        headers.insert("webhook-id", value("msg_1"));
        headers.insert("webhook-timestamp", now.into());
        headers.insert("webhook-signature", value(&signature));
        Self {
            standardwebhooks,
            svix: svix::webhooks::Webhook::from_bytes(key()).unwrap(),
            headers,
        }
    }

    fn standardwebhooks(&self, body: &[u8]) -> bool {
        self.standardwebhooks.verify(body, &self.headers).is_ok()
    }

    fn svix(&self, body: &[u8]) -> bool {
        self.svix.verify(body, &self.headers).is_ok()
    }
}

/// Prints the figures of one scheme and size, and tells whether a verification of this crate allocated.
fn compare<S: Scheme>(
    provider: &str,
    body: &[u8],
    bare: impl Fn(&[u8]) -> bool,
    peers: &Peers,
    ours: impl Fn(&KeyRing<S>, &[u8]) -> bool,
) -> bool {
    let (one, two) = (ring(&[KEY]), ring(&[OTHER_KEY, KEY]));
    let one_key = || ours(&one, body);
    let two_keys = || ours(&two, body);
    let bare = || bare(body);
    let standardwebhooks = || peers.standardwebhooks(body);
    let svix = || peers.svix(body);

    let calls = calls(body);
    // One call first, for the memory that is allocated once for each thread.
    round(1, one_key);
    let allocations = allocations(calls, one_key) + allocations(calls, two_keys);
    println!("{provider}, {} KiB", body.len() >> 10);
    let [time] = medians(calls, [&bare]);
    println!("  the bare HMAC:             {time:?}");
    println!(
        "  allocations, ours:         {allocations} in {} calls",
        2 * calls
    );
    let ratio = |a: &dyn Fn() -> bool, b: &dyn Fn() -> bool| ratio(calls, a, b);
    println!("  one key, ours/bare:        {:.3}", ratio(&one_key, &bare));
    println!(
        "  older of two, ours/bare:   {:.3}",
        ratio(&two_keys, &bare)
    );
    println!(
        "  standardwebhooks/one key:  {:.2}",
        ratio(&standardwebhooks, &one_key)
    );
    println!("  svix/one key:              {:.2}", ratio(&svix, &one_key));
    allocations > 0
}

/// So many calls that rounds take about the same time. A small body takes longer for each byte.
fn calls(body: &[u8]) -> usize {
    BYTES_PER_ROUND / body.len().max(1 << 10)
}

fn round(calls: usize, verify: impl Fn() -> bool) -> Duration {
    let start = Instant::now();
    for _ in 0..calls {
        assert!(black_box(verify()), "a delivery that is not genuine");
    }
    start.elapsed()
}

fn allocations(calls: usize, verify: impl Fn() -> bool) -> usize {
    let region = Region::new(ALLOCATOR);
    round(calls, verify);
    let change = region.change();
    change.allocations + change.reallocations
}

/// The time of one call of each.
fn medians<const N: usize>(calls: usize, verify: [&dyn Fn() -> bool; N]) -> [Duration; N] {
    let mut times = verify.map(|_| Vec::with_capacity(ROUNDS));
    for _ in 0..ROUNDS {
        for (times, verify) in times.iter_mut().zip(verify) {
            times.push(round(calls, verify));
        }
    }
    times.map(|mut times| {
        times.sort();
        times[ROUNDS / 2] / u32::try_from(calls).unwrap()
    })
}

/// The time of `a` by that of `b`.
fn ratio(calls: usize, a: impl Fn() -> bool, b: impl Fn() -> bool) -> f64 {
    let pair = |_| round(calls, &a).as_secs_f64() / round(calls, &b).as_secs_f64();
    let mut ratios: Vec<_> = (0..ROUNDS).map(pair).collect();
    ratios.sort_by(f64::total_cmp);
    ratios[ROUNDS / 2]
}

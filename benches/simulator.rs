//! Measures a simulator: requests a second, and the time of a start and of a stop.
//!
//! Run it with `cargo bench --no-default-features --bench simulator`. Client and server share two threads of one
//! process. The program fails if an answer is wrong, or if there are fewer than 5,000 requests a second. A start or
//! a stop of 5 ms fails, too.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::client::conn::http1::{handshake, SendRequest};
use hyper::Request;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use webhook_subscriptions::testing::{Operation, Simulator};

const CONNECTIONS: usize = 16;
const REQUESTS_PER_CONNECTION: usize = 4_000;
const STARTS: usize = 1_000;

/// The promises.
const REQUESTS_A_SECOND: f64 = 5_000.0;
const START_OR_STOP: Duration = Duration::from_millis(5);

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let kept = runtime.block_on(async {
        [
            requests("details of a subscription", "GET", "").await,
            requests("regeneration of a key", "PATCH", "/shared-key").await,
            starts().await,
        ]
    });
    match kept.iter().all(|kept| *kept) {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

async fn requests(name: &str, method: &'static str, rest: &'static str) -> bool {
    let simulator = Simulator::builder().pandadoc_requests_per_minute(None);
    let simulator = simulator.start().await.unwrap();
    let pandadoc = simulator.pandadoc();
    let id = pandadoc.add_subscription(&"https://shop.example/hooks".parse().unwrap());
    let path = format!("/public/v1/webhook-subscriptions/{id}{rest}");
    let authorization = format!("API-Key {}", pandadoc.api_key().expose_secret());
    let mut connections = JoinSet::new();
    let begin = Instant::now();
    for _ in 0..CONNECTIONS {
        let address = simulator.base_url().replace("http://", "");
        let (path, authorization) = (path.clone(), authorization.clone());
        connections.spawn(async move {
            let stream = TcpStream::connect(address).await.unwrap();
            stream.set_nodelay(true).unwrap();
            let (mut sender, connection) = handshake(TokioIo::new(stream)).await.unwrap();
            tokio::spawn(connection);
            let mut right = 0;
            for _ in 0..REQUESTS_PER_CONNECTION {
                right += usize::from(is_right(&mut sender, method, &path, &authorization).await);
            }
            right
        });
    }
    let right: usize = connections.join_all().await.into_iter().sum();
    let seconds = begin.elapsed().as_secs_f64();
    let all = CONNECTIONS * REQUESTS_PER_CONNECTION;
    let a_second = all as f64 / seconds;
    println!(
        "{name}: {a_second:.0} requests a second, {} errors",
        all - right
    );
    let seen = Operation::ALL.iter().map(|it| simulator.requests(*it));
    right == all && seen.sum::<u64>() == all as u64 && a_second >= REQUESTS_A_SECOND
}

async fn is_right(
    sender: &mut SendRequest<Empty<bytes::Bytes>>,
    method: &str,
    path: &str,
    authorization: &str,
) -> bool {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", "localhost")
        .header("authorization", authorization)
        .body(Empty::new())
        .unwrap();
    let answer: hyper::Response<Incoming> = sender.send_request(request).await.unwrap();
    let status = answer.status();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    status == 200 && body.windows(12).any(|part| part == b"\"shared_key\"")
}

async fn starts() -> bool {
    let mut start_times = Vec::with_capacity(STARTS);
    let mut stop_times = Vec::with_capacity(STARTS);
    for _ in 0..STARTS {
        let begin = Instant::now();
        let simulator = Simulator::start().await.unwrap();
        start_times.push(begin.elapsed());
        // With a connection, as it is after a test.
        let address = simulator.base_url().replace("http://", "");
        let _stream = TcpStream::connect(address).await.unwrap();
        let begin = Instant::now();
        simulator.stop().await;
        stop_times.push(begin.elapsed());
    }
    let start = median(start_times);
    let stop = median(stop_times);
    println!(
        "start: {} µs, stop: {} µs (medians of {STARTS})",
        start.as_micros(),
        stop.as_micros()
    );
    start < START_OR_STOP && stop < START_OR_STOP
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

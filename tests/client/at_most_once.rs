//! One call regenerates a key at most once, and its result tells the truth about the server, under any faults
//! in any order.
//!
//! Thousands of schedules of faults, each a list that follows from a seed, against a server that counts
//! what it applied. A schedule that fails is printed with its seed.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::support::{self, head, response, Operation, Script, Server};
use reqwest::dns::{Name, Resolve, Resolving};
use reqwest::ClientBuilder;
use tokio::task::JoinSet;
use webhook_subscriptions::{pandadoc, ratepay, Error, Outcome, RetryPolicy};

const SCHEDULES: usize = 3_000;
const AT_A_TIME: usize = 32;
const TIMEOUT: Duration = Duration::from_millis(100);

/// Defines the faults, and the list of them all.
macro_rules! faults {
    ($($(#[$documentation:meta])* $fault:ident,)*) => {
        /// The fate of one attempt. Those that the server applies have `Applied` in their name.
        #[derive(Debug, Clone, Copy)]
        enum Fault {
            $($(#[$documentation])* $fault,)*
        }

        const FAULTS: &[Fault] = &[$($fault),*];
    };
}

use Fault::*;

faults! {
    Refused,
    ClosedUnread,
    Closed,
    ClosedApplied,
    Slow,
    SlowApplied,
    CutHeadApplied,
    CutBodyApplied,
    TruncatedApplied,
    TooMany,
    TooManyWithWait,
    Unavailable,
    UnavailableApplied,
    UnavailableWithWait,
    /// Varnish's answer when the server's own answer is late or malformed.
    UnavailableWithWaitApplied,
    Failed,
    FailedApplied,
    Forbidden,
    /// These are a gateway's, in front of a server that applied the request.
    BadGatewayApplied,
    GatewayTimeoutApplied,
    RequestTimeoutApplied,
    ClientClosedApplied,
    MovedApplied,
    SeeOtherApplied,
    NotModifiedApplied,
    /// A gateway's that forwarded nothing.
    TemporaryRedirect,
    Applied,
}

impl Fault {
    fn script(self, operation: Operation, applied: &Arc<AtomicUsize>) -> Script {
        let wait = [("retry-after", "0")];
        let elsewhere = [("location", "http://127.0.0.1:9/")];
        let success = operation.success();
        let status =
            |status, headers: &[(&str, &str)]| Script::answer(response(status, headers, ""));
        match self {
            // No connection comes of it.
            Refused | ClosedUnread => Script::close_at_once(),
            Closed => Script::close(),
            ClosedApplied => Script::close().applying(applied),
            Slow => Script::stall(),
            SlowApplied => Script::stall().applying(applied),
            CutHeadApplied => Script::answer("HTTP/1.1 200 OK\r\ncont").applying(applied),
            CutBodyApplied => {
                let mut answer = head(200, &[], success.len());
                answer.extend_from_slice(&success.as_bytes()[..9]);
                Script::answer(answer).applying(applied)
            }
            TruncatedApplied => Script::answer(response(200, &[], &success[..9])).applying(applied),
            TooMany => status(429, &[]),
            TooManyWithWait => status(429, &wait),
            Unavailable => status(503, &[]),
            UnavailableApplied => status(503, &[]).applying(applied),
            UnavailableWithWait => status(503, &wait),
            UnavailableWithWaitApplied => status(503, &wait).applying(applied),
            BadGatewayApplied => status(502, &[]).applying(applied),
            GatewayTimeoutApplied => status(504, &wait).applying(applied),
            RequestTimeoutApplied => status(408, &[]).applying(applied),
            ClientClosedApplied => status(499, &[]).applying(applied),
            MovedApplied => status(301, &elsewhere).applying(applied),
            SeeOtherApplied => status(303, &elsewhere).applying(applied),
            NotModifiedApplied => {
                Script::answer("HTTP/1.1 304 Said\r\nconnection: close\r\n\r\n").applying(applied)
            }
            TemporaryRedirect => status(307, &elsewhere),
            Failed => status(500, &[]),
            FailedApplied => status(500, &[]).applying(applied),
            Forbidden => status(403, &[]),
            Applied => Script::answer(response(200, &[], success)).applying(applied),
        }
    }
}

/// The faults of a call, attempt by attempt; the last goes on for ever.
fn schedule(seed: usize) -> Vec<Fault> {
    let mut random = fastrand::Rng::with_seed(seed as u64);
    (0..random.usize(1..=6))
        .map(|_| FAULTS[random.usize(..FAULTS.len())])
        .collect()
}

/// The planned and the past events of the call that is under way.
#[derive(Default)]
struct Plan {
    schedule: Vec<Fault>,
    attempts: usize,
    applied: Arc<AtomicUsize>,
}

impl Plan {
    /// The fault of the attempt that looked up the server's name last.
    fn fault(&self) -> Fault {
        let last = self.schedule.len() - 1;
        self.schedule[last.min(self.attempts.saturating_sub(1))]
    }
}

/// Finds the server at each attempt, unless the connection is to be refused: then where nobody listens.
struct Names(Arc<Mutex<Plan>>);

impl Resolve for Names {
    fn resolve(&self, _: Name) -> Resolving {
        let mut plan = self.0.lock().unwrap();
        plan.attempts += 1;
        let address = match plan.fault() {
            Refused => Ipv4Addr::new(127, 0, 0, 2),
            _ => Ipv4Addr::LOCALHOST,
        };
        let addresses = std::iter::once(SocketAddr::from((address, 0)));
        Box::pin(async move { Ok(Box::new(addresses) as _) })
    }
}

/// A server, and what happens to the requests that it gets: one call at a time.
struct Worker {
    operation: Operation,
    plan: Arc<Mutex<Plan>>,
    server: Server,
}

impl Worker {
    async fn start(operation: Operation) -> Self {
        let plan = Arc::new(Mutex::new(Plan::default()));
        let of_server = plan.clone();
        let server = Server::scripted(move |_| {
            let plan = of_server.lock().unwrap();
            plan.fault().script(operation, &plan.applied)
        })
        .await;
        Self {
            operation,
            plan,
            server,
        }
    }

    /// Makes one call under a schedule, and returns its result and how often it was applied.
    async fn run(&self, schedule: Vec<Fault>) -> (Result<(), Error>, usize) {
        let applied = Arc::new(AtomicUsize::new(0));
        *self.plan.lock().unwrap() = Plan {
            schedule,
            attempts: 0,
            applied: applied.clone(),
        };
        let result = match self.operation {
            Operation::SharedKey => self.regenerate().await,
            Operation::Subscription => self.update().await,
        };
        (result, applied.load(Ordering::SeqCst))
    }

    async fn regenerate(&self) -> Result<(), Error> {
        let client = pandadoc::Client::builder()
            .base_url(self.base_url())
            .api_key(support::API_KEY)
            .configure_http(self.finding_the_server())
            .timeout(TIMEOUT)
            .retry(policy())
            .build()
            .unwrap();
        let id = support::UUID.parse().unwrap();
        client
            .update_webhook_subscription_shared_key(&id)
            .await
            .map(drop)
    }

    async fn update(&self) -> Result<(), Error> {
        let client = ratepay::Client::builder()
            .base_url(self.base_url())
            .access_token(support::JWT)
            .configure_http(self.finding_the_server())
            .timeout(TIMEOUT)
            .retry(policy())
            .build()
            .unwrap();
        let id = support::SUBSCRIPTION_ID.parse().unwrap();
        client
            .update_subscription(&id, &support::subscription())
            .await
            .map(drop)
    }

    fn finding_the_server(&self) -> impl Fn(ClientBuilder) -> ClientBuilder {
        let names = Arc::new(Names(self.plan.clone()));
        move |http| http.dns_resolver(names.clone())
    }

    fn base_url(&self) -> String {
        format!("http://localhost:{}", self.server.port())
    }
}

fn policy() -> RetryPolicy {
    RetryPolicy::default()
        .attempts(5)
        .first_backoff(Duration::from_millis(1))
}

/// Runs every schedule, and collects what `is_wrong` says of their results.
async fn all(
    operation: Operation,
    is_wrong: impl Fn(&Result<(), Error>, usize) -> bool + Copy + Send + 'static,
) -> Vec<String> {
    let mut workers = JoinSet::new();
    for first in 0..AT_A_TIME {
        workers.spawn(async move {
            let worker = Worker::start(operation).await;
            let mut wrong = Vec::new();
            for seed in (first..SCHEDULES).step_by(AT_A_TIME) {
                let schedule = schedule(seed);
                let (result, applied) = worker.run(schedule.clone()).await;
                if is_wrong(&result, applied) {
                    wrong.push(format!(
                        "seed {seed}: {schedule:?}: applied {applied} times, {result:?}"
                    ));
                }
            }
            wrong
        });
    }
    workers.join_all().await.concat()
}

#[tokio::test]
async fn one_call_regenerates_a_key_at_most_once() {
    let wrong = all(Operation::SharedKey, |_, applied| applied > 1).await;
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Whether the result of a call claims what is not so.
fn claims_too_much(result: &Result<(), Error>, applied: usize) -> bool {
    match result.as_ref().map_err(Error::outcome) {
        Ok(()) | Err(Outcome::Applied) => applied == 0,
        Err(Outcome::NotSent | Outcome::Rejected) => applied > 0,
        Err(Outcome::Unknown) => false,
    }
}

#[tokio::test]
async fn what_a_regeneration_says_of_the_server_is_true() {
    let wrong = all(Operation::SharedKey, claims_too_much).await;
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn what_an_update_says_of_the_server_is_true() {
    let wrong = all(Operation::Subscription, claims_too_much).await;
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The other tests would hold of a client that calls everything unknown.
#[tokio::test]
async fn what_is_certain_is_not_called_unknown() {
    for (operation, fault, outcome) in [
        (Operation::SharedKey, Refused, Outcome::NotSent),
        (Operation::SharedKey, ClosedUnread, Outcome::NotSent),
        (Operation::SharedKey, TooManyWithWait, Outcome::Rejected),
        (Operation::SharedKey, TemporaryRedirect, Outcome::Rejected),
        (Operation::SharedKey, Forbidden, Outcome::Rejected),
        (Operation::SharedKey, TruncatedApplied, Outcome::Applied),
        (Operation::Subscription, CutBodyApplied, Outcome::Applied),
    ] {
        let (result, _) = Worker::start(operation).await.run(vec![fault]).await;
        assert_eq!(
            result.unwrap_err().outcome(),
            outcome,
            "{operation:?} {fault:?}"
        );
    }
}

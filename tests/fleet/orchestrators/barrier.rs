//! Ratepay is given a new secret only when every process that is ready accepts it, or its lease has expired.
//!
//! The simulator checks that while the request waits for its answer. It asks the database for the leases. It asks
//! each process whether it is ready, and whether it accepts the secret without a look into the store.

use std::ops::Range;
use std::sync::{Arc, Mutex, OnceLock, Weak};
use std::time::{Duration, Instant, SystemTime};

use fastrand::Rng;
use serde_json::json;
use tokio::runtime::Handle;
use tokio::task::{block_in_place, JoinSet};
use webhook_subscriptions::ratepay::types::{SubscriptionId, SubscriptionRequest};
use webhook_subscriptions::ratepay::SigningSecret;
use webhook_subscriptions::testing::{Operation, Simulator};
use webhook_subscriptions::verify::{Key, Ratepay};
use webhook_subscriptions::Secret;

use super::child::Subscriptions;
use super::fleet::{variable, Fleet};
use super::traffic::Balancer;

/// How long a replica that is gone is waited for.
const LEASE: Duration = Duration::from_secs(30);

/// How often a lease is renewed, and some time for a slow machine.
const RENEWED: Duration = Duration::from_secs(7);

/// When processes are killed, and when the test ends. In between, their leases expire.
const KILLS: Range<Duration> = Duration::from_secs(6)..Duration::from_secs(9);
const END: Duration = Duration::from_secs(46);

const BODY: &str = "{}";

/// The processes that are waited for, and haven't acknowledged a version. One that is still starting isn't listed.
const NOT_ACKNOWLEDGED: &str = "
    SELECT process FROM webhook_subscriptions_replicas JOIN processes USING (replica)
    WHERE subscription = $1 AND version < $2 AND lease_until > clock_timestamp()
";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ratepay_gets_a_secret_once_every_ready_process_accepts_it() {
    let seed = variable("ORCHESTRATION_SEED").unwrap_or_else(|| fastrand::u64(..));
    println!("ORCHESTRATION_SEED={seed}");
    let world = World::new(6).await;
    for _ in 0..4 {
        world.fleet.add().await;
    }
    let mut total = Total::default();
    let killed_at = world.trouble(Rng::with_seed(seed), &mut total).await;
    total.check(&world.changes(), killed_at);
    println!("{total:#?}");
    let early_changes = total.changes - total.late_changes;
    assert!(total.late_changes > 0 && early_changes > 0, "{total:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopped_process_is_waited_for_until_its_lease_has_expired() {
    let world = World::new(1).await;
    let (stopped, rotating) = (world.fleet.add().await, world.fleet.add().await);
    world.fleet.stop(stopped);
    let stopped_at = SystemTime::now();
    world.fleet.rotate();
    let change = world.first_change().await;
    let waited = change.at.duration_since(stopped_at).unwrap();
    let expected = LEASE - RENEWED..LEASE + RENEWED;
    assert!(expected.contains(&waited), "{waited:?}");
    assert_eq!(
        (change.not_acknowledged, change.rejecting),
        (vec![], vec![])
    );
    assert_eq!(change.accepting, [rotating]);
}

/// A request that gave Ratepay a new secret, and what was so when it had arrived.
#[derive(Debug, Clone)]
struct Change {
    at: SystemTime,
    /// The processes with a lease that hadn't acknowledged the secret.
    not_acknowledged: Vec<String>,
    /// The processes that were ready and accepted the secret.
    accepting: Vec<usize>,
    /// The processes that were ready and didn't.
    rejecting: Vec<usize>,
}

struct World {
    simulator: Arc<Simulator>,
    fleet: Arc<Fleet>,
    subscriptions: Arc<[SubscriptionId]>,
    changes: Arc<Mutex<Vec<Change>>>,
}

type Known = (Weak<Simulator>, Weak<Fleet>, Arc<[SubscriptionId]>);

impl World {
    async fn new(subscriptions: usize) -> Self {
        let changes: Arc<Mutex<Vec<Change>>> = Arc::default();
        let known: Arc<OnceLock<Known>> = Arc::default();
        let (noted, knows) = (changes.clone(), known.clone());
        let simulator = Simulator::builder().on_request(move |request| {
            if request.operation == Some(Operation::UpdateSubscription) {
                let (simulator, fleet, subscriptions) = knows.get().unwrap();
                let is_changed = |id: &&SubscriptionId| request.path.ends_with(id.as_str());
                let number = subscriptions.iter().position(|id| is_changed(&id)).unwrap();
                let id = &subscriptions[number];
                let secret = simulator.upgrade().unwrap().ratepay().secret(id).unwrap();
                let fleet = fleet.upgrade().unwrap();
                let change = look(&fleet, number, id, &secret);
                let change = block_in_place(|| Handle::current().block_on(change));
                noted.lock().unwrap().push(change);
            }
        });
        let simulator = Arc::new(simulator.start().await.unwrap());
        let balancer = Balancer::start().await;
        let ratepay = simulator.ratepay();
        let wanted = (0..subscriptions).map(|number| {
            let first = SubscriptionRequest {
                event_type: "INVOICE_INVOICE".to_owned(),
                secret: SigningSecret::generate(),
                url: balancer.url(number).parse().unwrap(),
            };
            let secret = first.secret.clone();
            let id = ratepay.add_subscription(&first.url, &*first.event_type, secret);
            (id.to_string(), first)
        });
        let wanted = Vec::from_iter(wanted);
        let subscriptions = wanted.iter().map(|(id, _)| id.parse().unwrap()).collect();
        let wanted = Subscriptions::Ratepay(wanted);
        let token = ratepay.access_token_for(Duration::from_secs(86_400));
        let fleet = Fleet::new(balancer, simulator.base_url(), token, wanted).await;
        let world = Self {
            simulator,
            fleet: Arc::new(fleet),
            subscriptions,
            changes,
        };
        let (simulator, fleet) = (
            Arc::downgrade(&world.simulator),
            Arc::downgrade(&world.fleet),
        );
        let known = known.set((simulator, fleet, world.subscriptions.clone()));
        assert!(known.is_ok());
        world
    }

    fn changes(&self) -> Vec<Change> {
        self.changes.lock().unwrap().clone()
    }

    async fn first_change(&self) -> Change {
        let wait = async {
            loop {
                if let Some(change) = self.changes().into_iter().next() {
                    return change;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(2 * LEASE, wait).await.unwrap()
    }

    /// Rotates all keys again and again, while processes are stopped, and for some time also killed and started.
    /// Returns when the last one was killed.
    async fn trouble(&self, mut random: Rng, total: &mut Total) -> SystemTime {
        let mut killed_at = None;
        let (fleet, start) = (&self.fleet, Instant::now());
        let mut deliveries = JoinSet::new();
        while start.elapsed() < END {
            fleet.rotate();
            for id in self.subscriptions.iter() {
                let (simulator, id) = (self.simulator.clone(), id.clone());
                deliveries.spawn(async move {
                    let sent = simulator.ratepay().deliver(&id, &json!({}));
                    sent.await.unwrap()
                });
            }
            pause(&mut random).await;
            let stopped = random.choice(fleet.running()).unwrap();
            fleet.stop(stopped);
            total.stops += 1;
            pause(&mut random).await;
            if KILLS.contains(&start.elapsed()) {
                fleet.kill(stopped);
                killed_at = Some(SystemTime::now());
                total.kills += 1;
                fleet.add().await;
            } else {
                pause(&mut random).await;
                fleet.go_on(stopped);
            }
        }
        total.deliveries = deliveries.len();
        for report in deliveries.join_all().await {
            let rejected = report.status().is_some_and(|it| it.as_u16() == 403);
            total.rejected += usize::from(rejected);
        }
        killed_at.expect("a process was killed")
    }
}

async fn pause(random: &mut Rng) {
    tokio::time::sleep(Duration::from_millis(random.u64(..500))).await;
}

/// Looks who accepts a secret.
async fn look(fleet: &Fleet, number: usize, id: &SubscriptionId, secret: &Secret) -> Change {
    let at = SystemTime::now();
    let record = format!("ratepay-{id}");
    let history = fleet.history(&record).await;
    let has_secret = |keys: &[Secret]| keys.contains(secret);
    let first = history.iter().find(|it| has_secret(&it.record.keys()));
    let version = first.unwrap().version as i64;
    let database = &fleet.database;
    let rows = database.query(NOT_ACKNOWLEDGED, &[&record, &version]).await;
    let names = rows.unwrap();
    let names = names.iter().map(|row| row.get::<_, String>(0));
    let mut change = Change {
        at,
        not_acknowledged: names.filter(|name| fleet.has(name)).collect(),
        accepting: vec![],
        rejecting: vec![],
    };
    let key = Key::<Ratepay>::new(secret).unwrap();
    let signature = key.sign(BODY.as_bytes()).to_string();
    for process in fleet.running() {
        let ready = fleet.get(process, &format!("ready/{number}"));
        let accepts = fleet
            .post(process, &format!("ring/{number}"))
            .header("x-signature", &signature)
            .body(BODY);
        match (is_ok(ready).await, is_ok(accepts).await) {
            (Some(true), Some(true)) => change.accepting.push(process),
            (Some(true), Some(false)) => change.rejecting.push(process),
            // The process isn't ready, or was stopped or killed meanwhile.
            _ => {}
        }
    }
    change
}

/// Returns whether a process says yes. `None` means that it doesn't answer.
async fn is_ok(request: reqwest::RequestBuilder) -> Option<bool> {
    let answer = request.timeout(Duration::from_secs(1)).send().await;
    Some(answer.ok()?.status().is_success())
}

/// The events that a run met.
#[derive(Debug, Default)]
struct Total {
    stops: usize,
    kills: usize,
    changes: usize,
    /// How many of these waited for the lease of the last process that was killed.
    late_changes: usize,
    /// How many times a process was ready and accepted the secret.
    accepted: usize,
    deliveries: usize,
    /// How many genuine deliveries were rejected for good.
    rejected: usize,
}

impl Total {
    fn check(&mut self, changes: &[Change], killed_at: SystemTime) {
        for change in changes {
            assert_eq!(change.not_acknowledged, Vec::<String>::new(), "{change:#?}");
            assert_eq!(change.rejecting, Vec::<usize>::new(), "{change:#?}");
            self.accepted += change.accepting.len();
            let waited = change.at.duration_since(killed_at).unwrap_or_default();
            self.late_changes += usize::from(waited > LEASE - RENEWED);
        }
        self.changes = changes.len();
        assert_eq!(self.rejected, 0, "{self:#?}");
    }
}

//! Eight replicas share the rotations of several subscriptions through PostgreSQL. Measures what they lose under load,
//! how soon all of them accept a new key, and what they ask of the database when nothing happens.
//!
//! Run it with `cargo bench --features postgres --bench fleet`. It needs PostgreSQL: on Debian,
//! `apt-get install postgresql`.
//!
//! Time is real, and each key is rotated once. The program fails if a genuine delivery is never accepted, or a forged
//! one is.

#[path = "../examples/fleet/postgres.rs"]
mod postgres;

use std::error::Error;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use axum::extract::Request;
use axum::routing::{post, MethodRouter};
use axum::Router;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_postgres::{Client, Config, NoTls};
use tower::ServiceExt;
use uuid::Uuid;
use webhook_subscriptions::ratepay::types::{SubscriptionId, SubscriptionRequest};
use webhook_subscriptions::ratepay::SigningSecret;
use webhook_subscriptions::rotate::{PostgresStore, Rotatable, SealingKey};
use webhook_subscriptions::testing::{Simulator, SteadyDeliveries, SteadyReport};
use webhook_subscriptions::verify::{Key, PandaDoc, Ratepay};
use webhook_subscriptions::{Rotation, Secret};

use postgres::Postgres;

const REPLICAS: usize = 8;
/// How many keys of each provider are rotated, one after the other.
const ROTATIONS: usize = 10;
/// How many genuine deliveries the providers send in a second, in total.
const RATE: u32 = 2_000;
/// From one forged delivery for a subscription to the next.
const FORGED_PERIOD: Duration = Duration::from_secs(1);
/// How long deliveries go on after a rotation before the next begins.
const PAUSE: Duration = Duration::from_secs(1);
/// No key is read, and no secret made, so soon after a start.
const FIRST: Duration = Duration::from_secs(10);
/// How long the statements of idle replicas are counted.
const IDLE: Duration = Duration::from_secs(60);
/// How often a rotation is asked for that changes nothing, since the machine is too busy.
const ATTEMPTS: usize = 5;
/// How often it is looked whether a replica accepts the new key.
const LOOK: Duration = Duration::from_micros(200);

const EVENT: &str = "document_state_changed";
const EVENT_TYPE: &str = "INVOICE_INVOICE";

/// Makes notifications of this database go nowhere, as behind PgBouncer.
const WITHOUT_NOTIFICATIONS: &str = "
    CREATE FUNCTION pg_notify(text, text) RETURNS text LANGUAGE sql AS 'SELECT NULL::text';
    ALTER DATABASE polling SET search_path = public, pg_catalog";

type Result<T> = std::result::Result<T, Box<dyn Error>>;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<()> {
    let server = Postgres::start()?;
    let settings: Config = server.settings().parse()?;
    let admin = admin_of(&settings).await?;
    let mut databases = Vec::new();
    for name in ["idle", "notified", "polling", "loaded"] {
        admin
            .batch_execute(&format!("CREATE DATABASE {name}"))
            .await?;
        databases.push(settings.clone().dbname(name).clone());
    }
    let polling = admin_of(&databases[2]).await?;
    polling.batch_execute(WITHOUT_NOTIFICATIONS).await?;

    let (idle, notified, polling) = tokio::try_join!(
        idle(&databases[0], &admin),
        without_deliveries(&databases[1]),
        without_deliveries(&databases[2]),
    )?;
    let loaded = Fleet::start(&databases[3]).await?.under_load().await?;

    println!("{REPLICAS} replicas, {ROTATIONS} rotations at each provider");
    println!("from the provider's new key to the moment at which every replica accepts it");
    print_times("PandaDoc, without deliveries, NOTIFY", &notified);
    print_times("PandaDoc, without deliveries, poll only", &polling);
    print_times("PandaDoc, under load", &loaded.pandadoc);
    print_times("Ratepay, under load", &loaded.ratepay);
    println!("statements of an idle replica in a minute: {idle:.1}");
    loaded.print_and_check()
}

/// A connection that asks the server about itself, or prepares it.
async fn admin_of(settings: &Config) -> Result<Client> {
    let (client, connection) = settings.connect(NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

/// Counts the statements of one replica in a minute, when no key changes.
async fn idle(database: &Config, admin: &Client) -> Result<f64> {
    let _fleet = Fleet::start(database).await?;
    let count = || async {
        let count =
            "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = 'idle'";
        let row = admin.query_one(count, &[]).await?;
        Ok::<i64, tokio_postgres::Error>(row.get(0))
    };
    // The server counts a statement up to a second later.
    tokio::time::sleep(FIRST).await;
    let before = count().await?;
    tokio::time::sleep(IDLE).await;
    let statements = count().await? - before;
    Ok(statements as f64 / REPLICAS as f64 / (IDLE.as_secs_f64() / 60.0))
}

/// Rotates PandaDoc's keys while nothing is delivered. Every replica learns of a key from the store alone.
async fn without_deliveries(database: &Config) -> Result<Vec<Duration>> {
    let fleet = Fleet::start(database).await?;
    tokio::time::sleep(FIRST).await;
    fleet.rotate_pandadoc(Duration::ZERO).await
}

/// The replicas, and the providers.
struct Fleet {
    simulator: Simulator,
    pandadoc: Vec<Subscription<Uuid, PandaDoc>>,
    ratepay: Vec<Subscription<SubscriptionId, Ratepay>>,
    _running: JoinSet<()>,
}

/// A subscription, and its rotation in each replica.
struct Subscription<I, S: Rotatable> {
    id: I,
    replicas: Vec<Rotation<S>>,
}

impl Fleet {
    async fn start(database: &Config) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let simulator = Simulator::builder()
            .pandadoc_requests_per_minute(None)
            .delivery_attempts(3)
            .delivery_retry_pause(Duration::from_secs(5))
            .start()
            .await?;
        let key = SealingKey::generate();
        let mut stores = Vec::new();
        for _ in 0..REPLICAS {
            let store = PostgresStore::connect(database.clone(), NoTls, key.clone()).await?;
            store.migrate().await?;
            stores.push(store);
        }
        let (mut pandadoc, mut ratepay) = (Vec::new(), Vec::new());
        let (mut running, mut hooks) = (JoinSet::new(), Router::new());
        for number in 0..ROTATIONS {
            let path = format!("/pandadoc/{number}");
            let url = format!("http://{address}{path}").parse()?;
            let id = simulator.pandadoc().add_subscription(&url);
            let mut replicas = Vec::new();
            for store in &stores {
                let client = simulator.pandadoc().client_builder().build()?;
                let rotation = Rotation::pandadoc(client, id).store(store.clone());
                replicas.push(run_one(rotation.start().await?, &mut running));
            }
            hooks = hooks.route(&path, balance(&replicas));
            pandadoc.push(Subscription { id, replicas });

            let path = format!("/ratepay/{number}");
            let subscription = SubscriptionRequest {
                url: format!("http://{address}{path}").parse()?,
                event_type: EVENT_TYPE.to_owned(),
                secret: SigningSecret::generate(),
            };
            let (url, secret) = (&subscription.url, subscription.secret.clone());
            let id = simulator
                .ratepay()
                .add_subscription(url, EVENT_TYPE, secret);
            let mut replicas = Vec::new();
            for store in &stores {
                let client = simulator.ratepay().client_builder().build()?;
                let rotation = Rotation::ratepay(client, id.clone(), subscription.clone());
                let rotation = rotation.store(store.clone());
                replicas.push(run_one(rotation.start().await?, &mut running));
            }
            hooks = hooks.route(&path, balance(&replicas));
            ratepay.push(Subscription { id, replicas });
        }
        running.spawn(async move {
            axum::serve(listener, hooks).await.ok();
        });
        Ok(Self {
            simulator,
            pandadoc,
            ratepay,
            _running: running,
        })
    }

    async fn rotate_pandadoc(&self, pause: Duration) -> Result<Vec<Duration>> {
        let pandadoc = self.simulator.pandadoc();
        let mut times = Vec::new();
        for Subscription { id, replicas } in &self.pandadoc {
            let current = || Some((pandadoc.key_generation(id)?, pandadoc.shared_key(id)?));
            times.push(rotate(replicas, current).await?);
            tokio::time::sleep(pause).await;
        }
        Ok(times)
    }

    async fn rotate_ratepay(&self, pause: Duration) -> Result<Vec<Duration>> {
        let ratepay = self.simulator.ratepay();
        let mut times = Vec::new();
        for Subscription { id, replicas } in &self.ratepay {
            let current = || Some((ratepay.key_generation(id)?, ratepay.secret(id)?));
            times.push(rotate(replicas, current).await?);
            tokio::time::sleep(pause).await;
        }
        Ok(times)
    }

    /// Rotates the keys while both providers deliver, and others forge.
    async fn under_load(&self) -> Result<Loaded> {
        let subscriptions = u32::try_from(self.pandadoc.len() + self.ratepay.len())?;
        let period = Duration::from_secs(1) * subscriptions / RATE;
        let (data, forged) = (json!({"id": "d-1"}), json!({"id": "forged"}));
        let (pandadoc, ratepay) = (self.simulator.pandadoc(), self.simulator.ratepay());
        let (began, since) = (Instant::now(), SystemTime::now());
        let (mut genuine, mut forgers) = (Vec::new(), Vec::new());
        for Subscription { id, .. } in &self.pandadoc {
            genuine.push(pandadoc.deliver_steadily(id, (EVENT, data.clone()), period)?);
            forgers.push(pandadoc.forge_steadily(id, (EVENT, forged.clone()), FORGED_PERIOD)?);
        }
        for Subscription { id, .. } in &self.ratepay {
            genuine.push(ratepay.deliver_steadily(id, &data, period)?);
            forgers.push(ratepay.forge_steadily(id, &forged, FORGED_PERIOD)?);
        }
        tokio::time::sleep(FIRST).await;
        let (pandadoc, ratepay) =
            tokio::try_join!(self.rotate_pandadoc(PAUSE), self.rotate_ratepay(PAUSE))?;
        let time = began.elapsed();
        let (genuine, forged) = (stop(genuine).await, stop(forgers).await);
        Ok(Loaded {
            pandadoc,
            ratepay,
            found: self.missed(since, &genuine).await?,
            genuine,
            forged,
            time,
        })
    }

    /// Counts the deliveries that PandaDoc gave up and the service finds in the history.
    async fn missed(&self, since: SystemTime, reports: &[SteadyReport]) -> Result<usize> {
        let mut found = 0;
        for (Subscription { replicas, .. }, report) in self.pandadoc.iter().zip(reports) {
            if report.never_accepted() > 0 {
                found += replicas[0].missed(since).await?.deliveries.len();
            }
        }
        Ok(found)
    }
}

fn run_one<S: Rotatable>(rotation: Rotation<S>, running: &mut JoinSet<()>) -> Rotation<S> {
    running.spawn(rotation.clone().run());
    rotation
}

async fn stop(deliveries: Vec<SteadyDeliveries>) -> Vec<SteadyReport> {
    let mut reports = Vec::new();
    for deliveries in deliveries {
        reports.push(deliveries.stop().await);
    }
    reports
}

/// The results under load.
struct Loaded {
    pandadoc: Vec<Duration>,
    ratepay: Vec<Duration>,
    genuine: Vec<SteadyReport>,
    forged: Vec<SteadyReport>,
    /// How many of the genuine ones PandaDoc gave up and the service found in the history.
    found: usize,
    time: Duration,
}

impl Loaded {
    fn print_and_check(&self) -> Result<()> {
        let sum = |reports: &[SteadyReport], of: fn(&SteadyReport) -> usize| {
            reports.iter().map(of).sum::<usize>()
        };
        let accepted = |it: &SteadyReport| it.deliveries.len() - it.never_accepted();
        let unknown = |it: &SteadyReport| it.overruns as usize + it.unfinished as usize;
        let delivered = sum(&self.genuine, |it| it.deliveries.len());
        let rate = delivered as f64 / self.time.as_secs_f64();
        let on_retry = sum(&self.genuine, SteadyReport::accepted_on_retry);
        let given_up = sum(&self.genuine, SteadyReport::never_accepted);
        let lost = given_up - self.found;
        let forged_accepted = sum(&self.forged, accepted);
        println!("deliveries: {delivered}, {rate:.0} a second");
        println!(
            "  not sent, as all connections were busy: {}",
            sum(&self.genuine, unknown)
        );
        println!("  accepted on retry: {on_retry}");
        println!("  found in the history: {}", self.found);
        println!(
            "forged deliveries: {}",
            sum(&self.forged, |it| it.deliveries.len())
        );
        println!("lost {lost}, forged accepted {forged_accepted}");
        match (lost, forged_accepted) {
            (0, 0) => Ok(()),
            _ => Err("genuine deliveries were lost, or forged ones accepted".into()),
        }
    }
}

/// Gives each request to the next replica.
fn balance<S: Rotatable>(replicas: &[Rotation<S>]) -> MethodRouter {
    let hook = |rotation: &Rotation<S>| post(|| async {}).layer(rotation.layer());
    let hooks: Arc<[MethodRouter]> = replicas.iter().map(hook).collect();
    let next = Arc::new(AtomicUsize::new(0));
    post(move |request: Request| {
        let hook = hooks[next.fetch_add(1, Ordering::Relaxed) % hooks.len()].clone();
        hook.oneshot(request)
    })
}

/// Has one replica rotate a key. Returns how long it took from the change until every replica accepted the new key.
async fn rotate<S: Rotatable>(
    replicas: &[Rotation<S>],
    current: impl Fn() -> Option<(u64, Secret)>,
) -> Result<Duration> {
    let body = b"{}";
    let has_changed = || current().filter(|(generation, _)| *generation > 1);
    for _ in 0..ATTEMPTS {
        let first = replicas[0].clone();
        let rotating = tokio::spawn(async move { first.rotate_now().await });
        until(|| has_changed().is_some() || rotating.is_finished()).await;
        let changed = Instant::now();
        let Some((_, secret)) = has_changed() else {
            eprintln!("once more: {:?}", rotating.await??);
            continue;
        };
        let signature = Key::<S>::new(&secret)?.sign(body);
        for replica in replicas {
            let ring = replica.ring();
            until(|| ring.verify(body, &signature, SystemTime::now()).is_ok()).await;
        }
        return Ok(changed.elapsed());
    }
    Err(format!("a key wasn't changed in {ATTEMPTS} attempts").into())
}

async fn until(mut is_there: impl FnMut() -> bool) {
    while !is_there() {
        tokio::time::sleep(LOOK).await;
    }
}

fn print_times(name: &str, times: &[Duration]) {
    let mut sorted = times.to_vec();
    sorted.sort();
    let (median, worst) = (sorted[sorted.len() / 2], sorted[sorted.len() - 1]);
    println!("  {name:<40} median {median:.1?}, worst {worst:.1?}");
}

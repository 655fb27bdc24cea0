//! Eight replicas share the rotation of both keys through PostgreSQL. Measures what they lose under load, how soon
//! all of them accept a new key, and what they ask of the database when nothing happens.
//!
//! Run it with `cargo bench --features postgres --bench fleet`. It needs PostgreSQL: on Debian,
//! `apt-get install postgresql`.
//!
//! Time runs 60 times as fast for the rotations, so that the ten of them take a minute. Times that are printed are
//! real. The program fails if a genuine delivery is lost or a forged one is accepted.

#[allow(dead_code)]
#[path = "../examples/rotate/fast_time.rs"]
mod fast_time;
#[path = "../examples/fleet/postgres.rs"]
mod postgres;
#[allow(dead_code)]
#[path = "../examples/rotate/providers.rs"]
mod providers;

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
use tokio_postgres::{Config, NoTls};
use tower::ServiceExt;
use webhook_subscriptions::ratepay::types::SubscriptionRequest;
use webhook_subscriptions::ratepay::SigningSecret;
use webhook_subscriptions::rotate::{
    Ended, Phase, PostgresStore, Provider, RotationBuilder, SealingKey,
};
use webhook_subscriptions::testing::SteadyReport;
use webhook_subscriptions::verify::{Key, PandaDoc, Ratepay};
use webhook_subscriptions::{Rotation, Secret};

use fast_time::{FastTime, SPEED};
use postgres::Postgres;
use providers::{Providers, EVENT, EVENT_TYPE};

const REPLICAS: usize = 8;
/// How often each key is rotated.
const ROTATIONS: u64 = 10;
/// How many genuine deliveries both providers send in a second.
const RATE: u32 = 2_000;
/// From one forged delivery of a provider to the next.
const FORGED_PERIOD: Duration = Duration::from_millis(100);
/// How long the statements of idle replicas are counted.
const IDLE: Duration = Duration::from_secs(60);
/// How often it is looked whether a replica accepts the new key.
const LOOK: Duration = Duration::from_micros(200);

const MINUTE: Duration = Duration::from_secs(60);

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

    println!("{REPLICAS} replicas, {ROTATIONS} rotations of each key");
    let (idle, notified, polling) = tokio::try_join!(
        idle(&databases[0], &admin),
        without_deliveries(&databases[1]),
        without_deliveries(&databases[2]),
    )?;
    println!("from the provider's new key to the moment at which every replica accepts it");
    print_times("PandaDoc, without deliveries, NOTIFY", &notified);
    print_times("PandaDoc, without deliveries, poll only", &polling);
    let fleet = Fleet::start(&databases[3]).await?;
    let loaded = fleet.under_load().await?;
    print_times("PandaDoc, under load", &loaded.pandadoc);
    print_times("Ratepay, under load", &loaded.ratepay);
    println!("statements of an idle replica in a minute, for 2 subscriptions: {idle:.1}");
    loaded.print_and_check()
}

/// A connection that asks the server about itself, or prepares it.
async fn admin_of(settings: &Config) -> Result<tokio_postgres::Client> {
    let (client, connection) = settings.connect(NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

/// Counts the statements of one replica in a minute, when no key changes and time is real.
async fn idle(database: &Config, admin: &tokio_postgres::Client) -> Result<f64> {
    let _fleet = Fleet::start_in(database, false).await?;
    let count = || async {
        let count =
            "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = 'idle'";
        let row = admin.query_one(count, &[]).await?;
        Ok::<i64, tokio_postgres::Error>(row.get(0))
    };
    // The server counts a statement up to a second later.
    tokio::time::sleep(2 * Duration::from_secs(1)).await;
    let before = count().await?;
    tokio::time::sleep(IDLE).await;
    let statements = count().await? - before;
    Ok(statements as f64 / REPLICAS as f64 / (IDLE.as_secs_f64() / 60.0))
}

/// Rotates PandaDoc's key while nothing is delivered. Every replica learns of a key from the store alone.
async fn without_deliveries(database: &Config) -> Result<Vec<Duration>> {
    let fleet = Fleet::start(database).await?;
    fleet.times_of_pandadoc().await
}

/// The replicas, and the providers.
struct Fleet {
    providers: Providers,
    pandadoc: Vec<Rotation<PandaDoc>>,
    ratepay: Vec<Rotation<Ratepay>>,
    _running: JoinSet<()>,
}

impl Fleet {
    /// Starts replicas that rotate on demand, in fast time.
    async fn start(database: &Config) -> Result<Self> {
        Self::start_in(database, true).await
    }

    async fn start_in(database: &Config, is_fast: bool) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let providers = Providers::start(&url).await?;
        let time = is_fast.then_some(providers.time);
        let key = SealingKey::generate();
        let (mut pandadoc, mut ratepay) = (Vec::new(), Vec::new());
        let mut running = JoinSet::new();
        for _ in 0..REPLICAS {
            let store = PostgresStore::connect(database.clone(), NoTls, key.clone()).await?;
            store.migrate().await?;
            let rotation = set_times(pandadoc_of(&providers)?, time);
            let rotation = rotation.store(store.clone()).start().await?;
            running.spawn(rotation.clone().run());
            pandadoc.push(rotation);
            let rotation = set_times(ratepay_of(&providers, &url)?, time);
            let rotation = rotation.store(store).start().await?;
            running.spawn(rotation.clone().run());
            ratepay.push(rotation);
        }
        let hooks = Router::new()
            .route("/pandadoc", balance(&pandadoc))
            .route("/ratepay", balance(&ratepay));
        running.spawn(async move {
            axum::serve(listener, hooks).await.ok();
        });
        Ok(Self {
            providers,
            pandadoc,
            ratepay,
            _running: running,
        })
    }

    async fn times_of_pandadoc(&self) -> Result<Vec<Duration>> {
        let pandadoc = self.providers.simulator.pandadoc();
        let id = self.providers.pandadoc;
        times(&self.pandadoc, || {
            Some((pandadoc.key_generation(&id)?, pandadoc.shared_key(&id)?))
        })
        .await
    }

    async fn times_of_ratepay(&self) -> Result<Vec<Duration>> {
        let ratepay = self.providers.simulator.ratepay();
        let id = &self.providers.ratepay;
        times(&self.ratepay, || {
            Some((ratepay.key_generation(id)?, ratepay.secret(id)?))
        })
        .await
    }

    /// Rotates both keys while both providers deliver, and others forge.
    async fn under_load(&self) -> Result<Loaded> {
        // The simulator's time is fast.
        let period = Duration::from_secs(1) * SPEED * 2 / RATE;
        let simulator = &self.providers.simulator;
        let (pandadoc, ratepay) = (simulator.pandadoc(), simulator.ratepay());
        let (data, forged) = (json!({"id": "d-1"}), json!({"id": "forged"}));
        let began = Instant::now();
        let genuine = [
            pandadoc.deliver_steadily(&self.providers.pandadoc, EVENT, data.clone(), period)?,
            ratepay.deliver_steadily(&self.providers.ratepay, &data, period)?,
        ];
        let forged_period = FORGED_PERIOD * SPEED;
        let forgers = [
            pandadoc.forge_steadily(
                &self.providers.pandadoc,
                EVENT,
                forged.clone(),
                forged_period,
            )?,
            ratepay.forge_steadily(&self.providers.ratepay, &forged, forged_period)?,
        ];
        let (pandadoc, ratepay) =
            tokio::try_join!(self.times_of_pandadoc(), self.times_of_ratepay())?;
        let time = began.elapsed();
        let [genuine_pandadoc, genuine_ratepay] = genuine;
        let [forged_pandadoc, forged_ratepay] = forgers;
        Ok(Loaded {
            pandadoc,
            ratepay,
            genuine: [genuine_pandadoc.stop().await, genuine_ratepay.stop().await],
            forged: [forged_pandadoc.stop().await, forged_ratepay.stop().await],
            time,
        })
    }
}

/// What happened under load.
struct Loaded {
    pandadoc: Vec<Duration>,
    ratepay: Vec<Duration>,
    genuine: [SteadyReport; 2],
    forged: [SteadyReport; 2],
    time: Duration,
}

impl Loaded {
    fn print_and_check(&self) -> Result<()> {
        let sum = |reports: &[SteadyReport; 2], of: fn(&SteadyReport) -> usize| {
            reports.iter().map(of).sum::<usize>()
        };
        let delivered = sum(&self.genuine, |it| it.deliveries.len());
        let not_sent = sum(&self.genuine, |it| {
            it.overruns as usize + it.unfinished as usize
        });
        let lost = sum(&self.genuine, SteadyReport::never_accepted);
        let accepted = |it: &SteadyReport| it.deliveries.len() - it.never_accepted();
        let forged = sum(&self.forged, |it| it.deliveries.len());
        let forged_accepted = sum(&self.forged, accepted);
        println!(
            "deliveries: {delivered}, {:.0} a second",
            delivered as f64 / self.time.as_secs_f64()
        );
        println!("  not sent, as the receiver was busy: {not_sent}");
        println!(
            "  accepted on retry: {}",
            sum(&self.genuine, SteadyReport::accepted_on_retry)
        );
        println!("forged deliveries: {forged}");
        println!("lost {lost}, forged accepted {forged_accepted}");
        match (lost, forged_accepted) {
            (0, 0) => Ok(()),
            _ => Err("genuine deliveries were lost, or forged ones accepted".into()),
        }
    }
}

fn pandadoc_of(providers: &Providers) -> Result<RotationBuilder<PandaDoc>> {
    let client = providers.simulator.pandadoc().client_builder().build()?;
    Ok(Rotation::pandadoc(client, providers.pandadoc))
}

fn ratepay_of(providers: &Providers, url: &str) -> Result<RotationBuilder<Ratepay>> {
    let ratepay = providers.simulator.ratepay();
    let token = ratepay.access_token_for(Duration::from_secs(365 * 24 * 60 * 60));
    let secret = ratepay.secret(&providers.ratepay).ok_or("no secret")?;
    let subscription = SubscriptionRequest {
        url: format!("{url}/ratepay").parse()?,
        event_type: EVENT_TYPE.to_owned(),
        secret: SigningSecret::new(secret)?,
    };
    let client = ratepay.client_builder().access_token(token).build()?;
    Ok(Rotation::ratepay(
        client,
        providers.ratepay.clone(),
        subscription,
    ))
}

/// Sets times that are short in fast time. `None` stands for real time, and no rotations.
fn set_times<S: Provider>(
    rotation: RotationBuilder<S>,
    time: Option<FastTime>,
) -> RotationBuilder<S> {
    match time {
        None => rotation,
        Some(time) => rotation
            .min_overlap(MINUTE)
            .min_silence(MINUTE)
            // Without deliveries the old key goes only then.
            .max_overlap(2 * MINUTE)
            .time(time),
    }
}

/// Gives each request to the next replica.
fn balance<S: Provider>(replicas: &[Rotation<S>]) -> MethodRouter {
    let hook = |rotation: &Rotation<S>| post(|| async {}).layer(rotation.layer());
    let hooks: Arc<[MethodRouter]> = replicas.iter().map(hook).collect();
    let next = Arc::new(AtomicUsize::new(0));
    post(move |request: Request| {
        let hook = hooks[next.fetch_add(1, Ordering::Relaxed) % hooks.len()].clone();
        hook.oneshot(request)
    })
}

/// Rotates the key again and again, each time by the next replica. Returns how long it took from each change until
/// every replica accepted the new key.
async fn times<S: Provider>(
    replicas: &[Rotation<S>],
    current: impl Fn() -> Option<(u64, Secret)>,
) -> Result<Vec<Duration>> {
    let body = b"{}";
    let mut times = Vec::new();
    for (generation, replica) in (2..2 + ROTATIONS).zip(replicas.iter().cycle()) {
        let replica = replica.clone();
        let rotating = tokio::spawn(async move { replica.rotate_now().await });
        let has_changed = || current().filter(|(latest, _)| *latest == generation);
        until(|| has_changed().is_some() || rotating.is_finished()).await;
        let changed = Instant::now();
        let (_, secret) = has_changed().ok_or("a rotation ended without another key")?;
        let signature = Key::<S>::new(&secret)?.sign(body);
        for replica in replicas {
            let ring = replica.ring();
            until(|| ring.verify(body, &signature, SystemTime::now()).is_ok()).await;
        }
        times.push(changed.elapsed());
        match rotating.await?? {
            Ended::Rotated { .. } => {}
            other => return Err(format!("a rotation ended otherwise: {other:?}").into()),
        }
        let is_steady = |it: &Rotation<S>| it.status().phase == Phase::Steady;
        until(|| replicas.iter().all(is_steady)).await;
    }
    Ok(times)
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

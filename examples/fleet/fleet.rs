//! The fleet: what happens, what goes wrong, and who takes part.

use std::convert::Infallible;
use std::error::Error;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{watch, Mutex as AsyncMutex};
use tokio::time::timeout;
use webhook_subscriptions::rotate::{SealingKey, TimeSource};
use webhook_subscriptions::testing::{Fault, Provider};

use super::balancer::balance;
use super::postgres::Postgres;
use super::process::{NewCommand, Process};
use super::providers::{change, Providers};
use super::report::{Report, Side};
use super::status::Seen;
use super::timeline::{name_of, Say, Timeline};

pub const REPLICAS: usize = 4;

const BOTH: [Provider; 2] = [Provider::PandaDoc, Provider::Ratepay];

/// How long replicas, and the database, don't run after they were killed.
const DOWN: Duration = Duration::from_secs(60);

/// How often each replica is asked for its status, in real time.
const POLL: Duration = Duration::from_millis(20);

/// How long to wait for the replicas' next look into the history, in real time.
const SWEEP: Duration = Duration::from_secs(5);

/// The faults of one rotation.
#[derive(Clone, Copy)]
enum Trouble {
    Nothing,
    AnswerLost,
    /// These two replicas are killed while one of the fleet waits for the answer.
    KillReplicas([usize; 2]),
    /// The database is killed before the answer comes.
    KillDatabase,
}

use Trouble::{AnswerLost, KillDatabase, KillReplicas, Nothing};

/// Each replica that was killed delays Ratepay's next secret by the 30 seconds of its lease, so few are.
const PANDADOC: [Trouble; 5] = [
    Nothing,
    KillReplicas([0, 1]),
    AnswerLost,
    KillDatabase,
    Nothing,
];

const RATEPAY: [Trouble; 5] = [
    Nothing,
    KillDatabase,
    KillReplicas([2, 3]),
    AnswerLost,
    Nothing,
];

/// Everybody who takes part.
pub struct Fleet {
    providers: Providers,
    database: Mutex<Postgres>,
    replicas: Vec<Replica>,
    /// The URL of the load balancer.
    url: String,
    http: reqwest::Client,
    timeline: Timeline,
    /// The status with the newest records of all replicas.
    newest: watch::Sender<Option<Seen>>,
    /// Held while something goes wrong, so that one thing does at a time.
    trouble: AsyncMutex<()>,
}

struct Replica {
    address: SocketAddr,
    process: Mutex<Process>,
    /// The latest status of the process that runs, and the last ones of those that were killed.
    lives: Mutex<(Option<Seen>, Vec<Seen>)>,
}

impl Fleet {
    pub async fn new(replica: NewCommand, say: Say) -> Result<Self, Box<dyn Error>> {
        let database = Postgres::start()?;
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let url = format!("http://{}", listener.local_addr()?);
        let providers = Providers::start(&url).await?;
        let key = SealingKey::generate().to_base64();
        let mut replicas = Vec::new();
        for _ in 0..REPLICAS {
            // A replica has the same address after a restart.
            let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
            let mut variables = providers.variables(&url)?;
            variables.extend([
                ("LISTEN", address.to_string()),
                ("DATABASE", database.settings()),
                ("WEBHOOK_SEALING_KEY", key.expose_secret().to_owned()),
            ]);
            replicas.push(Replica {
                address,
                process: Mutex::new(Process::new(replica, variables, providers.time)),
                lives: Mutex::default(),
            });
        }
        listener.set_nonblocking(true)?;
        let listener = tokio::net::TcpListener::from_std(listener)?;
        tokio::spawn(balance(
            listener,
            replicas.iter().map(|it| it.address).collect(),
        ));
        Ok(Self {
            database: Mutex::new(database),
            replicas,
            url,
            http: reqwest::Client::builder().no_proxy().build()?,
            timeline: Timeline::new(providers.time, say),
            newest: watch::Sender::default(),
            trouble: AsyncMutex::default(),
            providers,
        })
    }

    /// Lets everything happen, and returns what became of every delivery.
    pub async fn run(&self) -> Result<Report, Box<dyn Error>> {
        tokio::select! {
            played = self.play() => played,
            Err(error) = self.watch() => Err(error),
        }
    }

    async fn play(&self) -> Result<Report, Box<dyn Error>> {
        // All of them create the tables.
        for replica in &self.replicas {
            lock(&replica.process).start()?;
        }
        self.wait(|_| self.replicas.iter().all(|it| lock(&it.lives).0.is_some()))
            .await?;
        let stop = watch::Sender::new(false);
        let delivered =
            BOTH.map(|it| tokio::spawn(self.providers.clone().deliver(it, stop.subscribe())));
        let [forged_pandadoc, forged_ratepay] = BOTH.map(|it| self.providers.forge(it));

        tokio::try_join!(
            self.rotate(Provider::PandaDoc, PANDADOC),
            self.rotate(Provider::Ratepay, RATEPAY),
        )?;
        let last = PANDADOC.len() as u64 + 1;
        self.wait(|seen| {
            BOTH.iter()
                .all(|it| seen.of(*it).has_retired_all_before(last))
        })
        .await?;

        stop.send_replace(true);
        let [pandadoc, ratepay] = delivered;
        let mut report = Report {
            pandadoc: Side::new(pandadoc.await??, forged_pandadoc?.stop().await),
            ratepay: Side::new(ratepay.await??, forged_ratepay?.stop().await),
        };
        let has_found_all = |_: &Seen| {
            let found = self.seen().into_iter().flat_map(|seen| seen.found);
            report.pandadoc.found.extend(found);
            report.pandadoc.lost().next().is_none()
        };
        // A delivery that isn't found by then is lost.
        timeout(SWEEP, self.wait(has_found_all)).await.ok();
        for provider in BOTH {
            let side = report.of(provider);
            let seen = self.seen().into_iter();
            side.held = seen
                .map(|seen| seen.of(provider).unknown_signatures.accepted)
                .sum();
            side.requests = self.providers.simulator.requests(change(provider));
            side.changes = self.providers.generation(provider) - 1;
        }
        Ok(report)
    }

    /// Waits for one rotation after the other, while something goes wrong with each.
    async fn rotate(
        &self,
        provider: Provider,
        troubles: [Trouble; 5],
    ) -> Result<(), Box<dyn Error>> {
        for (number, trouble) in (2..).zip(troubles) {
            tokio::try_join!(
                self.make_trouble(provider, trouble),
                self.wait_for_key(provider, number),
            )?;
        }
        Ok(())
    }

    async fn make_trouble(
        &self,
        provider: Provider,
        trouble: Trouble,
    ) -> Result<(), Box<dyn Error>> {
        let answered_late = || Fault::delay(Duration::from_secs(20));
        match trouble {
            Nothing => Ok(()),
            AnswerLost => {
                let lost = Fault::cut_after_applying();
                self.inject(provider, "answer lost", lost).await;
                Ok(())
            }
            KillReplicas(replicas) => {
                self.inject(provider, "answered late", answered_late())
                    .await;
                self.kill_replicas(replicas).await
            }
            KillDatabase => {
                self.inject(provider, "answered late", answered_late())
                    .await;
                self.kill_database().await
            }
        }
    }

    /// Waits until a provider has the key with this number. After a failure the schedule tries again in an hour, so
    /// an operator, who doesn't want to wait, asks for that at once.
    async fn wait_for_key(&self, provider: Provider, number: u64) -> Result<(), Box<dyn Error>> {
        let has_rotated = |seen: &Seen| seen.of(provider).has_rotated_to(number);
        loop {
            self.wait(|seen| has_rotated(seen) || seen.of(provider).waits_after_failure())
                .await?;
            if self.newest.borrow().as_ref().is_some_and(has_rotated) {
                return Ok(());
            }
            self.ask_for_rotation(provider).await;
        }
    }

    /// Injects a fault of the next request that changes a key, and waits until it has happened.
    async fn inject(&self, provider: Provider, name: &'static str, fault: Fault) {
        let fault = fault.on(change(provider)).once();
        let injected = self.providers.simulator.inject(fault);
        loop {
            if let Some(hit) = injected.hits().first() {
                return self.timeline.fault(provider, hit.at, name);
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    async fn kill_replicas(&self, numbers: [usize; 2]) -> Result<(), Box<dyn Error>> {
        let _one_at_a_time = self.trouble.lock().await;
        for number in numbers {
            let replica = &self.replicas[number];
            lock(&replica.process).kill()?;
            let mut lives = lock(&replica.lives);
            let last = lives.0.take();
            lives.1.extend(last);
            self.timeline
                .say(&format!("replica {}", number + 1), "! killed");
        }
        self.providers.time.sleep(DOWN).await;
        for number in numbers {
            lock(&self.replicas[number].process).start()?;
            self.timeline
                .say(&format!("replica {}", number + 1), "started again");
        }
        Ok(())
    }

    async fn kill_database(&self) -> Result<(), Box<dyn Error>> {
        let _one_at_a_time = self.trouble.lock().await;
        lock(&self.database).kill()?;
        self.timeline.say("database", "! killed");
        self.providers.time.sleep(DOWN).await;
        lock(&self.database).start_again()?;
        self.timeline.say("database", "started again");
        Ok(())
    }

    /// Has a replica rotate a key now.
    async fn ask_for_rotation(&self, provider: Provider) {
        let name = name_of(provider);
        self.timeline.say("operator", &format!("asks {name} again"));
        let url = format!("{}/{}/rotate", self.url, name.to_lowercase());
        // If no replica answers, the caller asks once more.
        self.http.post(url).send().await.ok();
        tokio::time::sleep(3 * POLL).await;
    }

    /// Returns the last status of each process there has been.
    fn seen(&self) -> Vec<Seen> {
        let lives = self.replicas.iter().map(|it| lock(&it.lives).clone());
        let seen = lives.flat_map(|(latest, before)| before.into_iter().chain(latest));
        seen.collect()
    }

    /// Asks the replicas for their status again and again.
    async fn watch(&self) -> Result<Infallible, Box<dyn Error>> {
        let mut noted = [0; 2];
        loop {
            for (replica, number) in self.replicas.iter().zip(1..) {
                tokio::time::sleep(POLL / 4).await;
                let Ok(seen) = self.status(replica.address).await else {
                    if let Some(status) = lock(&replica.process).ended()? {
                        return Err(format!("replica {number} ended: {status}").into());
                    }
                    continue;
                };
                let now = self.providers.time.now();
                let versions = BOTH.map(|it| seen.of(it).version);
                for ((provider, noted), version) in BOTH.iter().zip(&mut noted).zip(versions) {
                    if version > *noted {
                        *noted = version;
                        self.timeline.note(*provider, seen.of(*provider), now);
                    }
                }
                lock(&replica.lives).0 = Some(seen.clone());
                self.newest.send_if_modified(|newest| {
                    let is_newer = |it: &Seen| {
                        BOTH.iter()
                            .all(|of| seen.of(*of).version >= it.of(*of).version)
                    };
                    let is_newer = newest.as_ref().is_none_or(is_newer);
                    if is_newer {
                        *newest = Some(seen);
                    }
                    is_newer
                });
                self.timeline.print();
            }
        }
    }

    async fn status(&self, replica: SocketAddr) -> reqwest::Result<Seen> {
        let status = self.http.get(format!("http://{replica}/status"));
        status.send().await?.json().await
    }

    /// Waits until the newest status is as it should be.
    async fn wait(&self, mut is_there: impl FnMut(&Seen) -> bool) -> Result<(), Box<dyn Error>> {
        let mut newest = self.newest.subscribe();
        newest
            .wait_for(|seen| seen.as_ref().is_some_and(&mut is_there))
            .await?;
        Ok(())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

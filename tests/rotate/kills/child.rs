//! The process that is killed: a service that receives deliveries, and rotates the key of its subscription.
//!
//! The process does what its parent writes to its standard input, and tells what it does on its standard
//! output.

use std::env;
use std::io::{stdin, BufRead};
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::process::exit;
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use tokio::net::TcpSocket;
use tokio::sync::{mpsc, watch, Semaphore};
use tokio::task::{try_id, Id};
use webhook_subscriptions::ratepay::types::SubscriptionRequest;
use webhook_subscriptions::rotate::{
    FileStore, Rotatable, RotationBuilder, Status, Store, StoredRecord, SwapError, TimeSource,
};
use webhook_subscriptions::{pandadoc, ratepay, BoxFuture, Rotation};

use super::report::{Asleep, Command, Report};
use crate::service::Service;
use crate::stores::forward;
use crate::world::PERIOD;

/// The name of the variable that holds the [`Settings`].
pub const SETTINGS: &str = "ROTATION_KILLS_CHILD";

const MINUTE: Duration = Duration::from_secs(60);

/// No request to loopback takes longer, except one that is never answered.
const REQUEST_TIMEOUT: Duration = Duration::from_millis(500);

/// The settings of a service that starts.
#[derive(Clone, Serialize, Deserialize)]
pub struct Settings {
    pub subscription: Subscription,
    pub base_url: String,
    pub credential: String,
    pub folder: PathBuf,
    pub sealing_key: Option<String>,
    pub port: u16,
    pub now: Millis,
}

#[derive(Clone, Serialize, Deserialize)]
pub enum Subscription {
    PandaDoc {
        id: String,
    },
    Ratepay {
        id: String,
        first: SubscriptionRequest,
    },
}

/// Milliseconds since the Unix epoch.
pub type Millis = u64;

pub fn to_time(millis: Millis) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(millis)
}

pub fn to_millis(time: SystemTime) -> Millis {
    time.duration_since(UNIX_EPOCH).unwrap().as_millis() as Millis
}

#[test]
#[ignore = "the process that the other tests start and kill"]
fn child() {
    let Ok(settings) = env::var(SETTINGS) else {
        return;
    };
    let settings = serde_json::from_str(&settings).unwrap();
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime
        .enable_all()
        .build()
        .unwrap()
        .block_on(serve(settings));
}

async fn serve(settings: Settings) {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .init();
    let parent = Parent::listen(to_time(settings.now));
    match settings.subscription.clone() {
        Subscription::PandaDoc { id } => {
            let client = pandadoc::Client::builder()
                .base_url(&settings.base_url)
                .api_key(&*settings.credential)
                .timeout(REQUEST_TIMEOUT)
                .build()
                .unwrap();
            let rotation = Rotation::pandadoc(client, id.parse().unwrap());
            let rotation = parent.start(&settings, rotation).await;
            parent
                .obey(&rotation, async |since| {
                    let missed = rotation.missed(since).await.ok()?;
                    let bodies = missed.deliveries.iter().map(|it| &it.body);
                    Some(bodies.map(|body| number(body)).collect())
                })
                .await;
        }
        Subscription::Ratepay { id, first } => {
            let client = ratepay::Client::builder()
                .base_url(&settings.base_url)
                .access_token(&*settings.credential)
                .timeout(REQUEST_TIMEOUT)
                .build()
                .unwrap();
            let rotation = Rotation::ratepay(client, id.parse().unwrap(), first);
            let rotation = parent.start(&settings, rotation).await;
            parent.obey(&rotation, async |_| Some(Vec::new())).await;
        }
    }
}

/// Returns the number that the parent gave this delivery.
fn number(body: &[u8]) -> u64 {
    let body: serde_json::Value = serde_json::from_slice(body).unwrap();
    body[0]["data"]["number"].as_u64().unwrap()
}

/// The process that started this one.
struct Parent {
    time: ToldTime,
    may_go_on: Arc<Semaphore>,
    commands: mpsc::UnboundedReceiver<Command>,
}

impl Parent {
    fn listen(now: SystemTime) -> Self {
        let time = ToldTime::new(now);
        let may_go_on = Arc::new(Semaphore::new(0));
        let (sender, commands) = mpsc::unbounded_channel();
        let told = (time.clone(), may_go_on.clone());
        thread::spawn(move || {
            for line in stdin().lock().lines() {
                match serde_json::from_str(&line.unwrap()).unwrap() {
                    Command::GoOn => told.1.add_permits(1),
                    Command::Time(now) => drop(told.0.now.send_replace(to_time(now))),
                    command => sender.send(command).unwrap(),
                };
            }
            // The parent has ended.
            exit(1);
        });
        Self {
            time,
            may_go_on,
            commands,
        }
    }

    /// Starts the rotation and the server.
    async fn start<S: Rotatable>(
        &self,
        settings: &Settings,
        rotation: RotationBuilder<S>,
    ) -> Rotation<S> {
        let folder = FileStore::open(&settings.folder).unwrap();
        let store: Box<dyn Store> = match &settings.sealing_key {
            Some(key) => Box::new(folder.sealed(key.parse().unwrap())),
            None => Box::new(folder),
        };
        let started = rotation
            .store(AskingStore {
                store,
                time: self.time.clone(),
                may_go_on: self.may_go_on.clone(),
            })
            .every(PERIOD)
            .min_overlap(2 * MINUTE)
            .min_silence(3 * MINUTE)
            .time(self.time.clone())
            .start()
            .await;
        let rotation = started.unwrap_or_else(|error| {
            Report::NotStarted(error.to_string()).print();
            exit(1)
        });
        let socket = TcpSocket::new_v4().unwrap();
        // The parent holds the port, without listening.
        socket.set_reuseaddr(true).unwrap();
        let address = (Ipv4Addr::LOCALHOST, settings.port).into();
        socket.bind(address).unwrap();
        Service::serve(&rotation, socket.listen(1024).unwrap());
        let running = tokio::spawn(rotation.clone().run());
        self.time.tell_of(running.id(), &rotation);
        Report::Ready.print();
        rotation
    }

    /// Does what the parent says until it says no more.
    async fn obey<S: Rotatable>(
        mut self,
        rotation: &Rotation<S>,
        missed: impl AsyncFn(SystemTime) -> Option<Vec<u64>>,
    ) {
        while let Some(command) = self.commands.recv().await {
            match command {
                Command::Missed { since } => {
                    // The parent asks again.
                    let numbers = missed(to_time(since)).await;
                    Report::Missed(numbers).print();
                }
                Command::Resume => drop(tokio::spawn({
                    let rotation = rotation.clone();
                    async move { rotation.resume().await }
                })),
                Command::Rotate => drop(tokio::spawn({
                    let rotation = rotation.clone();
                    async move { rotation.rotate_now().await }
                })),
                Command::GoOn | Command::Time(_) => unreachable!(),
            }
        }
    }
}

/// A store that asks the parent before and after each swap whether it may go on.
struct AskingStore {
    store: Box<dyn Store>,
    time: ToldTime,
    may_go_on: Arc<Semaphore>,
}

impl AskingStore {
    async fn ask(&self, report: fn(String) -> Report) {
        let status = self.time.status();
        report(status.map_or("start".to_owned(), |it| it.phase.to_string())).print();
        self.may_go_on.acquire().await.unwrap().forget();
    }
}

impl Store for AskingStore {
    forward! { store: load }

    fn swap<'a>(
        &'a self,
        subscription: &'a str,
        record: &'a StoredRecord,
    ) -> BoxFuture<'a, Result<(), SwapError>> {
        Box::pin(async move {
            self.ask(Report::BeforeSwap).await;
            let swapped = self.store.swap(subscription, record).await;
            self.ask(Report::AfterSwap).await;
            swapped
        })
    }
}

/// A clock that goes by what the parent says. It tells the parent when the rotation has nothing to do.
#[derive(Clone)]
struct ToldTime {
    now: watch::Sender<SystemTime>,
    told_of: Arc<OnceLock<ToldOf>>,
}

struct ToldOf {
    running: Id,
    status: Box<dyn Fn() -> Status + Send + Sync>,
}

impl ToldTime {
    fn new(now: SystemTime) -> Self {
        Self {
            now: watch::Sender::new(now),
            told_of: Arc::default(),
        }
    }

    fn tell_of<S: Rotatable>(&self, running: Id, rotation: &Rotation<S>) {
        let rotation = rotation.clone();
        let status = Box::new(move || rotation.status());
        self.told_of.set(ToldOf { running, status }).ok().unwrap();
    }

    /// Returns the status of the rotation, once it has started.
    fn status(&self) -> Option<Status> {
        Some((self.told_of.get()?.status)())
    }

    /// Tells the parent, if it is the rotation that waits, and not a delivery.
    fn tell(&self, until: SystemTime) {
        let is_rotation = |it: &&ToldOf| Some(it.running) == try_id();
        let Some(told_of) = self.told_of.get().filter(is_rotation) else {
            return;
        };
        let status = (told_of.status)();
        // A stale read may have put an older key last, as the current one.
        let numbers = status.generations.iter().map(|it| it.number);
        let newest = numbers.max().unwrap_or(0);
        Report::Asleep(Asleep {
            until: to_millis(until),
            phase: status.phase.to_string(),
            next_at: status.next_at.map(to_millis),
            newest,
            keys: status.generations.len(),
        })
        .print();
    }
}

impl TimeSource for ToldTime {
    fn now(&self) -> SystemTime {
        *self.now.borrow()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        let until = self.now() + duration;
        let mut now = self.now.subscribe();
        Box::pin(async move {
            if *now.borrow() < until {
                self.tell(until);
            }
            now.wait_for(|now| *now >= until).await.unwrap();
        })
    }
}

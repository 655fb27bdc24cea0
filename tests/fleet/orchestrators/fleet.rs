//! The processes, and the database that they share.

use std::env;
use std::str::FromStr;
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, SystemTime};

use tokio_postgres::{Client, Config, NoTls};
use uuid::Uuid;
use webhook_subscriptions::rotate::{PostgresStore, SealingKey};
use webhook_subscriptions::Secret;

use super::child::{Settings, Subscriptions};
use super::history::{self, Version};
use super::process::{has_faketime, Process, Stop};
use super::time::to_millis;
use super::traffic::Balancer;
use crate::postgres::{connect, Server};

/// How far the clock of each process is off, in minutes.
const SKEWS: [i64; 8] = [0, 5, -7, 11, -3, 2, -12, 8];

/// Processes that rotate the same keys.
pub struct Fleet {
    pub balancer: Balancer,
    pub database: Client,
    pub began: SystemTime,
    /// All that there have been, the killed ones included.
    processes: Mutex<Vec<Process>>,
    http: reqwest::Client,
    key: SealingKey,
    settings: Settings,
    // Dropped after the processes.
    _server: Server,
}

impl Fleet {
    pub async fn new(
        balancer: Balancer,
        base_url: &str,
        credential: Secret,
        subscriptions: Subscriptions,
    ) -> Self {
        let server = Server::start(&["fsync=off"]);
        let (folder, port) = (server.folder().display(), server.port());
        let settings = format!("host={folder} port={port} user=postgres dbname=postgres");
        let config: Config = settings.parse().unwrap();
        let key = SealingKey::generate();
        let store = PostgresStore::connect(config.clone(), NoTls, key.clone());
        store.await.unwrap().migrate().await.unwrap();
        let database = connect(&config).await;
        history::begin(&database).await;
        let began = SystemTime::now();
        let settings = Settings {
            name: String::new(),
            database: settings,
            sealing_key: key.to_base64().expose_secret().to_owned(),
            base_url: base_url.to_owned(),
            credential: credential.expose_secret().to_owned(),
            subscriptions,
            began: to_millis(began),
        };
        Self {
            balancer,
            database,
            began,
            processes: Mutex::default(),
            http: reqwest::Client::new(),
            key,
            settings,
            _server: server,
        }
    }

    /// Starts a process, and returns its number.
    pub async fn add(&self) -> usize {
        let number = self.processes().len();
        let settings = Settings {
            name: format!("process {number}"),
            ..self.settings.clone()
        };
        let minutes = SKEWS[number % SKEWS.len()];
        let process = Process::start(&settings, minutes).await;
        if has_faketime() {
            // The process took a moment until it told the time.
            let off = process.skew - 60 * minutes;
            assert!(off.abs() <= 5, "{off} s");
        }
        self.change(|processes| processes.push(process));
        number
    }

    pub fn stop(&self, number: usize) {
        self.change(|processes| processes[number].stop());
    }

    pub fn go_on(&self, number: usize) {
        self.change(|processes| processes[number].go_on());
    }

    pub fn kill(&self, number: usize) {
        self.change(|processes| processes[number].kill());
    }

    /// Has all processes rotate all keys at the same moment.
    pub fn rotate(&self) {
        for number in self.running() {
            let url = self.url(number, "rotate");
            let request = self.http.post(url).timeout(Duration::from_secs(20));
            // A process that is stopped or killed meanwhile doesn't answer.
            tokio::spawn(async move { request.send().await.ok() });
        }
    }

    /// Returns the numbers of those that run.
    pub fn running(&self) -> Vec<usize> {
        self.numbers(Process::is_running)
    }

    pub fn stopped(&self) -> Vec<usize> {
        self.numbers(Process::is_stopped)
    }

    /// Asks a process, unless it is stopped or killed meanwhile.
    pub fn get(&self, number: usize, path: &str) -> reqwest::RequestBuilder {
        self.http.get(self.url(number, path))
    }

    pub fn post(&self, number: usize, path: &str) -> reqwest::RequestBuilder {
        self.http.post(self.url(number, path))
    }

    /// Returns all versions of the record of this name.
    pub async fn history(&self, record: &str) -> Vec<Version> {
        history::read(&self.database, &self.key, record).await
    }

    /// Tells whether the process of this name was ready once.
    pub fn has(&self, process: &str) -> bool {
        self.processes().iter().any(|it| it.name == process)
    }

    fn processes(&self) -> MutexGuard<'_, Vec<Process>> {
        self.processes.lock().unwrap()
    }

    /// Returns when the process of this name was stopped, and when it was about to send requests for a subscription.
    pub fn past(&self, process: &str, subscription: Uuid) -> (Vec<Stop>, Vec<SystemTime>) {
        let processes = self.processes();
        let found = processes.iter().find(|it| it.name == process).unwrap();
        (found.stops.clone(), found.asked(subscription))
    }

    fn url(&self, number: usize, path: &str) -> String {
        format!("http://{}/{path}", self.processes()[number].address)
    }

    fn numbers(&self, is_one: impl Fn(&Process) -> bool) -> Vec<usize> {
        let processes = self.processes();
        let numbered = processes.iter().enumerate();
        numbered
            .filter(|(_, it)| is_one(it))
            .map(|(n, _)| n)
            .collect()
    }

    fn change(&self, change: impl FnOnce(&mut Vec<Process>)) {
        let mut processes = self.processes();
        change(&mut processes);
        let running = processes.iter().filter(|it| it.is_running());
        self.balancer
            .deliver_to(running.map(|it| it.address).collect());
    }
}

/// Reads a variable, such as the seed of a run.
pub fn variable<T: FromStr>(name: &str) -> Option<T> {
    let value = env::var(name).ok()?;
    Some(value.parse().ok().expect("a number"))
}

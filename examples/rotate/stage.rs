//! Everybody who takes part in a rehearsal: the providers, the service, and somebody who watches it.

use std::convert::Infallible;
use std::error::Error;
use std::io;
use std::net::TcpListener;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tempfile::TempDir;
use tokio::sync::watch;
use webhook_subscriptions::rotate::TimeSource;
use webhook_subscriptions::testing::Provider;

use super::process::{NewCommand, Process};
use super::providers::Providers;
use super::status::Seen;
use super::timeline::{name_of, Say, Timeline};

pub const BOTH: [Provider; 2] = [Provider::PandaDoc, Provider::Ratepay];

/// How long the service doesn't run after it was killed.
const DOWN: Duration = Duration::from_secs(100);

/// How often the service is asked for its status, in real time.
const POLL: Duration = Duration::from_millis(20);

/// Everybody who takes part.
pub struct Stage {
    pub providers: Providers,
    service: Mutex<Process>,
    /// The URL of the service.
    url: String,
    http: reqwest::Client,
    pub timeline: Timeline,
    /// The latest status.
    seen: watch::Sender<Option<Seen>>,
    /// The last status of each process that was killed.
    lives: Mutex<Vec<Seen>>,
    /// The folder with the keys, which is deleted when this is dropped.
    _folder: TempDir,
}

impl Stage {
    pub async fn new(service: NewCommand, say: Say) -> Result<Self, Box<dyn Error>> {
        // The service has the same address after a restart.
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let url = format!("http://{address}");
        let providers = Providers::start(&url).await?;
        let folder = tempfile::tempdir()?;
        let keys = folder.path().join("keys");
        let mut variables = providers.variables(&url)?;
        variables.extend([
            ("LISTEN", address.to_string()),
            ("WEBHOOK_KEYS", keys.display().to_string()),
        ]);
        Ok(Self {
            service: Mutex::new(Process::new(service, variables, providers.time)),
            url,
            http: reqwest::Client::builder().no_proxy().build()?,
            timeline: Timeline::new(providers.time, say),
            seen: watch::Sender::default(),
            lives: Mutex::default(),
            _folder: folder,
            providers,
        })
    }

    pub fn start_service(&self) -> io::Result<()> {
        self.service().start()
    }

    pub async fn kill_and_start_again(&self) -> Result<(), Box<dyn Error>> {
        self.lives().extend(self.latest());
        self.timeline.killed();
        self.service().kill()?;
        self.providers.time.sleep(DOWN).await;
        self.service().start()?;
        self.timeline.started_again();
        Ok(())
    }

    /// Has the service rotate a key now.
    pub async fn ask_for_rotation(&self, provider: Provider) {
        let name = name_of(provider);
        self.timeline.say("operator", &format!("asks {name} again"));
        let url = format!("{}/{}/rotate", self.url, name.to_lowercase());
        // If the service doesn't run now, the caller asks once more.
        self.http.post(url).send().await.ok();
        tokio::time::sleep(3 * POLL).await;
    }

    /// Returns how many deliveries of this provider all processes of the service accepted after they had held them.
    pub fn held(&self, provider: Provider) -> u64 {
        let lives = self.lives().clone();
        let lives = lives.into_iter().chain(self.latest());
        let held = lives.map(|life| life.of(provider).unknown_signatures.accepted);
        held.sum()
    }

    /// Returns the latest status, if there is one yet.
    pub fn latest(&self) -> Option<Seen> {
        self.seen.borrow().clone()
    }

    /// Asks the service for its status again and again.
    pub async fn watch(&self) -> Result<Infallible, Box<dyn Error>> {
        loop {
            tokio::time::sleep(POLL).await;
            if let Ok(seen) = self.status().await {
                let now = self.providers.time.now();
                for provider in BOTH {
                    self.timeline.note(provider, seen.of(provider), now);
                }
                self.seen.send_replace(Some(seen));
                self.timeline.print();
            } else if let Some(status) = self.service().ended()? {
                return Err(format!("the service ended: {status}").into());
            }
        }
    }

    async fn status(&self) -> reqwest::Result<Seen> {
        let answer = self.http.get(format!("{}/status", self.url)).send().await?;
        answer.json().await
    }

    /// Waits until a status of the service is as it should be.
    pub async fn wait(
        &self,
        mut is_there: impl FnMut(&Seen) -> bool,
    ) -> Result<(), Box<dyn Error>> {
        let mut seen = self.seen.subscribe();
        seen.wait_for(|seen| seen.as_ref().is_some_and(&mut is_there))
            .await?;
        Ok(())
    }

    fn service(&self) -> MutexGuard<'_, Process> {
        self.service.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lives(&self) -> MutexGuard<'_, Vec<Seen>> {
        self.lives.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

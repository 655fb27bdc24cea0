//! Deliveries to those processes that run.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use serde_json::json;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use uuid::Uuid;
use webhook_subscriptions::testing::{DeliveryReport, Simulator};

use super::child::Missed;
use super::fleet::Fleet;
use super::time::to_millis;

/// Between two deliveries.
const PAUSE: Duration = Duration::from_millis(50);

/// How long a delivery is looked for.
const SWEEPS: Duration = Duration::from_secs(20);

/// Hands each connection to a process that runs.
pub struct Balancer {
    address: SocketAddr,
    receivers: Arc<Mutex<Vec<SocketAddr>>>,
    task: JoinHandle<()>,
}

impl Balancer {
    pub async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let receivers: Arc<Mutex<Vec<SocketAddr>>> = Arc::default();
        let known = receivers.clone();
        let task = tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let receiver = {
                    let mut known = known.lock().unwrap();
                    let most = known.len().min(1);
                    known.rotate_left(most);
                    known.first().copied()
                };
                tokio::spawn(async move {
                    let mut receiver = TcpStream::connect(receiver?).await.ok()?;
                    copy_bidirectional(&mut client, &mut receiver).await.ok()
                });
            }
        });
        Self {
            address,
            receivers,
            task,
        }
    }

    /// The URL of a subscription.
    pub fn url(&self, number: usize) -> String {
        format!("http://{}/deliver/{number}", self.address)
    }

    pub fn deliver_to(&self, receivers: Vec<SocketAddr>) {
        *self.receivers.lock().unwrap() = receivers;
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The result of a genuine delivery of PandaDoc's.
#[derive(Debug)]
pub enum Fate {
    Accepted,
    /// A process found it in the history.
    Found,
    /// The history has it, and no process accepts its key.
    Unverified,
}

/// Delivers to all subscriptions in turn, until it is told to stop.
pub struct Traffic {
    sending: JoinHandle<JoinSet<Fate>>,
    is_over: Arc<AtomicBool>,
}

impl Traffic {
    pub fn start(simulator: Arc<Simulator>, fleet: Arc<Fleet>, subscriptions: Vec<Uuid>) -> Self {
        let is_over: Arc<AtomicBool> = Arc::default();
        let stop = is_over.clone();
        let sending = tokio::spawn(async move {
            let mut sent = JoinSet::new();
            for number in 0.. {
                if stop.load(Ordering::SeqCst) {
                    break;
                }
                let subscription = number as usize % subscriptions.len();
                let id = subscriptions[subscription];
                let (simulator, fleet) = (simulator.clone(), fleet.clone());
                sent.spawn(async move {
                    let since = SystemTime::now();
                    let data = json!({ "number": number });
                    let pandadoc = simulator.pandadoc();
                    let report = pandadoc.deliver(&id, "document_state_changed", data);
                    let report = report.await.unwrap();
                    match report.is_accepted() {
                        true => Fate::Accepted,
                        false => sweep(&fleet, subscription, number, &report, since).await,
                    }
                });
                tokio::time::sleep(PAUSE).await;
            }
            sent
        });
        Self { sending, is_over }
    }

    /// Waits until each delivery was accepted, or looked for.
    pub async fn stop(self) -> Vec<Fate> {
        self.is_over.store(true, Ordering::SeqCst);
        self.sending.await.unwrap().join_all().await
    }
}

/// Has processes look for a delivery in the history, as a service does from time to time.
async fn sweep(
    fleet: &Fleet,
    subscription: usize,
    number: u64,
    report: &DeliveryReport,
    since: SystemTime,
) -> Fate {
    let path = format!("missed/{subscription}/{}", to_millis(since));
    let start = Instant::now();
    let mut latest = None;
    while start.elapsed() < SWEEPS {
        if let Some(process) = fleet.running().first() {
            // The process may be stopped or killed meanwhile.
            if let Some(missed) = ask(fleet, *process, &path).await {
                if missed.numbers.contains(&number) {
                    return Fate::Found;
                }
                latest = Some(missed);
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
    let is_told = latest.is_some_and(|missed| missed.unverified.contains(&report.id));
    assert!(is_told, "{report:#?}");
    Fate::Unverified
}

async fn ask(fleet: &Fleet, process: usize, path: &str) -> Option<Missed> {
    let request = fleet.get(process, path).timeout(SWEEPS / 4);
    request.send().await.ok()?.json().await.ok()
}

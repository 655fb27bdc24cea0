//! Deliveries to those processes that run.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use uuid::Uuid;
use webhook_subscriptions::testing::{DeliveryReport, Simulator};

/// Between two deliveries.
const PAUSE: Duration = Duration::from_millis(50);

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

/// A genuine delivery of PandaDoc's, and what became of it.
pub struct Delivered {
    /// The place of its subscription in the list.
    pub subscription: usize,
    pub number: u64,
    pub report: DeliveryReport,
}

/// Delivers to all subscriptions in turn, until it is told to stop.
pub struct Traffic(JoinHandle<JoinSet<Delivered>>, Arc<Mutex<bool>>);

impl Traffic {
    pub fn start(simulator: Arc<Simulator>, subscriptions: Vec<Uuid>) -> Self {
        let is_over: Arc<Mutex<bool>> = Arc::default();
        let stop = is_over.clone();
        let task = tokio::spawn(async move {
            let mut sent = JoinSet::new();
            for number in 0.. {
                if *stop.lock().unwrap() {
                    break;
                }
                let subscription = number as usize % subscriptions.len();
                let (simulator, id) = (simulator.clone(), subscriptions[subscription]);
                sent.spawn(async move {
                    let data = json!({ "number": number });
                    let pandadoc = simulator.pandadoc();
                    let report = pandadoc.deliver(&id, "document_state_changed", data);
                    Delivered {
                        subscription,
                        number,
                        report: report.await.unwrap(),
                    }
                });
                tokio::time::sleep(PAUSE).await;
            }
            sent
        });
        Self(task, is_over)
    }

    /// Waits until the last delivery was accepted or given up.
    pub async fn stop(self) -> Vec<Delivered> {
        *self.1.lock().unwrap() = true;
        self.0.await.unwrap().join_all().await
    }
}

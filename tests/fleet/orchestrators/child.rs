//! The process that is stopped and killed: a service that rotates the keys of all subscriptions, and receives their
//! deliveries.

use std::env;
use std::io::{copy, sink, stdin};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::exit;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, SystemTime};

use axum::body::Bytes;
use axum::extract::Path;
use axum::routing::{get, post};
use axum::Router;
use http::request::Parts;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio_postgres::{Config, NoTls};
use uuid::Uuid;
use webhook_subscriptions::ratepay::types::SubscriptionRequest;
use webhook_subscriptions::rotate::{PostgresStore, Rotatable, RotationBuilder, Store};
use webhook_subscriptions::verify::PandaDoc;
use webhook_subscriptions::{
    pandadoc, ratepay, BoxFuture, Credential, CredentialError, CredentialSource, Rotation,
};

use super::time::{to_millis, to_time, FastTime, Millis};

/// The name of the variable that holds the [`Settings`].
pub const SETTINGS: &str = "ORCHESTRATION_CHILD";

/// The beginning of the line that has [`Ready`], by which it is told from the lines of the test harness.
pub const MARK: &str = "ready: ";

/// The beginning of a line that has the id of a subscription for which a request is about to be sent.
pub const ASKED: &str = "asked: ";

/// The most milliseconds that a credential takes.
const SLOWEST_CREDENTIAL: u64 = 600;

/// The settings of a process that starts.
#[derive(Clone, Serialize, Deserialize)]
pub struct Settings {
    pub name: String,
    pub database: String,
    pub sealing_key: String,
    pub base_url: String,
    pub credential: String,
    pub subscriptions: Subscriptions,
    pub began: Millis,
}

#[derive(Clone, Serialize, Deserialize)]
pub enum Subscriptions {
    PandaDoc(Vec<Uuid>),
    Ratepay(Vec<(String, SubscriptionRequest)>),
}

/// The report of a process once it takes part.
#[derive(Serialize, Deserialize)]
pub struct Ready {
    pub pid: u32,
    pub address: SocketAddr,
    /// The time by the clock of its machine.
    pub now: Millis,
}

/// The deliveries that were found in PandaDoc's history.
#[derive(Default, Serialize, Deserialize)]
pub struct Missed {
    /// The numbers of the deliveries that a key verifies.
    pub numbers: Vec<u64>,
    pub unverified: Vec<Uuid>,
}

#[test]
#[ignore = "the process that the other tests start, stop and kill"]
fn child() {
    let Ok(settings) = env::var(SETTINGS) else {
        return;
    };
    let settings = serde_json::from_str(&settings).unwrap();
    thread::spawn(|| {
        // The process ends when the parent does, however that ends.
        copy(&mut stdin(), &mut sink()).ok();
        exit(1);
    });
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().build().unwrap();
    runtime.block_on(serve(settings));
}

async fn serve(settings: Settings) {
    let mut database: Config = settings.database.parse().unwrap();
    // So the database knows who stored something.
    database.application_name(&settings.name);
    let key = settings.sealing_key.parse().unwrap();
    let store = PostgresStore::connect(database, NoTls, key).await.unwrap();
    store.migrate().await.unwrap();
    let base_url = settings.base_url.clone();
    match settings.subscriptions {
        Subscriptions::PandaDoc(ids) => {
            let credential = Credential::api_key(&*settings.credential).unwrap();
            let rotations = ids.into_iter().map(|id| {
                let source = SlowCredential {
                    credential: credential.clone(),
                    subscription: id,
                };
                let client = pandadoc::Client::builder().base_url(&base_url);
                let client = client.credential_source(source).build().unwrap();
                Rotation::pandadoc(client, id)
            });
            let rotations = start(rotations, &store, settings.began).await;
            let router = router(rotations.clone());
            let missed = get(async move |Path((number, since)): Path<(usize, Millis)>| {
                let sweep = missed(&rotations[number], to_time(since));
                SWEEPS.scope((), sweep).await
            });
            listen(router.route("/missed/{number}/{since}", missed)).await;
        }
        Subscriptions::Ratepay(subscriptions) => {
            let client = ratepay::Client::builder().base_url(base_url);
            let client = client.access_token(&*settings.credential).build().unwrap();
            let rotations = subscriptions.into_iter().map(|(id, subscription)| {
                Rotation::ratepay(client.clone(), id.parse().unwrap(), subscription)
            });
            listen(router(start(rotations, &store, settings.began).await)).await;
        }
    }
}

async fn start<S: Rotatable>(
    rotations: impl Iterator<Item = RotationBuilder<S>>,
    store: &PostgresStore,
    began: Millis,
) -> Arc<[Rotation<S>]> {
    let mut started = Vec::new();
    for rotation in rotations {
        let time = FastTime {
            database: store.clock().unwrap(),
            began: to_time(began),
        };
        let rotation = rotation
            .store(store.clone())
            .min_overlap(Duration::ZERO)
            .min_silence(Duration::ZERO)
            .time(time);
        let rotation = rotation.start().await.unwrap();
        tokio::spawn(rotation.clone().run());
        started.push(rotation);
    }
    while !started.iter().all(Rotation::is_ready) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    started.into()
}

/// Rotations are named by their place in the list.
fn router<S: Rotatable>(rotations: Arc<[Rotation<S>]>) -> Router {
    let [delivered, looked, asked] = [(); 3].map(|()| rotations.clone());
    let deliver = post(
        async move |Path(number): Path<usize>, head: Parts, body: Bytes| match delivered[number]
            .verify_request(&head, &body)
            .await
        {
            Ok(_) => StatusCode::OK,
            Err(refusal) => refusal.status(),
        },
    );
    // With the keys that this process has, without a look into the store.
    let ring = post(
        async move |Path(number): Path<usize>, head: Parts, body: Bytes| {
            let ring = looked[number].ring();
            status(ring.verify_request(&head, &body, SystemTime::now()).is_ok())
        },
    );
    let ready = get(async move |Path(number): Path<usize>| status(asked[number].is_ready()));
    let rotate = post(async move || {
        for rotation in rotations.iter() {
            let rotation = rotation.clone();
            tokio::spawn(async move {
                match rotation.status().attention {
                    // Too many attempts were stopped.
                    Some(_) => rotation.resume().await,
                    None => rotation.rotate_now().await,
                }
            });
        }
    });
    Router::new()
        .route("/deliver/{number}", deliver)
        .route("/ring/{number}", ring)
        .route("/ready/{number}", ready)
        .route("/rotate", rotate)
}

fn status(is_ok: bool) -> StatusCode {
    match is_ok {
        true => StatusCode::OK,
        false => StatusCode::SERVICE_UNAVAILABLE,
    }
}

async fn missed(rotation: &Rotation<PandaDoc>, since: SystemTime) -> String {
    let missed = rotation.missed(since).await.unwrap();
    let bodies = missed.deliveries.iter().map(|it| {
        let body: serde_json::Value = serde_json::from_slice(&it.body).unwrap();
        body[0]["data"]["number"].as_u64().unwrap()
    });
    let missed = Missed {
        numbers: bodies.collect(),
        unverified: missed.unverified,
    };
    serde_json::to_string(&missed).unwrap()
}

async fn listen(router: Router) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let ready = Ready {
        pid: std::process::id(),
        address: listener.local_addr().unwrap(),
        now: to_millis(SystemTime::now()),
    };
    println!("{MARK}{}", serde_json::to_string(&ready).unwrap());
    axum::serve(listener, router).await.unwrap();
}

/// A credential that takes a moment, as one that comes from a token endpoint does. A client asks for it between the
/// rotation's check of the time and the request, so processes are often stopped there.
///
/// The credential reports when it is asked for. That is as soon after the check as can be known.
struct SlowCredential {
    credential: Credential,
    subscription: Uuid,
}

tokio::task_local! {
    /// Set while the history is read, which takes many requests.
    static SWEEPS: ();
}

impl CredentialSource for SlowCredential {
    fn credential(&self) -> BoxFuture<'_, Result<Credential, CredentialError>> {
        Box::pin(async {
            if SWEEPS.try_with(|()| ()).is_err() {
                println!("{ASKED}{}", self.subscription);
                let wait = fastrand::u64(..=SLOWEST_CREDENTIAL);
                tokio::time::sleep(Duration::from_millis(wait)).await;
            }
            Ok(self.credential.clone())
        })
    }
}

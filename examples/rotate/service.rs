//! The service: receives deliveries, and rotates the keys that sign them.

use std::collections::BTreeSet;
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use axum::routing::{get, post, MethodRouter};
use axum::Router;
use serde_json::json;
use tokio::net::TcpListener;
use webhook_subscriptions::pandadoc::delivery::{self, EventOrOther};
use webhook_subscriptions::rotate::{FileStore, Rotatable, RotationBuilder, Store, TimeSource};
use webhook_subscriptions::verify::{PandaDoc, Ratepay};
use webhook_subscriptions::Rotation;

use super::fast_time::FastTime;
use super::settings::{optional, Settings, Variables};

const MINUTE: Duration = Duration::from_secs(60);

/// The ids of documents.
type Documents = Arc<Mutex<BTreeSet<String>>>;

/// Serves the hooks of both providers until the process ends.
pub async fn serve(variables: Variables<'_>, time: FastTime) -> Result<(), Box<dyn Error>> {
    let settings = Settings::read(variables)?;
    let (Some(pandadoc), Some(ratepay), Some((folder, sealing_key)), Some(address)) = (
        settings.pandadoc,
        settings.ratepay,
        settings.store,
        optional(variables, "LISTEN")?,
    ) else {
        return Err(
            "the service needs the variables of both providers, WEBHOOK_KEYS and LISTEN".into(),
        );
    };
    let store = FileStore::open(folder)?;
    match sealing_key {
        Some(key) => receive(pandadoc, ratepay, store.sealed(key), &address, time).await,
        None => receive(pandadoc, ratepay, store, &address, time).await,
    }
}

/// Serves the hooks, with the keys in this store, until the process ends.
pub async fn receive<T: Store + Clone>(
    pandadoc: RotationBuilder<PandaDoc>,
    ratepay: RotationBuilder<Ratepay>,
    store: T,
    address: &str,
    time: FastTime,
) -> Result<(), Box<dyn Error>> {
    let pandadoc = fast(pandadoc, time).store(store.clone()).start().await?;
    let ratepay = fast(ratepay, time).store(store).start().await?;
    tokio::spawn(pandadoc.clone().run());
    tokio::spawn(ratepay.clone().run());
    let found = Documents::default();
    tokio::spawn(sweep(pandadoc.clone(), time, found.clone()));

    let listener = TcpListener::bind(address).await?;
    let hooks = Router::new()
        .route("/pandadoc", post(accept).layer(pandadoc.layer()))
        .route("/ratepay", post(accept).layer(ratepay.layer()));
    Ok(axum::serve(listener, hooks.merge(operator(pandadoc, ratepay, found))).await?)
}

/// Sets short times. Without them, keys change on demand only, and the old one is accepted for days.
fn fast<S: Rotatable>(rotation: RotationBuilder<S>, time: FastTime) -> RotationBuilder<S> {
    rotation
        .every(3 * MINUTE)
        .min_overlap(MINUTE)
        .min_silence(2 * MINUTE)
        .time(time)
}

/// Takes in a delivery that was verified. A real service stores it before it answers.
async fn accept(_body: Bytes) {}

/// Looks every minute for deliveries that came while the service was down. Once an hour is enough for a real one.
async fn sweep(rotation: Rotation<PandaDoc>, time: FastTime, found: Documents) {
    loop {
        match rotation.missed(time.now() - 10 * MINUTE).await {
            Ok(missed) => {
                for delivery in missed.deliveries {
                    let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
                    found.extend(documents(&delivery.body));
                }
            }
            Err(error) => {
                eprintln!("couldn't read the history, so it is read again later: {error}")
            }
        }
        time.sleep(MINUTE).await;
    }
}

fn documents(body: &[u8]) -> Vec<String> {
    let events = delivery::parse(body).unwrap_or_default().into_iter();
    let id = |event| match event {
        EventOrOther::Event(event) => event.data["id"].as_str().map(str::to_owned),
        _ => None,
    };
    events.filter_map(id).collect()
}

/// Routes for the operator. A real service lets nobody else use them.
fn operator(pandadoc: Rotation<PandaDoc>, ratepay: Rotation<Ratepay>, found: Documents) -> Router {
    let rotate_pandadoc = rotate(pandadoc.clone());
    let rotate_ratepay = rotate(ratepay.clone());
    let status = move || async move {
        let found = found.lock().unwrap_or_else(PoisonError::into_inner);
        let status = json!({
            "pandadoc": pandadoc.status(),
            "ratepay": ratepay.status(),
            "found": *found,
        });
        status.to_string()
    };
    Router::new()
        .route("/status", get(status))
        .route("/pandadoc/rotate", rotate_pandadoc)
        .route("/ratepay/rotate", rotate_ratepay)
}

fn rotate<S: Rotatable>(rotation: Rotation<S>) -> MethodRouter {
    post(move || async move {
        match rotation.rotate_now().await {
            Ok(ended) => format!("{ended:?}"),
            Err(error) => error.to_string(),
        }
    })
}

//! The genuine deliveries in PandaDoc's history that the service didn't accept.

use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};
use std::sync::Arc;
use std::time::SystemTime;

use axum::http::{header::CONTENT_TYPE, StatusCode, Uri};
use axum::response::IntoResponse;
use axum::Router;
use serde_json::{json, Value};
use tokio::net::TcpListener;
use uuid::Uuid;
use webhook_subscriptions::pandadoc::{self, delivery};
use webhook_subscriptions::rotate::{Missed, MissedError};
use webhook_subscriptions::testing::{DeliveryFault, Fault, MemoryStore, Operation, Simulator};
use webhook_subscriptions::verify::{Key, PandaDoc};
use webhook_subscriptions::{Rotation, Secret, WebhookUrl};

use crate::world::{Process, World, BODY, DAY, HOUR, MINUTE};

/// A service that answers every delivery with the same status, until it is told another one.
struct Service {
    world: World<PandaDoc>,
    process: Process<PandaDoc>,
    url: String,
    status: Arc<AtomicU16>,
}

impl Service {
    async fn start() -> Self {
        let status = Arc::new(AtomicU16::new(500));
        let answer = status.clone();
        let app = Router::new().fallback(move || async move {
            StatusCode::from_u16(answer.load(Ordering::SeqCst)).unwrap()
        });
        let url = format!("{}/hooks", serve(app).await);
        let simulator = Simulator::builder().delivery_attempts(1);
        let world = World::delivering_to(simulator, &url).await;
        let process = world.run().await;
        Self {
            world,
            process,
            url,
            status,
        }
    }

    /// Delivers an event of this document, which is answered with this status. Returns the id of the delivery.
    async fn deliver(&self, document: &str, status: u16) -> Uuid {
        self.deliver_to(&self.world.subscription, document, status)
            .await
    }

    async fn deliver_to(&self, subscription: &Uuid, document: &str, status: u16) -> Uuid {
        self.status.store(status, Ordering::SeqCst);
        let pandadoc = self.world.simulator.pandadoc();
        let data = json!({ "id": document });
        let report = pandadoc.deliver(subscription, "document_updated", data);
        report.await.unwrap().id
    }

    async fn missed(&self) -> Missed {
        // PandaDoc's rate limits are by the minute.
        self.world.clock.advance(MINUTE);
        let since = self.world.clock.now() - HOUR;
        self.process.missed(since).await.unwrap()
    }

    /// The documents of the deliveries that were missed.
    async fn missed_documents(&self) -> Vec<String> {
        let missed = self.missed().await;
        let bodies = missed.deliveries.iter();
        bodies.map(|it| document(&it.body)).collect()
    }
}

fn document(body: &[u8]) -> String {
    match &delivery::parse(body).unwrap()[..] {
        [delivery::EventOrOther::Event(event)] => event.data["id"].as_str().unwrap().to_owned(),
        other => panic!("{other:?}"),
    }
}

async fn serve(app: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async { axum::serve(listener, app).await });
    url
}

#[tokio::test]
async fn a_delivery_that_failed_is_returned_and_an_accepted_one_is_not() {
    let service = Service::start().await;
    for (document, status) in [
        ("1", 500),
        ("2", 200),
        ("3", 503),
        ("4", 204),
        ("5", 403),
        ("6", 302),
    ] {
        service.deliver(document, status).await;
    }
    let mut missed = service.missed_documents().await;
    missed.sort();
    assert_eq!(missed, ["1", "3", "5", "6"]);
}

#[tokio::test]
async fn a_delivery_that_nobody_answered_is_returned() {
    let service = Service::start().await;
    let pandadoc = service.world.simulator.pandadoc();
    let gone: WebhookUrl = "http://127.0.0.1:9/hooks".parse().unwrap();
    let id = pandadoc.add_subscription(&gone);
    let world = &service.world;
    let client = pandadoc.client_builder().build().unwrap();
    let builder = Rotation::pandadoc(client, id).store(MemoryStore::new());
    let process = world.run_with(builder).await;
    service.deliver_to(&id, "1", 200).await;
    let missed = process.missed(world.clock.now() - HOUR).await.unwrap();
    assert_eq!(missed.deliveries.len(), 1);
}

#[tokio::test]
async fn a_missed_delivery_says_what_it_is() {
    let service = Service::start().await;
    let id = service.deliver("1", 500).await;
    let missed = service.missed().await;
    let [missed] = &missed.deliveries[..] else {
        panic!("{missed:?}");
    };
    let event = missed.event.as_ref().unwrap().as_str();
    let seen = (missed.id, event, &*missed.key_id, document(&missed.body));
    assert_eq!(
        seen,
        (id, "document_updated", "generation 1", "1".to_owned())
    );
}

#[tokio::test]
async fn a_body_is_returned_once_however_often_it_failed() {
    let service = Service::start().await;
    for _ in 0..3 {
        service.deliver("1", 500).await;
    }
    assert_eq!(service.missed_documents().await, ["1"]);
}

#[tokio::test]
async fn a_body_that_was_accepted_at_another_attempt_is_not_returned() {
    let service = Service::start().await;
    service.deliver("1", 500).await;
    service.deliver("1", 200).await;
    service.deliver("2", 200).await;
    service.deliver("2", 500).await;
    assert_eq!(service.missed_documents().await, [""; 0]);
}

#[tokio::test]
async fn a_delivery_that_was_accepted_when_it_was_sent_again_is_not_returned() {
    let service = Service::start().await;
    let id = service.deliver("1", 500).await;
    service.status.store(200, Ordering::SeqCst);
    let pandadoc = service.world.simulator.pandadoc();
    pandadoc.redeliver(&id).await.unwrap();
    assert_eq!(service.missed_documents().await, [""; 0]);
}

#[tokio::test]
async fn deliveries_to_other_urls_are_not_returned() {
    let service = Service::start().await;
    let pandadoc = service.world.simulator.pandadoc();
    for other in ["/other", "", "/more", "-2"] {
        let url = match other {
            "" => service.url.trim_end_matches("/hooks").to_owned(),
            other => format!("{}{other}", service.url),
        };
        let id = pandadoc.add_subscription(&url.parse().unwrap());
        service.deliver_to(&id, other, 500).await;
    }
    service.deliver("1", 500).await;
    let missed = service.missed().await;
    assert_eq!((missed.deliveries.len(), missed.unverified), (1, vec![]));
}

#[tokio::test]
async fn deliveries_of_an_earlier_time_are_not_returned() {
    let service = Service::start().await;
    service.deliver("1", 500).await;
    service.world.clock.advance(2 * HOUR);
    service.deliver("2", 500).await;
    assert_eq!(service.missed_documents().await, ["2"]);
}

#[tokio::test]
async fn deliveries_of_both_accepted_keys_are_returned() {
    let service = Service::start().await;
    service.deliver("1", 500).await;
    let _ = service.process.rotate().await;
    service.deliver("2", 500).await;
    let missed = service.missed().await.deliveries;
    let mut keys: Vec<_> = missed
        .iter()
        .map(|it| (document(&it.body), &*it.key_id))
        .collect();
    keys.sort();
    let expected = [
        ("1".to_owned(), "generation 1"),
        ("2".to_owned(), "generation 2"),
    ];
    assert_eq!(keys, expected);
}

/// The old key is retired soon after the start, since it is old enough.
#[tokio::test]
async fn a_delivery_of_a_long_outage_is_returned_before_the_next_process_runs() {
    let service = Service::start().await;
    let Service { world, process, .. } = &service;
    let _ = process.rotate().await;
    process.abort_handle().abort();
    let delayed = DeliveryFault::key_switch_delayed(4 * DAY);
    world.simulator.inject_into_deliveries(delayed);
    world.clock.advance(3 * DAY);
    let id = service.deliver("1", 500).await;
    world.clock.advance(14 * DAY);
    let next = world.builder().store(world.store.clone());
    let next = next.start().await.unwrap();
    let missed = next.missed(world.clock.now() - 15 * DAY).await.unwrap();
    let found = missed.deliveries.iter().map(|it| (it.id, &*it.key_id));
    assert_eq!(found.collect::<Vec<_>>(), [(id, "generation 1")]);
}

/// Somebody changed the key twice at the dashboard, so this service never knew the one in between.
#[tokio::test]
async fn deliveries_that_no_accepted_key_verifies_are_counted() {
    let service = Service::start().await;
    let pandadoc = service.world.simulator.pandadoc();
    let subscription = &service.world.subscription;
    let _ = pandadoc.change_key_at_dashboard(subscription);
    let unknown = service.deliver("1", 403).await;
    let _ = pandadoc.change_key_at_dashboard(subscription);
    let missed = service.missed().await;
    assert_eq!(
        (missed.deliveries.len(), missed.unverified),
        (0, vec![unknown])
    );
}

#[tokio::test]
async fn a_history_that_cannot_be_read_is_an_error() {
    for operation in [
        Operation::DetailsWebhookSubscription,
        Operation::ListWebhookEvent,
        Operation::DetailsWebhookEvent,
    ] {
        let service = Service::start().await;
        service.deliver("1", 500).await;
        let forbidden = Fault::answer(StatusCode::FORBIDDEN);
        service.world.simulator.inject(forbidden.on(operation));
        let missed = service
            .process
            .missed(service.world.clock.now() - HOUR)
            .await;
        assert!(
            matches!(missed, Err(MissedError::Call(_))),
            "{operation}: {missed:?}"
        );
    }
}

#[tokio::test]
async fn nothing_is_changed_and_a_rotation_need_not_run() {
    let service = Service::start().await;
    service.deliver("1", 500).await;
    let world = &service.world;
    let rotation = world
        .builder()
        .store(world.store.clone())
        .start()
        .await
        .unwrap();
    let missed = rotation.missed(world.clock.now() - HOUR).await.unwrap();
    let seen = (missed.deliveries.len(), world.changes(), world.generation());
    assert_eq!(seen, (1, 0, 1));
}

const KEY: &str = "key of a made-up history";

/// A rotation at a server whose history is made up. `page` returns a page of it, and `details` an entry.
async fn made_up(
    page: impl Fn(usize) -> Value + Clone + Send + Sync + 'static,
    details: impl Fn() -> Value + Clone + Send + Sync + 'static,
) -> Rotation<PandaDoc> {
    let pages = Arc::new(AtomicUsize::new(0));
    let app = Router::new().fallback(move |uri: Uri| async move {
        let body = match uri.path() {
            "/public/v1/webhook-events" => page(pages.fetch_add(1, Ordering::SeqCst)),
            path if path.starts_with("/public/v1/webhook-events/") => details(),
            _ => json!({ "shared_key": KEY, "url": "https://shop.example/hooks" }),
        };
        ([(CONTENT_TYPE, "application/json")], body.to_string()).into_response()
    });
    let client = pandadoc::Client::builder()
        .api_key("any")
        .base_url(serve(app).await);
    let rotation = Rotation::pandadoc(client.build().unwrap(), Uuid::from_u128(7));
    rotation.store(MemoryStore::new()).start().await.unwrap()
}

/// An entry that failed, with this id.
fn failed(id: Option<Uuid>) -> Value {
    json!({"uuid": id, "name": "any", "type": "document_updated", "http_status_code": 500})
}

#[tokio::test]
async fn a_history_without_end_is_an_error() {
    let page = |page: usize| json!({ "items": [failed(Some(Uuid::from_u128(page as u128)))] });
    let missed = made_up(page, || json!({}))
        .await
        .missed(SystemTime::now())
        .await;
    assert!(matches!(missed, Err(MissedError::TooLong)), "{missed:?}");
}

/// The server shows the same page, whichever is asked for.
#[tokio::test]
async fn a_history_that_repeats_itself_ends() {
    let signature = Key::<PandaDoc>::new(Secret::from(KEY))
        .unwrap()
        .sign(BODY)
        .to_string();
    let page = |_| json!({ "items": [failed(Some(Uuid::from_u128(1)))] });
    let details = move || {
        let url = "https://shop.example/hooks";
        let body = std::str::from_utf8(BODY).unwrap();
        json!({"url": url, "signature": signature, "request_body": body, "http_status_code": 500})
    };
    let missed = made_up(page, details).await.missed(SystemTime::now()).await;
    assert_eq!(missed.unwrap().deliveries.len(), 1);
}

#[tokio::test]
async fn a_forged_entry_is_not_returned() {
    let forged = Key::<PandaDoc>::new(Secret::from("another key"))
        .unwrap()
        .sign(BODY)
        .to_string();
    for signature in [json!(forged), json!(""), json!("00"), Value::Null] {
        let page = |_| json!({ "items": [failed(Some(Uuid::from_u128(1)))] });
        let details = move || {
            let url = "https://shop.example/hooks?signature=any";
            let body = std::str::from_utf8(BODY).unwrap();
            json!({"url": url, "signature": signature, "request_body": body, "http_status_code": 500})
        };
        let missed = made_up(page, details)
            .await
            .missed(SystemTime::now())
            .await
            .unwrap();
        let seen = (missed.deliveries.len(), missed.unverified.len());
        assert_eq!(seen, (0, 1));
    }
}

#[tokio::test]
async fn entries_without_an_id_are_counted() {
    let page = |page: usize| match page {
        0 => json!({ "items": [failed(None), failed(None)] }),
        _ => json!({ "items": [] }),
    };
    let missed = made_up(page, || json!({}))
        .await
        .missed(SystemTime::now())
        .await;
    assert_eq!(missed.unwrap().without_id, 2);
}

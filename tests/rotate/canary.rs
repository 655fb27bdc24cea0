//! No key is in anything that a rotation prints, logs or serializes, nor in what a sealed store keeps.

use std::error::Error;
use std::fmt::{Debug, Write as _};
use std::io;
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use axum::Router;
use base64::prelude::{Engine, BASE64_URL_SAFE_NO_PAD};
use http::StatusCode;
use serde::Serialize;
use serde_json::json;
use tokio::net::TcpListener;
use tracing::Level;
use webhook_subscriptions::rotate::{
    Ended, Sealed, SealingKey, StartError, Store, StoreError, StoredRecord, SwapError,
};
use webhook_subscriptions::testing::{Fault, StoreFault};
use webhook_subscriptions::verify::{Key, PandaDoc, Ratepay};
use webhook_subscriptions::Secret;

use crate::world::{Process, Side, World, BODY, DAY, HOUR, MINUTE, SETTLED};

/// Everything that was printed or traced, and the keys to look for.
#[derive(Clone, Default)]
struct Net(Arc<Mutex<Caught>>);

#[derive(Default)]
struct Caught {
    printed: String,
    keys: Vec<Secret>,
}

impl io::Write for Net {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.text(&String::from_utf8_lossy(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Net {
    /// Catches everything that this thread traces, too, while the guard lives.
    fn spread() -> (Self, tracing::subscriber::DefaultGuard) {
        let net = Self::default();
        let writer = net.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(Level::TRACE)
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .finish();
        (net, tracing::subscriber::set_default(subscriber))
    }

    fn text(&self, text: &str) {
        self.0.lock().unwrap().printed.push_str(text);
    }

    fn debug(&self, value: impl Debug) {
        self.text(&format!("{value:?}\n{value:#?}\n"));
    }

    fn value(&self, value: impl Debug + Serialize) {
        self.text(&serde_json::to_string(&value).unwrap());
        self.debug(value);
    }

    fn error(&self, error: &dyn Error) {
        let mut text = format!("{error:?}\n{error:#?}\n{error}");
        let mut source = error.source();
        while let Some(error) = source {
            write!(text, ": {error} {error:?}").unwrap();
            source = error.source();
        }
        self.text(&text);
    }

    /// Prints all that a process shows.
    async fn process<S: Side>(&self, world: &World<S>, process: &Process<S>) {
        self.0.lock().unwrap().keys.push(world.key());
        self.value(process.status());
        let plan = process.plan().await;
        self.text(&plan.to_string());
        self.value(plan);
        self.debug(process.rotation());
        self.debug(process.ring());
        let head = S::head(&Key::new(world.key()).unwrap());
        self.debug(process.verify_request(&head, BODY).await);
    }

    fn ended(&self, ended: Ended) {
        self.value(ended);
    }

    /// The keys that are in something that was printed.
    fn leaks(&self) -> usize {
        let Caught { printed, keys } = &*self.0.lock().unwrap();
        let is_printed = |key: &&Secret| printed.contains(key.expose_secret());
        keys.iter().filter(is_printed).count()
    }

    fn has(&self, text: &str) -> bool {
        self.0.lock().unwrap().printed.contains(text)
    }
}

/// A life with everything in it: rotations, rejections, lost answers, a leak, a store that fails.
async fn live<S: Side>(net: &Net) {
    let world = World::<S>::new().await;
    let process = world.run().await;
    net.process(&world, &process).await;
    net.debug(
        world
            .store
            .load(&S::record(&world.subscription))
            .await
            .unwrap(),
    );
    for fault in [
        Fault::answer(StatusCode::FORBIDDEN),
        Fault::cut_inside_answer(),
        Fault::answer_after_applying(StatusCode::INTERNAL_SERVER_ERROR),
    ] {
        world.simulator.inject(fault.on(S::CHANGE).once());
        net.ended(process.rotate().await);
        net.process(&world, &process).await;
        process.pass(HOUR).await;
        process.live(3 * MINUTE).await;
    }
    net.process(&world, &process).await;
    let newest = *process.generations().last().unwrap();
    net.ended(process.end(process.revoke(newest)).await);
    net.process(&world, &process).await;
    process.pass(SETTLED).await;
    let unknown = Secret::from("unknown");
    net.debug(process.deliver(&unknown).await);
    let fault = world.store.inject(StoreFault::unavailable());
    net.ended(process.rotate().await);
    net.ended(process.end(process.revoke(newest + 1)).await);
    net.process(&world, &process).await;
    fault.remove();
    process.pass(20 * DAY).await;
    process.live(5 * MINUTE).await;
    net.process(&world, &process).await;
}

/// Errors about records, which have keys in them.
async fn damage<S: Side>(net: &Net) {
    let world = World::<S>::new().await;
    world.run().await.kill();
    net.0.lock().unwrap().keys.push(world.key());
    let name = S::record(&world.subscription);
    let good = world.store.load(&name).await.unwrap().unwrap();
    let text = good.document.expose_secret();
    let key = world.key();
    let documents = [
        text[..text.len() - 10].to_owned(),
        text.replace("Steady", key.expose_secret()),
        text.replace("1", &format!("\"{}\"", key.expose_secret())),
        format!("\"{}\"", key.expose_secret()),
        key.expose_secret().to_owned(),
    ];
    for (version, document) in (2..).zip(documents) {
        let document = Secret::from(document);
        let record = StoredRecord { version, document };
        net.debug(&record);
        world.store.swap(&name, &record).await.unwrap();
        match world
            .try_run(world.builder().store(world.store.clone()))
            .await
        {
            Ok(process) => panic!("{:?}", process.status()),
            Err(error) => net.error(&error),
        }
    }
}

#[tokio::test]
async fn no_key_is_printed_or_traced() {
    let (net, _guard) = Net::spread();
    live::<PandaDoc>(&net).await;
    live::<Ratepay>(&net).await;
    damage::<PandaDoc>(&net).await;
    damage::<Ratepay>(&net).await;
    assert_eq!(net.leaks(), 0);
    // A net that caught nothing has a hole.
    let expected = [
        "[REDACTED]",
        "rotated",
        "not_changed",
        "unsettled",
        "answered 403",
    ];
    let missing: Vec<_> = expected.into_iter().filter(|text| !net.has(text)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[cfg(feature = "tracing")]
#[tokio::test]
async fn the_net_catches_what_a_rotation_traces() {
    let (net, _guard) = Net::spread();
    live::<PandaDoc>(&net).await;
    let expected = [
        "phase changed",
        "record stored",
        "the store failed",
        "the provider failed",
    ];
    let missing: Vec<_> = expected.into_iter().filter(|text| !net.has(text)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// A server that says the secret again in every place of its answer.
async fn parrot() -> String {
    let app = Router::new().fallback(|body: Bytes| async move {
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
        let secret = &body["secret"];
        let body = json!({"type": secret, "message": secret, "detail": secret, "name": secret});
        let headers = [(CONTENT_TYPE, "application/json")];
        (StatusCode::BAD_REQUEST, headers, body.to_string())
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async { axum::serve(listener, app).await });
    url
}

#[tokio::test]
async fn a_secret_that_the_provider_echoes_is_not_printed() {
    let (net, _guard) = Net::spread();
    let world = World::<Ratepay>::new().await;
    let builder = world.builder_at(parrot().await).store(world.store.clone());
    let process = world.run_with(builder).await;
    net.ended(process.rotate().await);
    net.process(&world, &process).await;
    let record = world
        .store
        .load(&Ratepay::record(&world.subscription))
        .await;
    let document = record.unwrap().unwrap().document;
    let document: serde_json::Value = serde_json::from_str(document.expose_secret()).unwrap();
    let sent = document["record"]["keys"][1]["key"].as_str().unwrap();
    net.0.lock().unwrap().keys.push(sent.into());
    assert_eq!((net.leaks(), net.has("answered 400")), (0, true));
}

#[test]
fn an_error_of_a_store_prints_only_what_the_store_says() {
    let net = Net::default();
    let errors: [Box<dyn Error>; 4] = [
        Box::new(StoreError::new("the disk is full")),
        Box::new(SwapError::Conflict),
        Box::new(SwapError::Failed(StoreError::new("the disk is full"))),
        Box::new(StartError::Store(StoreError::new("the disk is full"))),
    ];
    for error in errors {
        net.error(&*error);
    }
    assert!(net.has("the store of the rotation failed: the disk is full"));
}

/// The bytes that a sealed store keeps.
async fn sealed_bytes<S: Side>(world: &World<S>) -> Vec<u8> {
    let store = Sealed::new(world.store.clone(), SealingKey::generate());
    let process = world.run_with(world.builder().store(store)).await;
    let _ = process.rotate().await;
    let record = world.store.load(&S::record(&world.subscription)).await;
    let document = record.unwrap().unwrap().document;
    let text = document.expose_secret();
    let mut bytes = text.as_bytes().to_vec();
    for part in text.split('.') {
        bytes.extend(BASE64_URL_SAFE_NO_PAD.decode(part).unwrap_or_default());
    }
    bytes
}

fn contains(bytes: &[u8], key: &Secret) -> bool {
    let key = key.expose_secret().as_bytes();
    bytes.windows(key.len()).any(|window| window == key)
}

async fn a_sealed_store_keeps_no_key<S: Side>() {
    let world = World::<S>::new().await;
    let first = world.key();
    let bytes = sealed_bytes(&world).await;
    let plain = World::<S>::new().await;
    plain.run().await.kill();
    let record = plain
        .store
        .load(&S::record(&plain.subscription))
        .await
        .unwrap()
        .unwrap();
    let unsealed = record.document.expose_secret().as_bytes();
    let found = [
        contains(&bytes, &first),
        contains(&bytes, &world.key()),
        contains(unsealed, &plain.key()),
    ];
    // The last one shows that the search finds something.
    assert_eq!(found, [false, false, true]);
}

crate::world::for_both_providers! {
    a_sealed_store_keeps_no_key
}

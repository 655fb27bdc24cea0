//! A server behind the layer is reached by genuine deliveries, and by nothing else.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::body::Bytes;
use axum::extract::Extension;
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::post;
use axum::Router;
use http_body_util::{Full, Limited};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tower::{service_fn, Layer, Service};
use webhook_subscriptions::verify::{
    DeliveryBody, Key, KeyRing, PandaDoc, Ratepay, Refusal, RingKey, Scheme, Verified, VerifyLayer,
};
use webhook_subscriptions::Secret;

const BODY: &[u8] = br#"[{"event":"document_updated","data":{"name":"Gr\u00fc\u00dfe"}}]"#;
const LIMIT: usize = 100;

/// A running server, and what got through to its handler: the body, and which key signed it.
struct Receiver {
    address: SocketAddr,
    passed: Arc<Mutex<Vec<(Bytes, String)>>>,
}

impl Receiver {
    async fn behind<S: Scheme>(layer: VerifyLayer<S>) -> Self {
        let passed = Arc::<Mutex<Vec<_>>>::default();
        let seen = passed.clone();
        let handler = move |Extension(verified): Extension<Verified>, body: Bytes| async move {
            let key = verified.key_id().to_owned();
            seen.lock().unwrap().push((body, key));
        };
        // The refusal that the layer leaves for what stands around it.
        let log = map_response(|mut response: Response| async {
            if let Some(refusal) = response.extensions().get::<Refusal>().copied() {
                let logged = refusal.to_string().parse().unwrap();
                response.headers_mut().insert("x-logged", logged);
            }
            response
        });
        let app = Router::new().route("/hooks", post(handler).layer(layer).layer(log));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { address, passed }
    }

    /// Sends a request with these lines in its head, and returns the response.
    async fn post(&self, target: &str, headers: &[String], body: &[u8]) -> String {
        let mut head =
            format!("POST {target} HTTP/1.1\r\nhost: shop.example\r\nconnection: close\r\n");
        for header in headers {
            head += &format!("{header}\r\n");
        }
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(b"\r\n").await.unwrap();
        stream.write_all(body).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).await.unwrap();
        response
    }

    /// Sends a whole request, and returns the status.
    async fn deliver(&self, target: &str, mut headers: Vec<String>, body: &[u8]) -> u16 {
        headers.push(format!("content-length: {}", body.len()));
        status(&self.post(target, &headers, body).await)
    }

    fn passed(&self) -> Vec<(Bytes, String)> {
        std::mem::take(&mut self.passed.lock().unwrap())
    }
}

fn status(response: &str) -> u16 {
    response.split(' ').nth(1).unwrap().parse().unwrap()
}

fn key<S: Scheme>(text: &str) -> Key<S> {
    Key::new(Secret::from(text)).unwrap()
}

/// A ring of keys that are named as they read.
fn ring<S: Scheme>(keys: &[&str]) -> KeyRing<S> {
    KeyRing::new(keys.iter().map(|text| RingKey::new(*text, key(text)))).unwrap()
}

async fn pandadoc(keys: &[&str]) -> Receiver {
    Receiver::behind(VerifyLayer::<PandaDoc>::new(ring(keys)).body_limit(LIMIT)).await
}

async fn ratepay(keys: &[&str]) -> Receiver {
    Receiver::behind(VerifyLayer::<Ratepay>::new(ring(keys)).body_limit(LIMIT)).await
}

/// The target to which PandaDoc posts this body.
fn target(text: &str, body: &[u8]) -> String {
    key::<PandaDoc>(text).sign(body).append_to("/hooks?of=shop")
}

/// The header that Ratepay sends with this body.
fn signed(text: &str, body: &[u8]) -> String {
    format!("X-Signature: {}", key::<Ratepay>(text).sign(body))
}

#[tokio::test]
async fn pandadoc_a_genuine_delivery_passes() {
    let receiver = pandadoc(&["new", "old"]).await;
    assert_eq!(
        receiver.deliver(&target("old", BODY), vec![], BODY).await,
        200
    );
    assert_eq!(receiver.passed(), [(Bytes::from(BODY), "old".to_owned())]);
}

#[tokio::test]
async fn ratepay_a_genuine_delivery_passes() {
    let receiver = ratepay(&["new", "old"]).await;
    let headers = vec![signed("new", BODY)];
    assert_eq!(receiver.deliver("/hooks", headers, BODY).await, 200);
    assert_eq!(receiver.passed(), [(Bytes::from(BODY), "new".to_owned())]);
}

#[tokio::test]
async fn pandadoc_a_forged_delivery_does_not_pass() {
    let receiver = pandadoc(&["new", "old"]).await;
    let signed_by_another = target("another", BODY);
    assert_eq!(
        receiver.deliver(&signed_by_another, vec![], BODY).await,
        403
    );
    let signed_for_another = target("old", b"another body");
    assert_eq!(
        receiver.deliver(&signed_for_another, vec![], BODY).await,
        403
    );
    assert_eq!(receiver.passed(), []);
}

#[tokio::test]
async fn ratepay_a_forged_delivery_does_not_pass() {
    let receiver = ratepay(&["new", "old"]).await;
    for forged in [signed("another", BODY), signed("old", b"another body")] {
        assert_eq!(receiver.deliver("/hooks", vec![forged], BODY).await, 403);
    }
    assert_eq!(receiver.passed(), []);
}

#[tokio::test]
async fn pandadoc_an_unsigned_delivery_does_not_pass() {
    let receiver = pandadoc(&["key"]).await;
    let in_a_header = format!(
        "x-pandadoc-signature: {}",
        key::<PandaDoc>("key").sign(BODY)
    );
    assert_eq!(receiver.deliver("/hooks", vec![], BODY).await, 400);
    assert_eq!(
        receiver.deliver("/hooks", vec![in_a_header], BODY).await,
        400
    );
    assert_eq!(receiver.passed(), []);
}

#[tokio::test]
async fn ratepay_an_unsigned_delivery_does_not_pass() {
    let receiver = ratepay(&["key"]).await;
    assert_eq!(receiver.deliver("/hooks", vec![], BODY).await, 400);
    assert_eq!(receiver.passed(), []);
}

#[tokio::test]
async fn a_delivery_with_two_signatures_does_not_pass() {
    let receiver = ratepay(&["key"]).await;
    let headers = vec![signed("key", BODY), signed("key", BODY)];
    assert_eq!(receiver.deliver("/hooks", headers, BODY).await, 400);
    assert_eq!(receiver.passed(), []);
}

#[tokio::test]
async fn a_body_as_large_as_the_limit_passes() {
    let receiver = pandadoc(&["key"]).await;
    let body = [b' '; LIMIT];
    assert_eq!(
        receiver.deliver(&target("key", &body), vec![], &body).await,
        200
    );
}

#[tokio::test]
async fn a_body_that_says_it_is_too_large_is_not_read() {
    let receiver = pandadoc(&["key"]).await;
    let length = format!("content-length: {}", LIMIT + 1);
    // None of it is sent.
    let response = receiver.post(&target("key", b""), &[length], b"").await;
    assert_eq!(status(&response), 413);
    assert_eq!(receiver.passed(), []);
}

#[tokio::test]
async fn a_body_that_turns_out_too_large_does_not_pass() {
    let receiver = pandadoc(&["key"]).await;
    let body = [b' '; LIMIT + 1];
    let chunks = [b"65\r\n".as_slice(), &body, b"\r\n0\r\n\r\n"].concat();
    let chunked = ["transfer-encoding: chunked".to_owned()];
    let response = receiver
        .post(&target("key", &body), &chunked, &chunks)
        .await;
    assert_eq!(status(&response), 413);
    assert_eq!(receiver.passed(), []);
}

#[tokio::test]
async fn a_limit_around_the_layer_is_told_from_a_cut_body_and_from_the_layers_own() {
    let layer = VerifyLayer::<PandaDoc>::new(ring(&["key"]));
    let mut receiver = layer.layer(service_fn(|_: axum::http::Request<DeliveryBody>| async {
        Ok::<_, Infallible>(axum::http::Response::new(Full::<Bytes>::default()))
    }));
    // As a server with a limit wraps its requests' bodies.
    let body = Limited::new(Full::from(BODY), BODY.len() - 1);
    let request = axum::http::Request::post(target("key", BODY));
    let request = request.body(axum::body::Body::new(body)).unwrap();
    let response = receiver.call(request).await.unwrap();
    assert_eq!(response.status(), 413);
    let refusal = response.extensions().get::<Refusal>();
    assert_eq!(refusal, Some(&Refusal::TooLargeForAnother));
}

#[tokio::test]
async fn a_body_in_chunks_passes() {
    let receiver = pandadoc(&["key"]).await;
    let chunked = ["transfer-encoding: chunked".to_owned()];
    let chunks = b"3\r\n[{}\r\n2\r\n,1\r\n1\r\n]\r\n0\r\n\r\n";
    let response = receiver
        .post(&target("key", b"[{},1]"), &chunked, chunks)
        .await;
    assert_eq!(status(&response), 200);
    assert_eq!(
        receiver.passed(),
        [(Bytes::from("[{},1]"), "key".to_owned())]
    );
}

#[tokio::test]
async fn a_body_that_is_cut_does_not_pass() {
    let receiver = pandadoc(&["key"]).await;
    let length = ["content-length: 6".to_owned()];
    // The bytes that came are signed.
    let response = receiver.post(&target("key", b"[]"), &length, b"[]").await;
    assert_eq!(status(&response), 400);
    assert_eq!(receiver.passed(), []);
}

#[tokio::test(start_paused = true)]
async fn a_sender_whose_body_does_not_come_loses_its_connection() {
    let receiver = pandadoc(&["key"]).await;
    let mut stream = TcpStream::connect(receiver.address).await.unwrap();
    let target = target("key", b"[]");
    let head =
        format!("POST {target} HTTP/1.1\r\nhost: shop.example\r\ncontent-length: 6\r\n\r\n[]");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut response = String::new();
    // Returns when the server closes the connection.
    stream.read_to_string(&mut response).await.unwrap();
    assert_eq!(status(&response), 408);
}

#[tokio::test]
async fn a_receiver_without_a_key_in_force_says_that_it_is_at_fault() {
    let receiver = pandadoc(&[]).await;
    assert_eq!(
        receiver.deliver(&target("key", BODY), vec![], BODY).await,
        503
    );
    assert_eq!(receiver.passed(), []);
}

#[tokio::test]
async fn keys_are_replaced_under_a_running_server() {
    let ring = ring::<PandaDoc>(&["old"]);
    let receiver = Receiver::behind(VerifyLayer::new(ring.clone())).await;
    assert_eq!(
        receiver.deliver(&target("new", BODY), vec![], BODY).await,
        403
    );
    ring.replace([RingKey::new("new", key("new"))]).unwrap();
    assert_eq!(
        receiver.deliver(&target("new", BODY), vec![], BODY).await,
        200
    );
    assert_eq!(
        receiver.deliver(&target("old", BODY), vec![], BODY).await,
        403
    );
}

#[tokio::test]
async fn the_layer_goes_by_the_clock_it_is_given() {
    let end = UNIX_EPOCH + Duration::from_secs(1);
    let ring =
        KeyRing::new([RingKey::new("key", key::<PandaDoc>("key")).valid_until(end)]).unwrap();
    let time = Arc::new(Mutex::new(UNIX_EPOCH));
    let clock = {
        let time = time.clone();
        move || -> SystemTime { *time.lock().unwrap() }
    };
    let receiver = Receiver::behind(VerifyLayer::new(ring).clock(clock)).await;
    assert_eq!(
        receiver.deliver(&target("key", BODY), vec![], BODY).await,
        200
    );
    *time.lock().unwrap() = end;
    assert_eq!(
        receiver.deliver(&target("key", BODY), vec![], BODY).await,
        503
    );
}

#[tokio::test]
async fn what_stands_around_the_layer_sees_why_a_request_was_refused() {
    let receiver = pandadoc(&["key"]).await;
    let response = receiver
        .post("/hooks", &["content-length: 0".to_owned()], b"")
        .await;
    assert!(
        response.contains("x-logged: the signature is missing: PandaDoc sends it in the query"),
        "{response}"
    );
}

#[tokio::test]
async fn a_sender_is_told_nothing_of_the_keys() {
    let receiver = pandadoc(&["canary"]).await;
    let length = [format!("content-length: {}", BODY.len())];
    let response = receiver.post(&target("another", BODY), &length, BODY).await;
    let right = key::<PandaDoc>("canary").sign(BODY).to_string();
    assert!(
        !response.contains("canary") && !response.contains(&right),
        "{response}"
    );
}

#[tokio::test]
async fn a_sender_is_told_no_more_than_a_word_of_why() {
    let receiver = pandadoc(&["key"]).await;
    let length = [format!("content-length: {}", BODY.len())];
    let mut words = vec![];
    for target in ["/hooks", "/hooks?signature=abc", &target("another", BODY)] {
        let response = receiver.post(target, &length, BODY).await;
        let (_, word) = response.split_once("\r\n\r\n").unwrap();
        words.push(word.to_owned());
    }
    assert_eq!(
        words,
        [
            "no signature\n",
            "no usable signature\n",
            "not signed by a known key\n"
        ]
    );
}

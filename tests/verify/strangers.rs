//! A stranger's request takes no more memory and no more time than a body may, and no place of the
//! service's.

use std::convert::Infallible;
use std::future::{ready, Future, Ready};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::{Buf, Bytes};
use http::{Request, Response, StatusCode};
use http_body::{Body, Frame};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use tokio::time::{sleep, Instant, Sleep};
use tower::{service_fn, Layer, Service};
use webhook_subscriptions::verify::{
    DeliveryBody, Key, KeyRing, PandaDoc, Refusal, RingKey, VerifyLayer,
};
use webhook_subscriptions::Secret;

/// The limit that is documented for a layer of which nothing is said.
const DEFAULT_LIMIT: usize = 2 * 1024 * 1024;

/// The time limit that is documented for such a layer.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(20);

const SECOND: Duration = Duration::from_secs(1);

fn key() -> Key<PandaDoc> {
    Key::new(Secret::from("key")).unwrap()
}

fn layer() -> VerifyLayer<PandaDoc> {
    VerifyLayer::new(KeyRing::new([RingKey::new("key", key())]).unwrap())
}

/// A delivery that says it is signed as these bytes are.
fn delivery<B>(signed: &[u8], body: B) -> Request<B> {
    let target = key().sign(signed).append_to("/hooks");
    Request::post(target).body(body).unwrap()
}

/// The answer of the layer around a service that says yes to everything.
async fn answer<B>(layer: VerifyLayer<PandaDoc>, request: Request<B>) -> StatusCode
where
    B: Body<Error = Infallible> + Send + 'static,
    B::Data: Send,
{
    let yes = |_: Request<DeliveryBody>| async {
        Ok::<_, Infallible>(Response::new(Full::<Bytes>::default()))
    };
    let mut service = layer.layer(service_fn(yes));
    service.call(request).await.unwrap().status()
}

/// A body of so many spaces, each in a frame of its own.
struct Spaces {
    left: usize,
    held: Arc<Held>,
}

/// How many frames' data are held now, and how many were at the most.
#[derive(Default)]
struct Held {
    now: AtomicUsize,
    most: AtomicUsize,
}

/// The data of one frame.
struct Space {
    held: Arc<Held>,
    rest: &'static [u8],
}

impl Body for Spaces {
    type Data = Space;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Space>, Infallible>>> {
        let Some(left) = self.left.checked_sub(1) else {
            return Poll::Ready(None);
        };
        self.left = left;
        let held = self.held.clone();
        let now = held.now.fetch_add(1, Ordering::Relaxed) + 1;
        held.most.fetch_max(now, Ordering::Relaxed);
        Poll::Ready(Some(Ok(Frame::data(Space { held, rest: b" " }))))
    }
}

impl Buf for Space {
    fn remaining(&self) -> usize {
        self.rest.remaining()
    }

    fn chunk(&self) -> &[u8] {
        self.rest
    }

    fn advance(&mut self, count: usize) {
        self.rest.advance(count);
    }
}

impl Drop for Space {
    fn drop(&mut self) {
        self.held.now.fetch_sub(1, Ordering::Relaxed);
    }
}

#[tokio::test]
async fn a_body_in_many_small_pieces_is_held_as_one() {
    let held = Arc::<Held>::default();
    let pieces = Spaces {
        left: 10_000,
        held: held.clone(),
    };
    let status = answer(layer(), delivery(&[b' '; 10_000], pieces)).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(held.most.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_body_in_many_small_pieces_is_read_up_to_the_limit() {
    let held = Arc::<Held>::default();
    let pieces = Spaces { left: 101, held };
    let status = answer(layer().body_limit(100), delivery(&[b' '; 101], pieces)).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn two_mebibytes_pass_where_nothing_is_said_of_a_limit() {
    let body = Bytes::from(vec![b' '; DEFAULT_LIMIT]);
    let request = delivery(&body, Full::<Bytes>::from(body.clone()));
    assert_eq!(answer(layer(), request).await, StatusCode::OK);
}

#[tokio::test]
async fn no_more_than_two_mebibytes_pass_where_nothing_is_said_of_a_limit() {
    let body = Bytes::from(vec![b' '; DEFAULT_LIMIT + 1]);
    let request = delivery(&body, Full::<Bytes>::from(body.clone()));
    assert_eq!(
        answer(layer(), request).await,
        StatusCode::PAYLOAD_TOO_LARGE
    );
}

/// A service that one request at a time may call.
struct OnePlace {
    free: Arc<AtomicBool>,
    has_place: bool,
}

impl Clone for OnePlace {
    fn clone(&self) -> Self {
        let free = self.free.clone();
        Self {
            free,
            has_place: false,
        }
    }
}

impl Service<Request<DeliveryBody>> for OnePlace {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        if !self.has_place && !self.free.swap(false, Ordering::Relaxed) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.has_place = true;
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<DeliveryBody>) -> Self::Future {
        assert!(std::mem::take(&mut self.has_place), "called unready");
        self.free.store(true, Ordering::Relaxed);
        ready(Ok(Response::default()))
    }
}

/// A body that never comes.
struct Never;

impl Body for Never {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Pending
    }
}

fn one_place() -> OnePlace {
    OnePlace {
        free: Arc::new(AtomicBool::new(true)),
        has_place: false,
    }
}

#[tokio::test]
async fn a_body_that_does_not_come_takes_no_place_of_the_service() {
    type Stranger = BoxBody<Bytes, Infallible>;
    let mut context = Context::from_waker(Waker::noop());
    let mut service = layer().layer(one_place());
    let mut other = service.clone();

    let stranger: Request<Stranger> = delivery(b"", Never.boxed());
    let ready = Service::<Request<Stranger>>::poll_ready(&mut service, &mut context);
    assert!(ready.is_ready());
    let mut waiting = service.call(stranger);
    assert!(waiting.as_mut().poll(&mut context).is_pending());

    let genuine: Request<Stranger> = delivery(b"[]", Full::<Bytes>::from("[]").boxed());
    let ready = Service::<Request<Stranger>>::poll_ready(&mut other, &mut context);
    assert!(ready.is_ready());
    let mut answer = other.call(genuine);
    assert!(answer.as_mut().poll(&mut context).is_ready());
}

#[tokio::test]
async fn the_service_is_called_when_it_is_ready_and_not_before() {
    let mut context = Context::from_waker(Waker::noop());
    let mut other = one_place();
    let mut service = layer().layer(other.clone());
    assert!(other.poll_ready(&mut context).is_ready());

    let mut answer = service.call(delivery(b"[]", Full::<Bytes>::from("[]")));
    assert!(answer.as_mut().poll(&mut context).is_pending());
    other.call(Request::default()).await.unwrap();
    assert!(answer.as_mut().poll(&mut context).is_ready());
}

/// A body that sends a byte each second, and never ends.
struct Dripping(Pin<Box<Sleep>>);

impl Body for Dripping {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.0.as_mut().poll(context).is_pending() {
            return Poll::Pending;
        }
        self.0.as_mut().reset(Instant::now() + SECOND);
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b" ")))))
    }
}

/// The answer to a body that does not end, and when it came.
async fn given_up<B>(layer: VerifyLayer<PandaDoc>, body: B) -> (StatusCode, Duration)
where
    B: Body<Error = Infallible> + Send + 'static,
    B::Data: Send,
{
    let start = Instant::now();
    let status = answer(layer, delivery(b"", body)).await;
    (status, start.elapsed())
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_come_is_given_up_after_20_seconds() {
    let given_up = given_up(layer(), Never).await;
    assert_eq!(given_up, (StatusCode::REQUEST_TIMEOUT, DEFAULT_TIMEOUT));
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_come_is_given_up_when_the_receiver_says() {
    for limit in [SECOND, 60 * SECOND] {
        let given_up = given_up(layer().body_timeout(limit), Never).await;
        assert_eq!(given_up, (StatusCode::REQUEST_TIMEOUT, limit));
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_comes_in_drops_is_given_up_as_soon() {
    let given_up = given_up(layer(), Dripping(Box::pin(sleep(SECOND)))).await;
    assert_eq!(given_up, (StatusCode::REQUEST_TIMEOUT, DEFAULT_TIMEOUT));
}

#[tokio::test(start_paused = true)]
async fn a_body_that_was_given_up_is_told_from_one_that_was_cut() {
    let service = service_fn(|_: Request<DeliveryBody>| async {
        Ok::<_, Infallible>(Response::new(Full::<Bytes>::default()))
    });
    let response = layer().layer(service).call(delivery(b"", Never)).await;
    let refusal = response.unwrap().extensions().get().copied();
    assert_eq!(refusal, Some(Refusal::TooSlow(DEFAULT_TIMEOUT)));
}

#[tokio::test(start_paused = true)]
async fn a_service_may_take_longer_than_a_body() {
    let service = service_fn(|_: Request<DeliveryBody>| async {
        sleep(2 * DEFAULT_TIMEOUT).await;
        Ok::<_, Infallible>(Response::new(Full::<Bytes>::default()))
    });
    let genuine = delivery(b"[]", Full::<Bytes>::from("[]"));
    let response = layer().layer(service).call(genuine).await;
    assert_eq!(response.unwrap().status(), StatusCode::OK);
}

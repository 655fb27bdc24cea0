//! What a stranger sends to a server behind the layer takes no more memory than a body may.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::{Buf, Bytes};
use http::{Request, Response, StatusCode};
use http_body::{Body, Frame};
use http_body_util::Full;
use tower::{service_fn, Layer, Service};
use webhook_subscriptions::verify::{Key, KeyRing, PandaDoc, RingKey, VerifyLayer};
use webhook_subscriptions::Secret;

/// The limit that is documented for a layer of which nothing is said.
const DEFAULT_LIMIT: usize = 2 * 1024 * 1024;

fn key() -> Key<PandaDoc> {
    Key::new(&Secret::from("key")).unwrap()
}

fn layer() -> VerifyLayer<PandaDoc> {
    VerifyLayer::new(&KeyRing::new([RingKey::new("key", key())]))
}

/// A delivery that says it is signed as these bytes are.
fn delivery<B>(signed: &[u8], body: B) -> Request<B> {
    let target = key().sign(signed).append_to("/hooks");
    Request::post(target).body(body).unwrap()
}

/// What the layer, around a service that says yes to everything, answers.
async fn answer<B>(layer: VerifyLayer<PandaDoc>, request: Request<B>) -> StatusCode
where
    B: Body<Error = Infallible> + Send + 'static,
    B::Data: Send,
{
    let yes = |_: Request<Full<Bytes>>| async {
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
    let request = delivery(&body, Full::from(body.clone()));
    assert_eq!(answer(layer(), request).await, StatusCode::OK);
}

#[tokio::test]
async fn no_more_than_two_mebibytes_pass_where_nothing_is_said_of_a_limit() {
    let body = Bytes::from(vec![b' '; DEFAULT_LIMIT + 1]);
    let request = delivery(&body, Full::from(body.clone()));
    assert_eq!(
        answer(layer(), request).await,
        StatusCode::PAYLOAD_TOO_LARGE
    );
}

//! Verification in a server.

use std::error::Error;
use std::fmt;
use std::future::{poll_fn, Future};
use std::iter;
use std::pin::{pin, Pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use bytes::{Buf, BufMut, Bytes, BytesMut};
use http::request::Parts;
use http::{Request, Response};
use http_body::Body;
use http_body_util::{BodyExt, Either, Full, LengthLimitError};
use tokio::time::timeout;
use tower::{Layer, Service};

use super::refusal::Refusal;
use super::ring::{KeyRing, Verified};
use super::scheme::Scheme;

/// The most bytes of a body, unless you say otherwise: 2 MiB, as much as axum's extractors take.
const BODY_LIMIT: usize = 2 << 20;

/// How long a body may take, unless you say otherwise. PandaDoc waits as long for an answer. Source:
/// <https://developers.pandadoc.com/docs/webhook-setup>.
const BODY_TIMEOUT: Duration = Duration::from_secs(20);

/// The most that is allocated for a body of which nothing has come: who announces a length need not
/// send it.
const FIRST_BUFFER: u64 = 16 << 10;

/// A [`Layer`] that lets genuine deliveries pass, and answers all other requests by itself.
///
/// The layer reads the body, up to a limit and for a limited time, and verifies it. A request that passes has
/// the same body, now in memory, and [`Verified`] among its extensions. Any other is answered as
/// [`Refusal::status`] says, and the response has the [`Refusal`] among its extensions.
///
/// With axum:
///
/// ```
/// use axum::{body::Bytes, extract::Extension, routing::post, Router};
/// use webhook_subscriptions::verify::{Key, KeyRing, PandaDoc, RingKey, Verified, VerifyLayer};
/// # use webhook_subscriptions::Secret;
///
/// async fn delivered(Extension(verified): Extension<Verified>, body: Bytes) {
///     println!("{} bytes, signed with {}", body.len(), verified.key_id());
/// }
///
/// # let secret = Secret::from("key");
/// let ring = KeyRing::new([RingKey::new("2026-11", Key::<PandaDoc>::new(&secret)?)])?;
/// let hooks = post(delivered).layer(VerifyLayer::new(&ring));
/// let app: Router = Router::new().route("/hooks/pandadoc", hooks);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # What the providers do with a refusal
///
/// PandaDoc counts every 4xx and 5xx as a failure, and may switch the subscription off after seven days
/// of nothing but failures, or after one 410: a ring without the present key costs the subscription in a
/// week. It then is `DEACTIVATED`, until `update_webhook_subscription` makes it `active` again. It may
/// send a failed delivery again; after which statuses, when and how often, it does not document. It
/// waits 20 seconds for an answer. Sources: <https://hc.pandadoc.com/en/articles/9714966-webhooks>,
/// <https://developers.pandadoc.com/docs/webhook-setup>,
/// <https://developers.pandadoc.com/docs/webhook-deduplication>.
///
/// Ratepay expects 200, and documents nothing of what it does otherwise: neither that it
/// sends a delivery again nor that it does not.
/// Source: <https://docs.ratepay.com/apis/webhooks/invoice/openapi/invoice_webhooks>.
///
/// # The service behind it
///
/// It is cloned for each request, and asked whether it is ready once a delivery is verified. The layer
/// itself is always ready, so that requests wait for the service while their bodies are in memory: a
/// layer that sheds load belongs around this one.
///
/// # The runtime
///
/// The time limit for bodies is a timer of tokio's. Reading a body panics outside a tokio runtime, and in
/// one that was built without `enable_time`.
///
/// # What it leaves to others
///
/// The layer doesn't limit how many senders send at a time, nor how long they take over the head of a
/// request. The server does, or a layer around this one.
#[derive(Clone)]
pub struct VerifyLayer<S: Scheme>(Settings<S>);

/// What the layer puts around a service.
#[derive(Clone)]
pub struct Verify<S: Scheme, T> {
    settings: Settings<S>,
    inner: T,
}

#[derive(Clone)]
struct Settings<S: Scheme> {
    ring: KeyRing<S>,
    body_limit: usize,
    body_timeout: Duration,
    clock: Arc<dyn Fn() -> SystemTime + Send + Sync>,
}

impl<S: Scheme> VerifyLayer<S> {
    /// Verifies with this ring, whatever it holds at the time of a request.
    #[must_use]
    pub fn new(ring: &KeyRing<S>) -> Self {
        Self(Settings {
            ring: ring.clone(),
            body_limit: BODY_LIMIT,
            body_timeout: BODY_TIMEOUT,
            clock: Arc::new(SystemTime::now),
        })
    }

    /// The most bytes of a body; 2 MiB by default.
    ///
    /// Where you raise it, raise that of axum's extractors too (`DefaultBodyLimit`).
    #[must_use]
    pub fn body_limit(self, bytes: usize) -> Self {
        Self(Settings {
            body_limit: bytes,
            ..self.0
        })
    }

    /// The longest time from the head of a request to the end of its body; 20 seconds by default.
    ///
    /// A body that takes longer is refused with status 408 ([`Refusal::TooSlow`]), however steadily it
    /// comes. PandaDoc has given up on a delivery after 20 seconds.
    #[must_use]
    pub fn body_timeout(self, limit: Duration) -> Self {
        Self(Settings {
            body_timeout: limit,
            ..self.0
        })
    }

    /// Asks this for the time, in place of [`SystemTime::now`].
    #[must_use]
    pub fn clock(self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self(Settings {
            clock: Arc::new(clock),
            ..self.0
        })
    }
}

impl<S: Scheme> Settings<S> {
    /// The body of a genuine delivery, and which key says that it is one.
    async fn verify<B>(&self, head: &Parts, body: B) -> Result<(Bytes, Verified), Refusal>
    where
        B: Body,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        // Before the body: what has no signature is not worth reading.
        let signature = S::find(&head.uri, &head.headers).map_err(Refusal::NotVerified)?;
        let body = timeout(self.body_timeout, read(body, self.body_limit))
            .await
            .map_err(|_| Refusal::TooSlow(self.body_timeout))??;
        match self.ring.verify(&body, &signature, (self.clock)()) {
            Ok(verified) => Ok((body, verified)),
            Err(error) => Err(Refusal::NotVerified(error)),
        }
    }
}

/// The whole body, if it has no more bytes than `limit`.
///
/// It goes into one buffer, so that what it takes is bounded by its bytes, and not by the number of
/// pieces in which a sender chooses to send them.
async fn read<B>(body: B, limit: usize) -> Result<Bytes, Refusal>
where
    B: Body,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let announced = body.size_hint().lower();
    if announced > limit as u64 {
        return Err(Refusal::TooLarge(limit));
    }
    let mut whole = BytesMut::with_capacity(announced.min(FIRST_BUFFER) as usize);
    let mut body = pin!(body);
    while let Some(frame) = body.frame().await {
        // Trailers have no data.
        let frame = frame.map_err(|error| why_it_ended(&*error.into()))?;
        let Ok(data) = frame.into_data() else {
            continue;
        };
        if data.remaining() > limit - whole.len() {
            return Err(Refusal::TooLarge(limit));
        }
        whole.put(data);
    }
    Ok(whole.freeze())
}

/// What became of a body that ended with this error. Servers wrap what a limit of theirs says.
fn why_it_ended(error: &(dyn Error + 'static)) -> Refusal {
    let mut errors = iter::successors(Some(error), |&error| error.source());
    match errors.any(|error| error.is::<LengthLimitError>()) {
        true => Refusal::TooLargeForAnother,
        false => Refusal::Cut,
    }
}

impl<S: Scheme, T> Layer<T> for VerifyLayer<S> {
    type Service = Verify<S, T>;

    fn layer(&self, inner: T) -> Self::Service {
        Verify {
            settings: self.0.clone(),
            inner,
        }
    }
}

impl<S, T, B, R> Service<Request<B>> for Verify<S, T>
where
    S: Scheme,
    T: Service<Request<Full<Bytes>>, Response = Response<R>> + Clone + Send + 'static,
    T::Future: Send,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    type Response = Response<Either<R, Full<Bytes>>>;
    type Error = T::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    /// Ready always: the inner service is asked once a delivery is verified, so that a stranger whose
    /// body does not come keeps none of its capacity.
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let settings = self.settings.clone();
        let mut inner = self.inner.clone();
        Box::pin(async move {
            let (mut head, body) = request.into_parts();
            match settings.verify(&head, body).await {
                Ok((body, verified)) => {
                    head.extensions.insert(verified);
                    let request = Request::from_parts(head, Full::from(body));
                    poll_fn(|context| inner.poll_ready(context)).await?;
                    let response = inner.call(request).await?;
                    Ok(response.map(Either::Left))
                }
                Err(refusal) => Ok(refusal.response().map(Either::Right)),
            }
        })
    }
}

impl<S: Scheme> fmt::Debug for VerifyLayer<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifyLayer")
            .field("ring", &self.0.ring)
            .field("body_limit", &self.0.body_limit)
            .field("body_timeout", &self.0.body_timeout)
            .finish_non_exhaustive()
    }
}

impl<S: Scheme, T> fmt::Debug for Verify<S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verify")
            .field("ring", &self.settings.ring)
            .finish_non_exhaustive()
    }
}

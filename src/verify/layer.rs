//! Verifies deliveries in a server.

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
use http_body_util::{BodyExt, LengthLimitError};
use tokio::time::timeout;
use tower::{Layer, Service};

use super::body::{DeliveryBody, ResponseBody};
use super::refusal::Refusal;
#[cfg(feature = "rotate")]
use super::resolver::Resolver;
use super::ring::{KeyRing, Verified};
use super::scheme::{Scheme, Signature};

/// The default limit of a body: 2 MiB, the same as that of axum's extractors.
const BODY_LIMIT: usize = 2 << 20;

/// The default time limit of a body. PandaDoc waits as long for an answer. Source:
/// <https://developers.pandadoc.com/docs/webhook-setup>.
const BODY_TIMEOUT: Duration = Duration::from_secs(20);

/// The most bytes allocated for an announced length before any of the body has come. A sender may announce more
/// than it sends.
const FIRST_BUFFER: u64 = 16 << 10;

/// A [`Layer`] that lets genuine deliveries pass, and answers all other requests itself.
///
/// The layer reads the body, up to a limit and for a limited time, and verifies it. A request that passes has
/// the same body, now in memory, and [`Verified`] among its extensions. Any other request is answered with
/// [`Refusal::status`], and the response has the [`Refusal`] among its extensions.
///
/// Needs the feature `tower`. With axum:
///
/// ```
/// use axum::{body::Bytes, extract::Extension, routing::post, Router};
/// use webhook_subscriptions::verify::{Key, KeyRing, PandaDoc, RingKey, Verified, VerifyLayer};
///
/// async fn delivered(Extension(verified): Extension<Verified>, body: Bytes) {
///     println!("{} bytes, signed with {}", body.len(), verified.key_id());
/// }
///
/// # let secret = "key";
/// let ring = KeyRing::new([RingKey::new("2026-11", Key::<PandaDoc>::new(secret)?)])?;
/// let hooks = post(delivered).layer(VerifyLayer::new(ring));
/// let app: Router = Router::new().route("/hooks/pandadoc", hooks);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # How the providers react to a refusal
///
/// PandaDoc counts every 4xx and 5xx as a failure. It may deactivate the subscription after seven days with only
/// failures, or after one 410. So a ring without the current key costs the subscription in a week. The
/// subscription is then `DEACTIVATED`, until `update_webhook_subscription` makes it `active` again. PandaDoc may
/// send a failed delivery again, but doesn't document after which statuses, when and how often. It waits 20
/// seconds for an answer. Sources: <https://hc.pandadoc.com/en/articles/9714966-webhooks>,
/// <https://developers.pandadoc.com/docs/webhook-setup>,
/// <https://developers.pandadoc.com/docs/webhook-deduplication>.
///
/// Ratepay expects 200. It doesn't document how it reacts to anything else, nor whether it sends a delivery
/// again.
/// Source: <https://docs.ratepay.com/apis/webhooks/invoice/openapi/invoice_webhooks>.
///
/// # The service behind it
///
/// The service is cloned for each request, and polled for readiness once a delivery is verified. The layer itself
/// is always ready, so requests wait for the service while their bodies are in memory. Put a layer that sheds
/// load around this one.
///
/// # The runtime
///
/// The time limit for bodies uses a tokio timer. Reading a body panics outside a tokio runtime, and in
/// one that was built without `enable_time`.
///
/// # Limits that it doesn't have
///
/// The layer doesn't limit how many senders send at a time, nor how long they take to send the head of a request.
/// Limit both in the server, or in a layer around this one.
#[derive(Clone)]
pub struct VerifyLayer<S: Scheme>(Settings<S>);

/// The service that [`VerifyLayer`] makes.
///
/// Needs the feature `tower`.
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
    #[cfg(feature = "rotate")]
    resolver: Option<Arc<dyn Resolver<S>>>,
}

impl<S: Scheme> VerifyLayer<S> {
    /// Makes a layer that verifies with the keys that this ring holds at the time of a request. Clones of the ring
    /// share their keys, so keep one to replace them.
    #[must_use]
    pub fn new(ring: KeyRing<S>) -> Self {
        Self(Settings {
            ring,
            body_limit: BODY_LIMIT,
            body_timeout: BODY_TIMEOUT,
            clock: Arc::new(SystemTime::now),
            #[cfg(feature = "rotate")]
            resolver: None,
        })
    }

    /// Sets what decides about signatures that no key of the ring made.
    #[cfg(feature = "rotate")]
    pub(crate) fn resolver(self, resolver: Arc<dyn Resolver<S>>) -> Self {
        Self(Settings {
            resolver: Some(resolver),
            ..self.0
        })
    }

    /// Sets the most bytes of a body. The default is 2 MiB.
    ///
    /// If you raise it, raise that of axum's extractors too (`DefaultBodyLimit`).
    #[must_use]
    pub fn body_limit(self, bytes: usize) -> Self {
        Self(Settings {
            body_limit: bytes,
            ..self.0
        })
    }

    /// Sets the longest time from the head of a request to the end of its body. The default is 20 seconds.
    ///
    /// A body that takes longer is refused with status 408 ([`Refusal::TooSlow`]), however steadily it comes.
    /// PandaDoc gives up on a delivery after 20 seconds.
    #[must_use]
    pub fn body_timeout(self, limit: Duration) -> Self {
        Self(Settings {
            body_timeout: limit,
            ..self.0
        })
    }

    /// Sets the clock, which is [`SystemTime::now`] by default.
    #[must_use]
    pub fn clock(self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self(Settings {
            clock: Arc::new(clock),
            ..self.0
        })
    }
}

impl<S: Scheme> Settings<S> {
    /// Returns the body of a genuine delivery, and the key that verified it.
    async fn verify<B>(&self, head: &Parts, body: B) -> Result<(Bytes, Verified), Refusal>
    where
        B: Body,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        // Before the body, since a request without a signature isn't worth reading.
        let signature = Signature::from_request(head).map_err(Refusal::NotVerified)?;
        let body = timeout(self.body_timeout, read(body, self.body_limit))
            .await
            .map_err(|_| Refusal::TooSlow(self.body_timeout))??;
        let now = (self.clock)();
        let result = self.ring.verify_arrived(&body, &signature, now);
        #[cfg(feature = "rotate")]
        if let Some(resolver) = &self.resolver {
            let verified = match result {
                Ok(verified) => verified,
                Err(_) => resolver.resolve(&body, &signature).await?,
            };
            return Ok((body, verified));
        }
        match result {
            Ok(verified) => Ok((body, verified)),
            Err(error) => Err(Refusal::NotVerified(error)),
        }
    }
}

/// Reads the whole body, if it has no more bytes than `limit`.
///
/// The body goes into one buffer. So its length bounds the memory, and not the number of pieces in which a sender
/// sends it.
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

/// Returns the refusal of a body that ended with this error. Servers wrap the error of a limit of their own.
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
    T: Service<Request<DeliveryBody>, Response = Response<R>> + Clone + Send + 'static,
    T::Future: Send,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    type Response = Response<ResponseBody<R>>;
    type Error = T::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    /// Always ready. The inner service is polled once a delivery is verified, so a stranger whose body doesn't come
    /// takes none of its capacity.
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
                    let request = Request::from_parts(head, DeliveryBody::new(body));
                    poll_fn(|context| inner.poll_ready(context)).await?;
                    let response = inner.call(request).await?;
                    Ok(response.map(ResponseBody::of_service))
                }
                Err(refusal) => Ok(refusal.response()),
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

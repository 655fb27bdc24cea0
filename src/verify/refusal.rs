//! Why a request isn't let pass, and the status that says so.

use std::fmt;
use std::time::Duration;

use http::StatusCode;
#[cfg(feature = "tower")]
use http::{
    header::{CONTENT_TYPE, RETRY_AFTER},
    HeaderValue, Response,
};

#[cfg(feature = "tower")]
use super::body::ResponseBody;
use super::error::{VerifyError, VerifyErrorKind};

/// Why a receiver didn't let a request pass.
///
/// The `VerifyLayer` of the feature `tower` answers with it. It also becomes an extension of the response, so that
/// a layer around the `VerifyLayer` can log it. The sender sees the status and a few words.
///
/// A server without tower answers with the [`status`](Self::status), and asks the sender to wait:
///
/// ```
/// use std::time::SystemTime;
/// use http::{header::RETRY_AFTER, Response};
/// use webhook_subscriptions::verify::{KeyRing, PandaDoc, Refusal};
///
/// fn answer(refusal: Refusal) -> Response<()> {
///     // `Display` is for the log of the service. Don't send it.
///     println!("{refusal}");
///     let mut response = Response::new(());
///     *response.status_mut() = refusal.status();
///     if let Refusal::NotDecided { retry_after } = refusal {
///         response.headers_mut().insert(RETRY_AFTER, retry_after.as_secs().into());
///     }
///     response
/// }
///
/// // A `Rotation` returns a refusal, and a ring the error that one is made of.
/// let (head, _) = http::Request::post("/hooks").body(())?.into_parts();
/// let ring = KeyRing::<PandaDoc>::default();
/// let error = ring.verify_request(&head, b"[]", SystemTime::now()).unwrap_err();
/// assert_eq!(answer(Refusal::NotVerified(error)).status(), 400);
/// # Ok::<(), http::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// The delivery isn't verified as genuine.
    NotVerified(VerifyError),
    /// No known key made the signature, and whether a new key did can't be decided now. The sender can try again
    /// after this time. Only a rotation makes this refusal.
    NotDecided {
        /// How long the sender should wait: whole seconds, at least one.
        retry_after: Duration,
    },
    /// The body has more bytes than this limit.
    TooLarge(usize),
    /// The body has more bytes than the limit of another layer around this one.
    TooLargeForAnother,
    /// The body took longer than this limit.
    TooSlow(Duration),
    /// The body was cut short.
    Cut,
}

impl Refusal {
    /// Returns the status that the sender sees.
    ///
    /// | status | when |
    /// |---|---|
    /// | 400 | the signature is missing, duplicate or malformed; the body was cut short |
    /// | 403 | no valid key made the signature |
    /// | 408 | the body took too long |
    /// | 413 | the body is too large |
    /// | 503 | no key is valid now, which the sender can't change; or whether the signature is genuine can't be decided now |
    ///
    /// The status is never 401, which requires a challenge (RFC 9110, section 15.5.2) that no sender of webhooks
    /// supports. It is never 410, for which PandaDoc deactivates a subscription at once.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotVerified(error) => match error.kind() {
                VerifyErrorKind::NoMatch => StatusCode::FORBIDDEN,
                VerifyErrorKind::NoActiveKey => StatusCode::SERVICE_UNAVAILABLE,
                _ => StatusCode::BAD_REQUEST,
            },
            Self::NotDecided { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::TooLarge(_) | Self::TooLargeForAnother => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow(_) => StatusCode::REQUEST_TIMEOUT,
            Self::Cut => StatusCode::BAD_REQUEST,
        }
    }

    #[cfg(feature = "tower")]
    pub(super) fn response<B>(self) -> Response<ResponseBody<B>> {
        let mut response = Response::new(ResponseBody::of_refusal(match self {
            Self::NotVerified(error) => match error.kind() {
                VerifyErrorKind::Missing => "no signature\n",
                VerifyErrorKind::NoMatch => "not signed by a known key\n",
                VerifyErrorKind::NoActiveKey => "cannot verify now\n",
                _ => "no usable signature\n",
            },
            Self::NotDecided { .. } => "cannot verify now\n",
            Self::TooLarge(_) | Self::TooLargeForAnother => "body too large\n",
            Self::TooSlow(_) => "body too slow\n",
            Self::Cut => "body incomplete\n",
        }));
        *response.status_mut() = self.status();
        let plain = HeaderValue::from_static("text/plain; charset=utf-8");
        response.headers_mut().insert(CONTENT_TYPE, plain);
        if let Self::NotDecided { retry_after } = self {
            let seconds = HeaderValue::from(retry_after.as_secs().max(1));
            response.headers_mut().insert(RETRY_AFTER, seconds);
        }
        response.extensions_mut().insert(self);
        response
    }
}

impl std::error::Error for Refusal {}

/// Says what happened, and what to check.
impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotVerified(error) => error.fmt(f),
            Self::NotDecided { retry_after } => write!(
                f,
                "no known key made the signature, and whether a new key did can't be decided now; the sender was asked \
                 to try again in {retry_after:?}"
            ),
            Self::TooLarge(limit) => write!(
                f,
                "the delivery has more than {limit} bytes; if the provider sends such deliveries, raise \
                 body_limit"
            ),
            Self::TooLargeForAnother => f.write_str(
                "the delivery has more bytes than the limit of another layer around this one, which isn't \
                 body_limit; if the provider sends such deliveries, raise that limit",
            ),
            Self::TooSlow(limit) => write!(
                f,
                "the body of the delivery took longer than {limit:?}; if the provider needs longer, raise \
                 body_timeout"
            ),
            Self::Cut => f.write_str(
                "the body of the delivery was cut short; it is lost unless the provider sends it again",
            ),
        }
    }
}

//! What the layer answers where it lets nothing pass.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response, StatusCode};
use http_body_util::Full;

use super::error::{VerifyError, VerifyErrorKind};

/// Why a [`VerifyLayer`](super::VerifyLayer) let a request not pass.
///
/// It is an extension of the response, so that what stands around the layer can log it; the sender
/// sees the status and a word of why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// The delivery is not known to be genuine.
    NotVerified(VerifyError),
    /// The body has more bytes than this limit.
    TooLarge(usize),
    /// The body has more bytes than a limit that stands around this layer.
    TooLargeForAnother,
    /// The body took longer than this limit.
    TooSlow(Duration),
    /// The body did not come whole.
    Cut,
}

impl Refusal {
    /// The status that the sender sees.
    ///
    /// | status | when |
    /// |---|---|
    /// | 400 | the signature is missing, repeated or malformed; the body did not come whole |
    /// | 403 | no key made the signature |
    /// | 408 | the body took too long |
    /// | 413 | the body is too large |
    /// | 503 | no key is in force, which is not the sender's fault |
    ///
    /// Not 401, with which RFC 9110 (section 15.5.2) wants a challenge that no sender of webhooks knows. Never
    /// 410, for which PandaDoc switches a subscription off at once.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotVerified(error) => match error.kind() {
                VerifyErrorKind::NoMatch => StatusCode::FORBIDDEN,
                VerifyErrorKind::NoKeyInForce => StatusCode::SERVICE_UNAVAILABLE,
                _ => StatusCode::BAD_REQUEST,
            },
            Self::TooLarge(_) | Self::TooLargeForAnother => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow(_) => StatusCode::REQUEST_TIMEOUT,
            Self::Cut => StatusCode::BAD_REQUEST,
        }
    }

    pub(super) fn response(self) -> Response<Full<Bytes>> {
        let mut response = Response::new(Full::from(match self {
            Self::NotVerified(error) => match error.kind() {
                VerifyErrorKind::Missing => "no signature\n",
                VerifyErrorKind::NoMatch => "not signed by a known key\n",
                VerifyErrorKind::NoKeyInForce => "cannot verify now\n",
                _ => "no usable signature\n",
            },
            Self::TooLarge(_) | Self::TooLargeForAnother => "body too large\n",
            Self::TooSlow(_) => "body too slow\n",
            Self::Cut => "body incomplete\n",
        }));
        *response.status_mut() = self.status();
        let plain = HeaderValue::from_static("text/plain; charset=utf-8");
        response.headers_mut().insert(CONTENT_TYPE, plain);
        response.extensions_mut().insert(self);
        response
    }
}

impl std::error::Error for Refusal {}

/// What happened, and what to look at.
impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotVerified(error) => error.fmt(f),
            Self::TooLarge(limit) => write!(
                f,
                "a delivery of more than {limit} bytes; if the provider sends such, raise body_limit"
            ),
            Self::TooLargeForAnother => f.write_str(
                "a delivery of more bytes than a limit around this layer lets pass, which is not its \
                 body_limit; if the provider sends such, raise that limit",
            ),
            Self::TooSlow(limit) => write!(
                f,
                "a delivery whose body did not come whole within {limit:?}; if the provider needs \
                 longer, raise body_timeout"
            ),
            Self::Cut => f.write_str(
                "a delivery whose body did not come whole; it is lost unless the provider sends it again",
            ),
        }
    }
}

//! The scheme of Ratepay's subscription webhooks.

use std::time::SystemTime;

use hmac::Hmac;
use http::{HeaderMap, HeaderName, Uri};
use sha2::Sha512;

use super::error::{VerifyError, VerifyErrorKind};
use super::ring::{KeyRing, Verified};
use super::scheme::{sealed, Form, Scheme};
use super::signature::Signature;

/// The scheme of Ratepay's subscription webhooks: HMAC-SHA512 of the body, in the header `x-signature`.
///
/// Ratepay calls it a hash; it is keyed. That it is of exactly the bytes that are sent is inferred: the
/// documentation speaks of the payload, and its example's signature is of the example's bytes. Source:
/// <https://docs.ratepay.com/apis/webhooks/subscription/openapi/subscription_webhooks/overview/>.
///
/// The documentation of disputes has the header as optional. A delivery without it is refused here all the
/// same: nothing tells it from a forgery. Source:
/// <https://docs.ratepay.com/apis/webhooks/dispute/openapi/dispute_webhooks/other/defend>.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Ratepay;

impl Ratepay {
    /// The name of the header that has the signature.
    pub const HEADER: HeaderName = HeaderName::from_static("x-signature");
}

impl sealed::Sealed for Ratepay {}

impl Scheme for Ratepay {
    type Hmac = Hmac<Sha512>;

    const FORM: &'static Form = &Form {
        provider: "Ratepay",
        place: "header `x-signature`",
        digits: 128,
        odd_length: "was it cut?",
    };

    fn find(_: &Uri, headers: &HeaderMap) -> Result<Signature<Self>, VerifyError> {
        Signature::from_headers(headers)
    }
}

/// Verifies a delivery of a Ratepay subscription.
///
/// `body` is the body as it came, before anything reads it as JSON.
///
/// # Errors
///
/// The signature is missing, repeated or malformed; no key of the ring is valid at `now`; or none that
/// is made it. There is no case in which a request passes without a signature.
pub fn ratepay(
    ring: &KeyRing<Ratepay>,
    headers: &HeaderMap,
    body: &[u8],
    now: SystemTime,
) -> Result<Verified, VerifyError> {
    ring.verify(body, &Signature::from_headers(headers)?, now)
}

impl Signature<Ratepay> {
    /// Takes the signature out of the headers of a request.
    ///
    /// # Errors
    ///
    /// There is none, more than one, or one that is not 128 hexadecimal digits; or it is one of Ratepay's
    /// Hosted Payment Page, which has its signature in a header of the same name.
    pub fn from_headers(headers: &HeaderMap) -> Result<Self, VerifyError> {
        let error = VerifyError::new::<Ratepay>;
        let mut values = headers.get_all(Ratepay::HEADER).iter();
        let value = values.next().ok_or(error(VerifyErrorKind::Missing))?;
        if values.next().is_some() {
            return Err(error(VerifyErrorKind::Repeated));
        }
        let mut parts = value.as_bytes().split(|&byte| byte == b',');
        if parts.any(is_of_hosted_payment_page) {
            return Err(error(VerifyErrorKind::HostedPaymentPage));
        }
        // As a proxy joins two lines (RFC 9110, section 5.3).
        if value.as_bytes().contains(&b',') {
            return Err(error(VerifyErrorKind::Repeated));
        }
        Self::from_hex(value.as_bytes())
    }
}

/// Whether this is a part of `t=<seconds>,v1=<Base64>` that no other signature has.
fn is_of_hosted_payment_page(part: &[u8]) -> bool {
    part.trim_ascii_start().starts_with(b"v1=")
}

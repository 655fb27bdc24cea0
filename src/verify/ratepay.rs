//! Ratepay's signatures.

use hmac::Hmac;
use http::request::Parts;
use http::{HeaderMap, HeaderName};
use sha2::Sha512;

use super::error::{Form, VerifyError, VerifyErrorKind};
use super::scheme::{Scheme, Sealed, Signature};

/// Ratepay's scheme for subscription webhooks: HMAC-SHA512 of the body, in the header `x-signature`.
///
/// Ratepay calls it a hash, but it is keyed. The documentation speaks of the payload, and the signature in its
/// example is of the example's bytes. From this it is inferred that Ratepay signs exactly the bytes that it
/// sends. Source:
/// <https://docs.ratepay.com/apis/webhooks/subscription/openapi/subscription_webhooks/overview/>.
///
/// The documentation of disputes calls the header optional. A delivery without it is rejected even so, since it
/// can't be told from a forgery. Source:
/// <https://docs.ratepay.com/apis/webhooks/dispute/openapi/dispute_webhooks/other/defend>.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Ratepay;

impl Ratepay {
    /// The name of the header with the signature.
    pub const HEADER: HeaderName = HeaderName::from_static("x-signature");
}

impl Scheme for Ratepay {}

impl Sealed for Ratepay {
    type Hmac = Hmac<Sha512>;

    const FORM: &'static Form = &Form {
        provider: "Ratepay",
        place: "header `x-signature`",
        digits: 128,
        odd_length: "was it cut?",
    };

    fn find(head: &Parts) -> Result<Signature<Self>, VerifyError> {
        Signature::from_headers(&head.headers)
    }
}

impl Signature<Ratepay> {
    /// Reads the signature from the headers of a request.
    ///
    /// ```
    /// use http::HeaderMap;
    /// use webhook_subscriptions::verify::{Key, Ratepay, Signature};
    ///
    /// let key = Key::<Ratepay>::new("the secret of the subscription")?;
    /// let mut headers = HeaderMap::new();
    /// headers.insert(Ratepay::HEADER, key.sign(b"{}").to_string().parse()?);
    ///
    /// let signature = Signature::<Ratepay>::from_headers(&headers)?;
    /// assert!(key.verify(b"{}", &signature));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if the signature is missing, duplicate or not 128 hexadecimal digits. A signature of
    /// Ratepay's Hosted Payment Page, which uses a header of the same name, is an error too.
    pub fn from_headers(headers: &HeaderMap) -> Result<Self, VerifyError> {
        let error = |kind| VerifyError::new(kind, Ratepay::FORM);
        let mut values = headers.get_all(Ratepay::HEADER).iter();
        let value = values
            .next()
            .ok_or_else(|| error(VerifyErrorKind::Missing))?;
        if values.next().is_some() {
            return Err(error(VerifyErrorKind::Duplicate));
        }
        let mut parts = value.as_bytes().split(|&byte| byte == b',');
        if parts.any(is_of_hosted_payment_page) {
            return Err(error(VerifyErrorKind::HostedPaymentPage));
        }
        // A proxy may join two header lines so (RFC 9110, section 5.3).
        if value.as_bytes().contains(&b',') {
            return Err(error(VerifyErrorKind::Duplicate));
        }
        Self::from_hex(value.as_bytes())
    }
}

/// Tells whether this is the part of `t=<seconds>,v1=<Base64>` that no other signature has.
fn is_of_hosted_payment_page(part: &[u8]) -> bool {
    part.trim_ascii_start().starts_with(b"v1=")
}

//! PandaDoc's scheme.

use std::time::SystemTime;

use hmac::Hmac;
use http::{HeaderMap, Uri};
use sha2::Sha256;
use url::form_urlencoded;

use super::error::{VerifyError, VerifyErrorKind};
use super::ring::{KeyRing, Verified};
use super::scheme::{sealed, Form, Scheme};
use super::signature::Signature;

/// PandaDoc's scheme: HMAC-SHA256 of the body, in the query parameter `signature`.
///
/// No header has it, whatever much public code reads. Source:
/// <https://developers.pandadoc.com/docs/webhook-verification>.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct PandaDoc;

/// The name of the query parameter.
const PARAMETER: &str = "signature";

impl sealed::Sealed for PandaDoc {}

impl Scheme for PandaDoc {
    type Hmac = Hmac<Sha256>;

    const FORM: &'static Form = &Form {
        provider: "PandaDoc",
        place: "query parameter `signature`",
        digits: 64,
    };

    fn find(uri: &Uri, _: &HeaderMap) -> Result<Signature<Self>, VerifyError> {
        Signature::from_query(uri.query().unwrap_or_default())
    }
}

/// Verifies a delivery of PandaDoc's.
///
/// `target` is the request target (RFC 9112, section 3.2) or the whole URL, with its query as it came;
/// `body` the body as it came, before anything reads it as JSON.
///
/// # Errors
///
/// The signature is missing, repeated or malformed; no key of the ring is valid at `now`; or none that
/// is made it. There is no case in which a request passes without a signature.
pub fn pandadoc(
    ring: &KeyRing<PandaDoc>,
    target: &str,
    body: &[u8],
    now: SystemTime,
) -> Result<Verified, VerifyError> {
    ring.verify(body, &Signature::from_target(target)?, now)
}

impl Signature<PandaDoc> {
    /// Takes the signature out of a request target or URL. Other parameters are passed over.
    ///
    /// # Errors
    ///
    /// There is none, more than one, or one that is not 64 hexadecimal digits.
    pub fn from_target(target: &str) -> Result<Self, VerifyError> {
        let target = target.split_once('#').map_or(target, |(before, _)| before);
        Self::from_query(target.split_once('?').map_or("", |(_, query)| query))
    }

    fn from_query(query: &str) -> Result<Self, VerifyError> {
        let error = VerifyError::new::<PandaDoc>;
        let mut values = form_urlencoded::parse(query.as_bytes())
            .filter(|(name, _)| name == PARAMETER)
            .map(|(_, value)| value);
        let value = values.next().ok_or(error(VerifyErrorKind::Missing))?;
        match values.next() {
            None => Self::from_hex(value.as_bytes()),
            Some(_) => Err(error(VerifyErrorKind::Repeated)),
        }
    }

    /// The URL with this signature as its last query parameter, as a sender posts to it. For tests and
    /// simulators.
    #[must_use]
    pub fn append_to(&self, url: &str) -> String {
        let separator = if url.contains('?') { '&' } else { '?' };
        format!("{url}{separator}{PARAMETER}={self}")
    }
}

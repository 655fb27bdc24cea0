//! PandaDoc's scheme.

use std::time::SystemTime;

use hmac::Hmac;
use http::{HeaderMap, Uri};
use percent_encoding::percent_decode_str;
use sha2::Sha256;

use super::error::{VerifyError, VerifyErrorKind};
use super::ring::{KeyRing, Verified};
use super::scheme::{sealed, Form, Scheme};
use super::signature::Signature;

/// PandaDoc's scheme: HMAC-SHA256 of the body, in the query parameter `signature`.
///
/// No header has it, whatever much public code reads. Source:
/// <https://developers.pandadoc.com/docs/webhook-verification>.
///
/// Register URLs without a `signature` of their own: a delivery with two is rejected, since a proxy and
/// this crate might each go by another. For the `?signature={signature}` of older instructions see
/// [`Signature::append_to`].
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct PandaDoc;

/// The name of the query parameter.
const PARAMETER: &str = "signature";

/// The value that older copies of PandaDoc's page had users give the parameter.
const PLACEHOLDER: &str = "{signature}";

impl sealed::Sealed for PandaDoc {}

impl Scheme for PandaDoc {
    type Hmac = Hmac<Sha256>;

    const FORM: &'static Form = &Form {
        provider: "PandaDoc",
        place: "query parameter `signature`",
        digits: 64,
        odd_length: "was it cut, or is it a placeholder of the URL that was registered?",
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
    /// A fragment, which is no part of what is sent (RFC 9112, section 3.2), is passed over too.
    ///
    /// # Errors
    ///
    /// There is none, more than one, or one that is not 64 hexadecimal digits.
    pub fn from_target(target: &str) -> Result<Self, VerifyError> {
        let sent = without_fragment(target);
        Self::from_query(sent.split_once('?').map_or("", |(_, query)| query))
    }

    fn from_query(query: &str) -> Result<Self, VerifyError> {
        let error = VerifyError::new::<PandaDoc>;
        let mut values = query.split('&').filter_map(value_of_parameter);
        let value = values.next().ok_or(error(VerifyErrorKind::Missing))?;
        if values.next().is_some() {
            return Err(error(VerifyErrorKind::Repeated));
        }
        match Self::from_hex(value.as_bytes()) {
            // Nobody has reason to encode hexadecimal digits; whoever does so all the same is understood.
            Err(_) if value.contains('%') => {
                Self::from_hex(&Vec::from_iter(percent_decode_str(value)))
            }
            result => result,
        }
    }

    /// Returns the URL that a sender posts to: with this signature in its query, and without its fragment.
    /// For tests and simulators.
    ///
    /// The signature becomes the last parameter, unless the URL has a `signature={signature}`: then it
    /// takes the place of that placeholder. Older copies of PandaDoc's page told users to register such a
    /// URL; what PandaDoc makes of one today is not documented. Any other `signature` of the URL's own
    /// stays, so that the request has two and is rejected. Register URLs without one.
    #[must_use]
    pub fn append_to(&self, url: &str) -> String {
        let signed = format!("{PARAMETER}={self}");
        let url = without_fragment(url);
        let Some((path, query)) = url.split_once('?') else {
            return format!("{url}?{signed}");
        };
        let mut pairs = Vec::from_iter(query.split('&'));
        match pairs.iter().position(|pair| is_placeholder(pair)) {
            Some(index) => pairs[index] = &signed,
            None => pairs.push(&signed),
        }
        format!("{path}?{}", pairs.join("&"))
    }
}

/// Whether this pair of name and value is `signature={signature}`.
fn is_placeholder(pair: &str) -> bool {
    let value = value_of_parameter(pair);
    value.is_some_and(|value| percent_decode_str(value).eq(PLACEHOLDER.bytes()))
}

fn without_fragment(url: &str) -> &str {
    url.split_once('#').map_or(url, |(sent, _)| sent)
}

/// The value in this pair of name and value, if the name is that of the parameter.
fn value_of_parameter(pair: &str) -> Option<&str> {
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    let same =
        name == PARAMETER || name.contains('%') && percent_decode_str(name).eq(PARAMETER.bytes());
    same.then_some(value)
}

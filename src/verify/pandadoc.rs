//! PandaDoc's signatures.

use hmac::Hmac;
use http::request::Parts;
use percent_encoding::percent_decode_str;
use sha2::Sha256;

use super::error::{Form, VerifyError, VerifyErrorKind};
use super::scheme::{Scheme, Sealed, Signature};

/// PandaDoc's scheme: HMAC-SHA256 of the body, in the query parameter `signature`.
///
/// No header has the signature, although much public code looks for one. Source:
/// <https://developers.pandadoc.com/docs/webhook-verification>.
///
/// Register URLs without a `signature` parameter. A delivery with two is rejected, since a proxy and this crate
/// might each use another one. For the `?signature={signature}` of older instructions see
/// [`Signature::append_to`].
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct PandaDoc;

/// The name of the query parameter.
const PARAMETER: &str = "signature";

/// The value of the parameter in older copies of PandaDoc's instructions.
const PLACEHOLDER: &str = "{signature}";

impl Scheme for PandaDoc {}

impl Sealed for PandaDoc {
    type Hmac = Hmac<Sha256>;

    const FORM: &'static Form = &Form {
        provider: "PandaDoc",
        place: "query parameter `signature`",
        digits: 64,
        odd_length: "was it cut, or is it a placeholder of the URL that was registered?",
    };

    fn find(head: &Parts) -> Result<Signature<Self>, VerifyError> {
        Signature::from_query(head.uri.query().unwrap_or_default())
    }
}

impl Signature<PandaDoc> {
    /// Reads the signature from a request target (RFC 9112, section 3.2) or a URL, with its query as it came.
    ///
    /// Other parameters are ignored. So is a fragment, which isn't part of a request target.
    ///
    /// ```
    /// use webhook_subscriptions::verify::{Key, PandaDoc, Signature};
    ///
    /// let key = Key::<PandaDoc>::new("the shared key")?;
    /// let target = format!("/hooks/pandadoc?signature={}", key.sign(b"[]"));
    ///
    /// let signature = Signature::<PandaDoc>::from_target(&target)?;
    /// assert!(key.verify(b"[]", &signature));
    /// assert!(Signature::<PandaDoc>::from_target("/hooks/pandadoc").is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if the signature is missing, duplicate or not 64 hexadecimal digits.
    pub fn from_target(target: &str) -> Result<Self, VerifyError> {
        let sent = without_fragment(target);
        Self::from_query(sent.split_once('?').map_or("", |(_, query)| query))
    }

    fn from_query(query: &str) -> Result<Self, VerifyError> {
        let error = |kind| VerifyError::new(kind, PandaDoc::FORM);
        let mut values = query.split('&').filter_map(value_of_parameter);
        let value = values
            .next()
            .ok_or_else(|| error(VerifyErrorKind::Missing))?;
        if values.next().is_some() {
            return Err(error(VerifyErrorKind::Duplicate));
        }
        match Self::from_hex(value.as_bytes()) {
            // Hexadecimal digits need no encoding, but encoded ones are accepted too.
            Err(_) if value.contains('%') => {
                Self::from_hex(&Vec::from_iter(percent_decode_str(value)))
            }
            result => result,
        }
    }

    /// Returns the URL that a sender posts to: with this signature in its query, and without its fragment. For
    /// tests and simulators.
    ///
    /// The signature becomes the last parameter. If the URL has a `signature={signature}`, the signature replaces
    /// that placeholder instead. Older copies of PandaDoc's instructions told users to register such a URL, and
    /// it isn't documented how PandaDoc treats one today. Any other `signature` parameter of the URL stays, so the
    /// request has two and is rejected. Register URLs without one.
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

/// Tells whether this pair of name and value is `signature={signature}`.
fn is_placeholder(pair: &str) -> bool {
    let value = value_of_parameter(pair);
    value.is_some_and(|value| percent_decode_str(value).eq(PLACEHOLDER.bytes()))
}

fn without_fragment(url: &str) -> &str {
    url.split_once('#').map_or(url, |(sent, _)| sent)
}

/// Returns the value in this pair of name and value if the name is that of the parameter.
fn value_of_parameter(pair: &str) -> Option<&str> {
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    let same =
        name == PARAMETER || name.contains('%') && percent_decode_str(name).eq(PARAMETER.bytes());
    same.then_some(value)
}

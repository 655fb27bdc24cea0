//! A URL that deliveries can be posted to.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use url::Url;

/// Where deliveries are sent: an absolute `http` or `https` URL, kept exactly as it was written.
///
/// Ratepay takes any text and says nothing about one that does not work, so it is checked here.
/// Source: `url` of `SubscriptionRequest` in `specs/ratepay.yaml`, from Ratepay's "Update
/// Subscription" ("HTTP URL"), and `url` of PandaDoc's requests, which takes `https` alone
/// (<https://developers.pandadoc.com/docs/webhook-setup>). Use `https`: the signature proves who sent a delivery, and does not
/// hide it.
///
/// ```
/// use webhook_subscriptions::WebhookUrl;
///
/// let url: WebhookUrl = "https://shop.example/hooks/invoice".parse()?;
/// assert_eq!(url.as_str(), "https://shop.example/hooks/invoice");
/// assert!("shop.example/hooks".parse::<WebhookUrl>().is_err());
/// # Ok::<(), webhook_subscriptions::WebhookUrlError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct WebhookUrl(String);

impl WebhookUrl {
    /// The URL as text, as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for WebhookUrl {
    type Error = WebhookUrlError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        // The parser mends these in silence, and the server would get them as they are.
        if !text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'\\')
        {
            return Err(WebhookUrlError::Character);
        }
        let url = Url::parse(&text)?;
        let (scheme, rest) = text.split_once("://").ok_or(WebhookUrlError::Scheme)?;
        let is_http = ["http", "https"].contains(&scheme.to_ascii_lowercase().as_str());
        if !is_http || rest.starts_with('/') || !url.has_host() {
            return Err(WebhookUrlError::Scheme);
        }
        Ok(Self(text))
    }
}

impl FromStr for WebhookUrl {
    type Err = WebhookUrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.to_owned().try_into()
    }
}

impl From<WebhookUrl> for String {
    fn from(url: WebhookUrl) -> Self {
        url.0
    }
}

impl fmt::Display for WebhookUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Prints the URL without what often holds a token: user information, query and fragment.
impl fmt::Debug for WebhookUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Url::parse(&self.0) {
            Ok(url) => write!(
                f,
                "\"{}{}\"",
                url.origin().ascii_serialization(),
                url.path()
            ),
            Err(_) => f.write_str("\"\""),
        }
    }
}

/// A URL that no delivery can be sent to. Nothing was sent.
///
/// No message contains the URL: it may hold a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WebhookUrlError {
    /// It is no absolute URL.
    #[error("url: an absolute http or https URL is needed: {0}")]
    NotAbsolute(#[from] url::ParseError),
    /// It does not begin with `http://` or `https://` and a host.
    #[error("url: it must begin with http:// or https:// and a host")]
    Scheme,
    /// It has a character that no URL has (RFC 3986, section 2).
    #[error("url: white space, control and non-ASCII characters and backslashes must be percent-encoded")]
    Character,
}

#[cfg(feature = "schemars")]
impl schemars::JsonSchema for WebhookUrl {
    fn schema_name() -> String {
        "WebhookUrl".to_owned()
    }

    fn json_schema(_: &mut schemars::gen::SchemaGenerator) -> schemars::schema::Schema {
        schemars::schema::SchemaObject {
            instance_type: Some(schemars::schema::InstanceType::String.into()),
            format: Some("uri".to_owned()),
            ..Default::default()
        }
        .into()
    }
}

//! The URL that deliveries are posted to.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use url::Url;

/// An absolute `http` or `https` URL for deliveries, kept exactly as it was written.
///
/// Ratepay accepts any text and doesn't report one that can't work, so this type checks it. Use `https`: a
/// signature proves who sent a delivery, but doesn't hide its content. PandaDoc accepts only `https`.
///
/// Sources: `url` of `SubscriptionRequest` in `specs/ratepay.yaml`, from Ratepay's "Update Subscription"
/// ("HTTP URL"); for `url` of PandaDoc's requests, <https://developers.pandadoc.com/docs/webhook-setup>.
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
    /// Returns the URL as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// # Errors
///
/// Returns an error if the text isn't an absolute `http` or `https` URL with a host, or has a character that a URL
/// can't have.
impl TryFrom<String> for WebhookUrl {
    type Error = WebhookUrlError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        // The parser corrects these silently, but the server would get them as they are.
        if !text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'\\')
        {
            return Err(WebhookUrlError::Character);
        }
        let url =
            Url::parse(&text).map_err(|error| WebhookUrlError::NotAbsolute(UrlSyntax(error)))?;
        let (scheme, rest) = text.split_once("://").ok_or(WebhookUrlError::Scheme)?;
        let is_http = ["http", "https"].contains(&scheme.to_ascii_lowercase().as_str());
        if !is_http || rest.starts_with('/') || !url.has_host() {
            return Err(WebhookUrlError::Scheme);
        }
        Ok(Self(text))
    }
}

/// # Errors
///
/// Returns an error if the text isn't an absolute `http` or `https` URL with a host, or has a character that a URL
/// can't have.
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

/// Prints the URL without user information, query and fragment, which often hold a token.
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
/// The messages don't contain the URL, since it may hold a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WebhookUrlError {
    /// The text isn't an absolute URL.
    #[error("`url` isn't an absolute URL: {0}; give one like https://host/path")]
    NotAbsolute(UrlSyntax),
    /// The text doesn't begin with `http://` or `https://` and a host.
    #[error("`url` must begin with http:// or https:// and a host")]
    Scheme,
    /// The text has a character that a URL can't have (RFC 3986, section 2).
    #[error("`url` has a character that a URL can't have; percent-encode white space, control and non-ASCII characters and backslashes")]
    Character,
}

/// The reason why a text isn't an absolute URL. It is displayed without the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub struct UrlSyntax(url::ParseError);

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

//! Requests without their secrets.
//!
//! Only members that are known to be harmless are shown, because a secret may be anywhere in a wrong request.

use http::header::CONTENT_TYPE;
use http::HeaderMap;
use serde_json::{Map, Value};

use crate::webhook_url::WebhookUrl;

/// The members of bodies and the arguments of queries that are shown.
const SHOWN: [&str; 16] = [
    "active",
    "audience",
    "client_id",
    "count",
    "error",
    "event_type",
    "expires_in",
    "grant_type",
    "http_status_code",
    "name",
    "page",
    "payload",
    "since",
    "to",
    "triggers",
    "type",
];

const REDACTED: &str = "[redacted]";

/// The largest body that is shown, in bytes.
const MAX_BODY: usize = 16 * 1024;

/// Returns a request's body, or a text in brackets that stands for it.
pub(super) fn body(headers: &HeaderMap, body: &[u8]) -> Value {
    if body.is_empty() {
        return Value::Null;
    }
    if body.len() > MAX_BODY {
        return format!("[{} bytes, too many to be kept]", body.len()).into();
    }
    let content_type = headers.get(CONTENT_TYPE).and_then(|it| it.to_str().ok());
    let is_form =
        content_type.is_some_and(|it| it.starts_with("application/x-www-form-urlencoded"));
    let members = match is_form {
        true => form(body),
        false => serde_json::from_slice(body).ok(),
    };
    match members {
        Some(members) => members_without_secrets(members).into(),
        None => format!("[{} bytes that aren't a JSON object or a form]", body.len()).into(),
    }
}

/// Returns the arguments of a query.
pub(super) fn query(query: Option<&str>) -> Value {
    let arguments = query.and_then(|query| form(query.as_bytes()));
    arguments.map_or(Value::Null, |it| members_without_secrets(it).into())
}

/// Returns a URL without user information, query and fragment, which often hold a token.
pub(super) fn url(text: &str) -> String {
    match text.parse::<WebhookUrl>() {
        // The debug format of a `WebhookUrl` is the redacted URL in quotes.
        Ok(url) => format!("{url:?}").trim_matches('"').to_owned(),
        Err(_) => REDACTED.to_owned(),
    }
}

fn form(text: &[u8]) -> Option<Map<String, Value>> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_bytes(text).ok()?;
    let pairs = pairs.into_iter();
    Some(pairs.map(|(name, value)| (name, value.into())).collect())
}

fn members_without_secrets(members: Map<String, Value>) -> Map<String, Value> {
    let redact = |(name, value): (String, Value)| {
        let shown = match (name.as_str(), value) {
            ("url", Value::String(text)) => url(&text).into(),
            (name, value) if SHOWN.contains(&name) => value,
            _ => REDACTED.into(),
        };
        (name, shown)
    };
    members.into_iter().map(redact).collect()
}

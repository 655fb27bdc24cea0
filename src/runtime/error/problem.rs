//! The error that a provider describes in its own words.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value};

/// The body of an error response, parsed leniently.
///
/// | sender | members |
/// |---|---|
/// | PandaDoc | `type`, `detail` (a sentence, or an object of messages per field), `info_message`, `links` |
/// | Ratepay | `name`, `message` |
/// | token endpoints (RFC 6749, section 5.2) | `error`, `error_description` |
///
/// If a member is missing or of another type, or the body isn't a JSON object, the accessor returns nothing.
/// [`Error::body`](crate::Error::body) has the bytes in every case.
///
/// A provider may repeat in its words what it was sent. So `Debug` prints none of them, and `Display` isn't
/// implemented: ask for a member by its name, and decide where it goes.
///
/// PandaDoc explains a 403 like this:
///
/// ```json
/// {
///   "type": "permissions_error",
///   "detail": "You do not have permission to perform this action.",
///   "info_message": "Only an admin of the workspace may manage its webhooks.",
///   "links": [
///     {"rel": "help", "href": "https://developers.pandadoc.com/docs/webhooks-concepts", "type": "GET"}
///   ]
/// }
/// ```
///
/// ```no_run
/// use webhook_subscriptions::Error;
///
/// /// Tells an operator why PandaDoc refused a call.
/// fn explain(error: &Error) {
///     let problem = error.problem();
///     println!("{}", problem.message().unwrap_or("no reason was given"));
///     if let Some(info) = problem.info_message() {
///         println!("{info}");
///     }
///     for link in problem.links() {
///         println!("see {}", link.href().unwrap_or_default());
///     }
/// }
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Problem {
    name: Option<String>,
    message: Option<String>,
    fields: BTreeMap<String, Vec<String>>,
    info_message: Option<String>,
    links: Vec<Link>,
}

impl Problem {
    pub(crate) fn read(body: &[u8]) -> Self {
        let Ok(Value::Object(mut members)) = serde_json::from_slice(body) else {
            return Self::default();
        };
        let fields = match members.remove("detail") {
            Some(Value::Object(fields)) => fields
                .into_iter()
                .map(|(name, value)| (name, messages(value)))
                .collect(),
            Some(detail) => {
                members.entry("message").or_insert(detail);
                BTreeMap::new()
            }
            None => BTreeMap::new(),
        };
        let links = match members.remove("links") {
            Some(Value::Array(links)) => links.into_iter().filter_map(Link::read).collect(),
            _ => Vec::new(),
        };
        Self {
            name: ["type", "name", "error"]
                .into_iter()
                .find_map(|name| text(&mut members, name)),
            message: ["message", "error_description"]
                .into_iter()
                .find_map(|name| text(&mut members, name)),
            info_message: text(&mut members, "info_message"),
            fields,
            links,
        }
    }

    /// Returns the kind of problem, for machines.
    ///
    /// The name is PandaDoc's `type` (`authentication_error`, `permission_error` or, since 8.0.0,
    /// `permissions_error`, `request_error`, `throttled`) or Ratepay's `name` (`ValidationError`).
    ///
    /// PandaDoc gives a malformed request and a missing resource the same one. The status tells them apart.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Returns what is wrong, for people: PandaDoc's `detail` if that is a sentence, or Ratepay's `message`.
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// Returns messages per field of the request: PandaDoc's `detail` if that is an object.
    pub fn fields(&self) -> &BTreeMap<String, Vec<String>> {
        &self.fields
    }

    /// Returns PandaDoc's explanation of a 403, for people.
    pub fn info_message(&self) -> Option<&str> {
        self.info_message.as_deref()
    }

    /// Returns the links for further reading that PandaDoc adds to a 403.
    pub fn links(&self) -> &[Link] {
        &self.links
    }
}

impl fmt::Debug for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Problem").finish_non_exhaustive()
    }
}

/// A link of a PandaDoc error. Any part may be missing.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Link {
    rel: Option<String>,
    href: Option<String>,
    method: Option<String>,
}

impl Link {
    fn read(link: Value) -> Option<Self> {
        let Value::Object(mut members) = link else {
            return None;
        };
        Some(Self {
            rel: text(&mut members, "rel"),
            href: text(&mut members, "href"),
            method: text(&mut members, "type"),
        })
    }

    /// Returns the relation of the target, for example `status`.
    pub fn rel(&self) -> Option<&str> {
        self.rel.as_deref()
    }

    /// Returns the URL.
    pub fn href(&self) -> Option<&str> {
        self.href.as_deref()
    }

    /// Returns the HTTP method to use: PandaDoc's `type`.
    pub fn method(&self) -> Option<&str> {
        self.method.as_deref()
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link").finish_non_exhaustive()
    }
}

fn text(members: &mut Map<String, Value>, name: &str) -> Option<String> {
    match members.remove(name) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    }
}

/// Returns the messages of one field, which has a list of them or a single one.
fn messages(value: Value) -> Vec<String> {
    match value {
        Value::Array(messages) => messages.into_iter().map(message).collect(),
        one => vec![message(one)],
    }
}

/// Returns a text as it is and anything else as JSON, so nothing is dropped.
fn message(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

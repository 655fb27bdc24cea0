//! Lists what a document says of the kinds of credentials.

use serde_json::{json, Value};

use super::fact::{Entry, Fact, Place};
use super::generator::{members, text};

/// Describes a scheme, and the flows of OAuth 2.0.
pub fn scheme(name: &str, document: &Value) -> Vec<(Place, Entry)> {
    let whole = format!("scheme {name}");
    let Some(scheme) = described(name, document) else {
        let fact = Fact::Scheme("not described".to_owned());
        return vec![(vec![whole], Entry::of(fact, json!([null, null])))];
    };
    let text = |keyword: &str| text(scheme, keyword).unwrap_or_default();
    let kind = match text("type") {
        "apiKey" => format!("{} {}", text("in"), text("name")),
        // RFC 9110, section 11.1: the name is case-insensitive.
        "http" => format!("http {}", text("scheme").to_ascii_lowercase()),
        "oauth2" => "OAuth 2.0".to_owned(),
        "openIdConnect" => format!("OpenID Connect at {}", text("openIdConnectUrl")),
        other => other.to_owned(),
    };
    let prose = json!([scheme["description"], scheme["bearerFormat"]]);
    let mut entries = flows(&whole, scheme);
    entries.push((vec![whole], Entry::of(Fact::Scheme(kind), prose)));
    entries
}

/// Returns the scheme of this name, which may be a reference to another.
fn described<'a>(name: &str, document: &'a Value) -> Option<&'a Value> {
    let schemes = &document["components"]["securitySchemes"];
    let mut scheme = schemes.get(name)?;
    // A chain with more links than there are schemes is a circle.
    for _ in schemes.as_object()? {
        match text(scheme, "$ref") {
            None => return Some(scheme),
            Some(reference) => {
                scheme = schemes.get(reference.strip_prefix("#/components/securitySchemes/")?)?;
            }
        }
    }
    None
}

/// Returns the flows of a scheme, each with its URLs and the scopes that it offers.
fn flows(whole: &str, scheme: &Value) -> Vec<(Place, Entry)> {
    let mut entries = Vec::new();
    for (name, flow) in members(scheme, "flows").filter(|(name, _)| !name.starts_with("x-")) {
        let place = vec![whole.to_owned(), format!("flow {name}")];
        let mut add = |part: String, fact: Fact, prose: &Value| {
            let place = place.iter().cloned().chain([part]).collect();
            entries.push((place, Entry::of(fact, prose.clone())));
        };
        let urls = [
            ("authorization URL", text(flow, "authorizationUrl")),
            ("token URL", text(flow, "tokenUrl")),
            // By default, a token is refreshed where it was obtained.
            (
                "refresh URL",
                text(flow, "refreshUrl").or(text(flow, "tokenUrl")),
            ),
        ];
        for (part, url) in urls {
            if let Some(url) = url {
                add(part.to_owned(), Fact::Url(url.to_owned()), &Value::Null);
            }
        }
        for (scope, description) in members(flow, "scopes") {
            add(format!("scope {scope}"), Fact::Scope, description);
        }
        entries.push((place, Entry::of(Fact::Flow, Value::Null)));
    }
    entries
}

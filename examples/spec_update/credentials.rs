//! How a document says that a client shows who it is: the schemes that an operation accepts, and what each
//! scheme is.
//!
//! The clients of this crate take the credential that they are given, and ask for no scope. So a change
//! counts by what it does to a credential that was good before:
//!
//! - A way in that is gone breaks, and so does one that needs a scope it didn't need, or whose header, HTTP
//!   scheme or URL is another one: the old credential is rejected, or can't be renewed.
//! - A way in that is new is additive: the old ones still work.
//! - A flow that is gone breaks, and one that is new is additive.
//! - A scope that is no longer offered breaks, since the authorization page may reject a request for it. A scope
//!   that is new, and a way in that needs fewer scopes, are documentation.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use openapiv3::{
    OAuth2Flows, OpenAPI, Operation, ReferenceOr, SecurityRequirement, SecurityScheme,
};
use serde_json::{json, Value};

use super::surface::{Entry, Fact, Place};
use super::verdict::Verdict::{Additive, Breaking, Documentation};
use super::verdict::{both, Judged};

/// The schemes of one way in, all of which a request must satisfy. None of them is a way in without a credential.
type Schemes = BTreeSet<String>;

/// The scopes that a credential must have.
type Scopes = BTreeSet<String>;

/// The ways in, of which a request must satisfy one. Each has the sets of scopes of which one is enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials(BTreeMap<Schemes, BTreeSet<Scopes>>);

impl Credentials {
    /// The ways into the operations that have no list of their own.
    pub fn of_document(openapi: &OpenAPI) -> Self {
        Self::of(openapi.security.as_ref())
    }

    /// The ways into an operation: its own list, even an empty one, or the document's.
    pub fn of_operation(operation: &Operation, openapi: &OpenAPI) -> Self {
        Self::of(operation.security.as_ref().or(openapi.security.as_ref()))
    }

    fn of(requirements: Option<&Vec<SecurityRequirement>>) -> Self {
        let mut ways = BTreeMap::<_, BTreeSet<_>>::new();
        for requirement in requirements.into_iter().flatten() {
            let schemes = requirement.keys().cloned().collect();
            let scopes = requirement.iter().flat_map(|(scheme, scopes)| {
                scopes.iter().map(move |scope| match requirement.len() {
                    1 => scope.clone(),
                    _ => format!("{scope} of {scheme}"),
                })
            });
            ways.entry(schemes).or_default().insert(scopes.collect());
        }
        if ways.is_empty() {
            ways.insert(Schemes::new(), BTreeSet::from([Scopes::new()]));
        }
        Self(ways)
    }

    /// The names of all their schemes.
    pub fn schemes(&self) -> impl Iterator<Item = &String> {
        self.0.keys().flatten()
    }

    /// What is different in another edition.
    pub fn compared(&self, new: &Self) -> Vec<Judged> {
        let mut judged = Vec::new();
        for schemes in both(&self.0, &new.0) {
            let way = way(schemes);
            judged.extend(match (self.0.get(schemes), new.0.get(schemes)) {
                (Some(old), Some(new)) => compare_scopes(&way, old, new),
                (Some(_), None) => Some((
                    Breaking,
                    format!("{way} is no longer accepted; the builder may still offer it"),
                )),
                (None, _) => Some((
                    Additive,
                    format!("{way} is accepted now; the builder may take it"),
                )),
            });
        }
        judged
    }
}

fn compare_scopes(way: &str, old: &BTreeSet<Scopes>, new: &BTreeSet<Scopes>) -> Option<Judged> {
    let is_enough = |had: &Scopes| new.iter().any(|needed| needed.is_subset(had));
    let verdict = match old.iter().all(is_enough) {
        _ if old == new => return None,
        true => Documentation,
        false => Breaking,
    };
    let [needed, needs] = [old, new].map(scopes);
    Some((
        verdict,
        format!("{way} needs {needs} now, and needed {needed}"),
    ))
}

fn way(schemes: &Schemes) -> String {
    let names: Vec<_> = schemes.iter().map(|name| format!("`{name}`")).collect();
    match names.is_empty() {
        true => "a request without a credential".to_owned(),
        false => names.join(" with "),
    }
}

fn scopes(alternatives: &BTreeSet<Scopes>) -> String {
    let each = alternatives.iter().map(|scopes| {
        let names: Vec<_> = scopes.iter().map(|name| format!("`{name}`")).collect();
        match names.is_empty() {
            true => "no scope".to_owned(),
            false => format!("the scope {}", names.join(" with ")),
        }
    });
    each.collect::<Vec<_>>().join(" or ")
}

impl fmt::Display for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let each =
            self.0.iter().map(
                |(schemes, needed)| match needed.iter().all(BTreeSet::is_empty) {
                    true => way(schemes),
                    false => format!("{} with {}", way(schemes), scopes(needed)),
                },
            );
        f.write_str(&each.collect::<Vec<_>>().join(", or "))
    }
}

/// What a scheme is, and the flows of one of OAuth 2.0.
pub fn scheme(name: &str, openapi: &OpenAPI) -> Vec<(Place, Entry)> {
    let whole = format!("scheme {name}");
    let Some(scheme) = described(name, openapi) else {
        let fact = Fact::Scheme("not described".to_owned());
        return vec![(vec![whole], Entry::of(fact, json!([])))];
    };
    let (kind, prose) = match scheme {
        SecurityScheme::APIKey {
            location,
            name,
            description,
            ..
        } => (
            format!("{} {name}", json!(location).as_str().unwrap_or_default()),
            vec![description],
        ),
        SecurityScheme::HTTP {
            scheme,
            bearer_format,
            description,
            ..
        } => (
            // RFC 9110, section 11.1: its case makes no difference.
            format!("http {}", scheme.to_ascii_lowercase()),
            vec![description, bearer_format],
        ),
        SecurityScheme::OAuth2 { description, .. } => ("OAuth 2.0".to_owned(), vec![description]),
        SecurityScheme::OpenIDConnect {
            open_id_connect_url,
            description,
            ..
        } => (
            format!("OpenID Connect at {open_id_connect_url}"),
            vec![description],
        ),
    };
    let prose: Vec<_> = prose.into_iter().flatten().collect();
    let mut entries = vec![(
        vec![whole.clone()],
        Entry::of(Fact::Scheme(kind), json!(prose)),
    )];
    if let SecurityScheme::OAuth2 { flows, .. } = scheme {
        entries.extend(self::flows(&whole, flows));
    }
    entries
}

/// The scheme of this name. It may be a reference to another.
fn described<'a>(name: &str, openapi: &'a OpenAPI) -> Option<&'a SecurityScheme> {
    let schemes = &openapi.components.as_ref()?.security_schemes;
    let mut place = schemes.get(name)?;
    // A chain that is longer than there are schemes is a circle.
    for _ in 0..schemes.len() {
        match place {
            ReferenceOr::Item(scheme) => return Some(scheme),
            ReferenceOr::Reference { reference } => {
                place = schemes.get(reference.strip_prefix("#/components/securitySchemes/")?)?;
            }
        }
    }
    place.as_item()
}

/// The flows of a scheme, each with its URLs and with the scopes that can be asked for.
fn flows(whole: &str, flows: &OAuth2Flows) -> Vec<(Place, Entry)> {
    let mut entries = Vec::new();
    let flows = json!(flows);
    let flows = flows.as_object().into_iter().flatten();
    for (name, flow) in flows.filter(|(name, _)| !name.starts_with("x-")) {
        let place = vec![whole.to_owned(), format!("flow {name}")];
        let mut add = |part: String, fact: Fact, prose: &Value| {
            let place = place.iter().cloned().chain([part]).collect();
            entries.push((place, Entry::of(fact, prose.clone())));
        };
        let url = |keyword: &str| flow.get(keyword).and_then(Value::as_str);
        let urls = [
            ("authorization URL", url("authorizationUrl")),
            ("token URL", url("tokenUrl")),
            // A token is refreshed where it came from, unless the document names another place.
            ("refresh URL", url("refreshUrl").or(url("tokenUrl"))),
        ];
        for (part, url) in urls {
            if let Some(url) = url {
                add(part.to_owned(), Fact::Url(url.to_owned()), &Value::Null);
            }
        }
        let scopes = flow.get("scopes").and_then(Value::as_object);
        for (scope, description) in scopes.into_iter().flatten() {
            add(format!("scope {scope}"), Fact::Scope, description);
        }
        entries.push((place, Entry::of(Fact::Flow, Value::Null)));
    }
    entries
}

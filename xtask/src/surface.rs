//! Lists what users see of a document: one fact a line, sorted by place.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::{json, Value};

use super::credentials::Credentials;
use super::fact::{ByHand, Endpoint, Entry, Fact, Place, Received, Sent};
use super::generator::{is, items, members, operations, steps, text, Fault, Found, Steps};
use super::printable;
use super::schemes::scheme;
use super::shapes::{error_bodies, operation_shape, without_prose};
use super::value::{Described, Way};

/// The facts of a document about the operations in use.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Surface {
    pub entries: BTreeMap<Place, Entry>,
    /// Each operation and type in use without prose, to find differences that no fact covers.
    pub wholes: BTreeMap<String, Value>,
    /// The operations that aren't in use, by method and path.
    pub others: BTreeMap<Endpoint, String>,
}

impl Surface {
    /// Returns the surface of these operations. The document must have all of them.
    pub fn of(document: &Value, in_use: &[&str]) -> Result<Self, Fault> {
        let steps = steps(document, in_use)?;
        let mut surface = Self::default();
        for server in items(document, "servers") {
            let place = vec![format!("server {}", url(server))];
            surface.add(place, Fact::Server, server["description"].clone());
        }
        surface.credentials(document, in_use);
        for found in operations(&steps.described) {
            surface.operation(&found);
            let whole = format!("operation {}", found.id());
            for parameter in items(found.operation, "parameters") {
                surface.parameter(&whole, found.path, parameter);
            }
            let parts = ["parameters", "requestBody", "responses"];
            let parts = parts.map(|part| (part.to_owned(), found.operation[part].clone()));
            let parts = Value::Object(parts.into_iter().collect());
            surface.wholes.insert(whole, without_prose(&parts)?);
        }
        for found in operations(document) {
            if !in_use.contains(&found.id()) {
                let id = found.id().to_owned();
                surface.others.insert(Endpoint::of(&found), id);
            }
        }
        surface.entries.extend(error_bodies(document, in_use)?);
        surface.types(&steps)?;
        Ok(surface)
    }

    /// Adds these operations, each with the document by hand that its client comes from.
    pub fn with_by_hand(
        mut self,
        document: &Value,
        by_hand: &[(&str, String)],
    ) -> Result<Self, Fault> {
        for found in operations(document) {
            let of_id = by_hand.iter().find(|(id, _)| *id == found.id());
            if let Some((id, file)) = of_id {
                let fact = Fact::ByHand(ByHand {
                    endpoint: Endpoint::of(&found),
                    shape: operation_shape(document, &found)?,
                    file: file.clone(),
                });
                self.add(vec![format!("operation {id}")], fact, Value::Null);
            }
        }
        Ok(self)
    }

    /// Adds the credentials of the document and of each operation, and the schemes that they name.
    fn credentials(&mut self, document: &Value, in_use: &[&str]) {
        let operations = operations(document).into_iter();
        let operations = operations.filter(|found| in_use.contains(&found.id()));
        let of_operations = operations.map(|found| {
            let place = vec![format!("operation {}", found.id()), CREDENTIALS.to_owned()];
            (place, Credentials::of_operation(found.operation, document))
        });
        let of_document = (vec![CREDENTIALS.to_owned()], Credentials::of(document));
        let mut schemes = BTreeSet::new();
        for (place, credentials) in of_operations.chain([of_document]) {
            schemes.extend(credentials.schemes().cloned());
            self.add(place, Fact::Credentials(credentials), Value::Null);
        }
        for name in schemes {
            self.entries.extend(scheme(&name, document));
        }
    }

    /// Tells whether the credentials of an operation are those of its document, which have a line of their own.
    pub fn is_inherited(&self, place: &Place) -> bool {
        let fact = |place: &Place| self.entries.get(place).map(|entry| &entry.fact);
        place.len() == 2
            && matches!(fact(place), Some(Fact::Credentials(_)))
            && fact(place) == fact(&vec![CREDENTIALS.to_owned()])
    }

    fn operation(&mut self, found: &Found) {
        let operation = found.operation;
        let whole = format!("operation {}", found.id());
        let prose = prose(operation, &["summary", "description", "deprecated"]);
        let fact = Fact::Operation(Endpoint::of(found));
        self.add(vec![whole.clone()], fact, prose);
        let body = &operation["requestBody"];
        for (media_type, media) in members(body, "content") {
            let place = vec![whole.clone(), format!("body {media_type}")];
            let fact = Fact::Body(Sent {
                required: is(body, "required"),
                value: Described::by(&media["schema"]),
            });
            self.add(place, fact, body["description"].clone());
        }
        for (status, response) in members(operation, "responses") {
            let place = vec![whole.clone(), format!("success {status}")];
            let body = members(response, "content").next();
            let body = body.map(|(media, body)| (media.clone(), Described::by(&body["schema"])));
            let prose = response["description"].clone();
            self.add(place, Fact::Success(body), prose);
        }
    }

    /// Adds an argument. Arguments in the path are told apart by position, as the method takes them; others by name.
    fn parameter(&mut self, operation: &str, path: &str, parameter: &Value) {
        let name = text(parameter, "name").unwrap_or_default();
        let place = match text(parameter, "in").unwrap_or_default() {
            "path" => {
                let before = path.split(&format!("{{{name}}}")).next();
                let before = before.unwrap_or_default().matches('{').count();
                format!("path parameter {}", before + 1)
            }
            place => format!("{place} {name}"),
        };
        let schema = &parameter["schema"];
        let fact = Fact::Parameter(Sent {
            required: is(parameter, "required"),
            value: Described::by(schema),
        });
        let own = prose(parameter, &["description", "example", "deprecated"]);
        let prose = json!([own, prose(schema, &PROSE)]);
        self.add(vec![operation.to_owned(), place], fact, prose);
    }

    fn types(&mut self, steps: &Steps) -> Result<(), Fault> {
        for (name, described) in members(&steps.described["components"], "schemas") {
            let directed = &steps.directed["components"]["schemas"][name];
            let whole = format!("type {name}");
            let way = match (steps.sent.contains(name), steps.received.contains(name)) {
                (true, true) => Way::Both,
                (false, true) => Way::Received,
                (_, false) => Way::Sent,
            };
            let fact = Fact::Type(way, Described::by(described));
            self.add(vec![whole.clone()], fact, prose(described, &PROSE));
            if text(described, "type") == Some("string") {
                for value in items(described, "enum").filter_map(Value::as_str) {
                    let place = vec![whole.clone(), format!("value {value}")];
                    self.add(place, Fact::EnumValue, Value::Null);
                }
            }
            for (member, slot) in members(described, "properties") {
                let is_in = |schema| items(schema, "required").any(|name| name == member);
                let required = is_in(described);
                let value = Described::by(slot);
                let fact = match way {
                    Way::Received => Fact::Received(Received {
                        promised: required,
                        always: is_in(directed),
                        value,
                    }),
                    Way::Sent | Way::Both => Fact::Sent(Sent { required, value }),
                };
                let place = vec![whole.clone(), format!("member {member}")];
                self.add(place, fact, prose(slot, &PROSE));
            }
            self.wholes.insert(whole, without_prose(described)?);
        }
        Ok(())
    }

    fn add(&mut self, place: Place, fact: Fact, prose: Value) {
        self.entries.insert(place, Entry { fact, prose });
    }
}

/// The name of a place for credentials.
pub const CREDENTIALS: &str = "credentials";

/// The keywords of a schema that no type is generated from.
const PROSE: [&str; 6] = [
    "description",
    "example",
    "default",
    "deprecated",
    "readOnly",
    "writeOnly",
];

fn prose(part: &Value, keywords: &[&str]) -> Value {
    let found = keywords.iter().map(|keyword| part.get(keyword));
    json!(found.collect::<Vec<_>>())
}

/// Returns the URL of a server with the default values of its variables.
fn url(server: &Value) -> String {
    let mut parts = text(server, "url").unwrap_or_default().split('{');
    let mut url = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once('}').unwrap_or((part, ""));
        match text(&server["variables"][name], "default") {
            Some(default) => url.extend([default, rest]),
            None => url.extend(["{", part]),
        }
    }
    url
}

impl fmt::Display for Surface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries = self.entries.iter();
        for (place, entry) in entries.filter(|(place, _)| !self.is_inherited(place)) {
            let part = place.last().map(String::as_str).unwrap_or_default();
            let indent = "  ".repeat(place.len().saturating_sub(1));
            let line = format!("{part}{}", entry.fact);
            writeln!(f, "{indent}{}", printable(&line))?;
        }
        Ok(())
    }
}

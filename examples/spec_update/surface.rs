//! What of a document this crate's users see: one fact a line, in an order of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use openapiv3::{
    OpenAPI, Operation, Parameter, ParameterSchemaOrContent, ReferenceOr, Schema, SchemaKind,
    Server, Type,
};
use serde_json::{json, Value};

use super::credentials::{scheme, Credentials};
use super::printable::printable;
use super::shapes::{error_bodies, operation_shape, without_prose};
use super::steps::fault::Fault;
use super::steps::prepare::describe;
use super::steps::read::openapi as parsed;
use super::steps::transform::directions::{received, sent, tell_directions_apart};
use super::steps::transform::nulls::move_nulls;
use super::value::Described;

/// Where a fact is, from the whole to the part: `["type Item", "member name"]`.
pub type Place = Vec<String>;

/// The facts of a document about the operations in use.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Surface {
    pub entries: BTreeMap<Place, Entry>,
    /// Each operation and type in use as the document describes it, without prose: to find differences that no
    /// fact speaks of.
    pub wholes: BTreeMap<String, Value>,
    /// The operations that are not in use, by method and path.
    pub others: BTreeMap<(String, String), String>,
}

/// A fact, and what the document says about it in prose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub fact: Fact,
    pub prose: Value,
}

/// What a document says at one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// Where requests go.
    Server,
    /// The ways for a client to say who it is.
    Credentials(Credentials),
    /// What a way to say who one is consists of.
    Scheme(String),
    /// A flow of OAuth 2.0.
    Flow,
    /// A URL of such a flow.
    Url(String),
    /// A scope that such a flow offers.
    Scope,
    /// An operation whose client comes from a document by hand, and what it takes and answers here.
    ByHand {
        method: String,
        path: String,
        shape: Value,
        file: String,
    },
    /// A text that an enum lists.
    EnumValue,
    /// An operation is called so.
    Operation { method: String, path: String },
    /// An argument of an operation.
    Parameter { required: bool, value: Described },
    /// The body of a request.
    Body { required: bool, value: Described },
    /// A member of a request.
    Sent { required: bool, value: Described },
    /// A member of an answer, promised by the document, and always there if this crate makes sure of it.
    Received {
        promised: bool,
        always: bool,
        value: Described,
    },
    /// What an operation answers with a status of success; nothing, if there is no body.
    Success(Option<(String, Described)>),
    /// The shape of an error's body, which no type of this crate is made of.
    Error(Value),
    /// A type, and which way it goes.
    Type { way: Way, value: Described },
}

impl Entry {
    pub fn of(fact: Fact, prose: Value) -> Self {
        Self { fact, prose }
    }
}

/// Which way a value goes, as a client sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Sent,
    Received,
    Both,
}

impl Surface {
    /// The surface of these operations. Which of them the document has is for the caller to know.
    pub fn of(openapi: &OpenAPI, operations: &[&str]) -> Result<Self, Fault> {
        let described = describe(&json!(openapi), operations)?;
        // Whether null may stand in a place, each place says there. Components and parameters only say it before.
        let mut placed = described.clone();
        move_nulls(&mut placed)?;
        let mut prepared = placed.clone();
        tell_directions_apart(&mut prepared)?;
        let ways = Ways {
            received: received(&placed),
            sent: sent(&placed),
        };
        let (described, placed) = (parsed(&described)?, parsed(&placed)?);
        let prepared = parsed(&prepared)?;
        let mut surface = Self::default();
        for server in &openapi.servers {
            let place = vec![format!("server {}", url(server))];
            surface.add(place, Fact::Server, json!(server.description));
        }
        surface.credentials(openapi, operations);
        for (path, method, operation) in placed.operations() {
            surface.operation(path, method, operation);
        }
        for (path, _, operation) in described.operations() {
            let id = operation.operation_id.as_deref().unwrap_or_default();
            let whole = format!("operation {id}");
            for parameter in operation.parameters.iter().filter_map(ReferenceOr::as_item) {
                surface.parameter(&whole, path, parameter);
            }
            let parts = json!({
                "parameters": operation.parameters,
                "requestBody": operation.request_body,
                "responses": operation.responses,
            });
            surface.wholes.insert(whole, without_prose(&parts)?);
        }
        for (path, method, operation) in openapi.operations() {
            let id = operation.operation_id.clone().unwrap_or_default();
            if !operations.contains(&id.as_str()) {
                let place = (method.to_uppercase(), path.to_owned());
                surface.others.insert(place, id);
            }
        }
        surface.entries.extend(error_bodies(openapi, operations)?);
        let schemas = |openapi: &OpenAPI| openapi.components.clone().unwrap_or_default().schemas;
        let described = schemas(&described);
        for (name, schema) in schemas(&placed) {
            let described = described.get(&name).and_then(ReferenceOr::as_item);
            if let (ReferenceOr::Item(schema), Some(described)) = (schema, described) {
                let nullable = described.schema_data.nullable;
                let always = required(&prepared, &name);
                surface.schema(&name, &schema, nullable, ways.of(&name), &always);
                let whole = without_prose(&json!(described))?;
                surface.wholes.insert(format!("type {name}"), whole);
            }
        }
        Ok(surface)
    }

    /// The same, and these operations, each with the document by hand that its client comes from.
    pub fn with_by_hand(
        mut self,
        openapi: &OpenAPI,
        by_hand: &[(&str, String)],
    ) -> Result<Self, Fault> {
        for (path, method, operation) in openapi.operations() {
            let id = operation.operation_id.as_deref().unwrap_or_default();
            let of_id = by_hand.iter().find(|(by_hand, _)| *by_hand == id);
            if let Some((_, file)) = of_id {
                let fact = Fact::ByHand {
                    method: method.to_uppercase(),
                    path: path.to_owned(),
                    shape: operation_shape(openapi, id)?,
                    file: file.clone(),
                };
                self.add(vec![format!("operation {id}")], fact, Value::Null);
            }
        }
        Ok(self)
    }

    /// The ways into the document's operations and into each of these, and the schemes that they name.
    fn credentials(&mut self, openapi: &OpenAPI, operations: &[&str]) {
        let of_document = Credentials::of_document(openapi);
        let mut schemes: BTreeSet<_> = of_document.schemes().cloned().collect();
        self.add(
            credentials_at(None),
            Fact::Credentials(of_document),
            Value::Null,
        );
        for (_, _, operation) in openapi.operations() {
            let id = operation.operation_id.as_deref().unwrap_or_default();
            if operations.contains(&id) {
                let credentials = Credentials::of_operation(operation, openapi);
                schemes.extend(credentials.schemes().cloned());
                let place = credentials_at(Some(&format!("operation {id}")));
                self.add(place, Fact::Credentials(credentials), Value::Null);
            }
        }
        for name in schemes {
            self.entries.extend(scheme(&name, openapi));
        }
    }

    /// Whether the ways into an operation are those of its document, which has a line for them.
    pub fn is_inherited(&self, place: &Place) -> bool {
        let fact = |place: &Place| self.entries.get(place).map(|entry| &entry.fact);
        place.len() == 2
            && matches!(fact(place), Some(Fact::Credentials(_)))
            && fact(place) == fact(&credentials_at(None))
    }

    fn operation(&mut self, path: &str, method: &str, operation: &Operation) {
        let id = operation.operation_id.as_deref().unwrap_or_default();
        let whole = format!("operation {id}");
        let fact = Fact::Operation {
            method: method.to_uppercase(),
            path: path.to_owned(),
        };
        let prose = json!([
            operation.summary,
            operation.description,
            operation.deprecated
        ]);
        self.add(vec![whole.clone()], fact, prose);
        if let Some(ReferenceOr::Item(body)) = &operation.request_body {
            for (media_type, media) in &body.content {
                let fact = Fact::Body {
                    required: body.required,
                    value: Described::by(&media.schema),
                };
                let place = vec![whole.clone(), format!("body {media_type}")];
                self.add(place, fact, json!(body.description));
            }
        }
        for (status, response) in &operation.responses.responses {
            let ReferenceOr::Item(response) = response else {
                continue;
            };
            let body = response.content.iter().next();
            let fact = Fact::Success(
                body.map(|(media_type, media)| (media_type.clone(), Described::by(&media.schema))),
            );
            let place = vec![whole.clone(), format!("success {status}")];
            self.add(place, fact, json!(response.description));
        }
    }

    /// An argument: by its position in the path, which is how a method takes it, or by its name.
    fn parameter(&mut self, operation: &str, path: &str, parameter: &Parameter) {
        let data = parameter.parameter_data_ref();
        let name = &data.name;
        let place = match parameter {
            Parameter::Query { .. } => format!("query {name}"),
            Parameter::Header { .. } => format!("header {name}"),
            Parameter::Cookie { .. } => format!("cookie {name}"),
            Parameter::Path { .. } => {
                let (before, _) = path
                    .split_once(&format!("{{{name}}}"))
                    .unwrap_or((path, ""));
                format!("path parameter {}", before.matches('{').count() + 1)
            }
        };
        let (value, prose) = match &data.format {
            ParameterSchemaOrContent::Schema(schema) => (
                Described::by(schema),
                schema.as_item().map(prose).unwrap_or_default(),
            ),
            ParameterSchemaOrContent::Content(_) => (Described::by(&Value::Null), Value::Null),
        };
        let fact = Fact::Parameter {
            required: data.required,
            value,
        };
        let prose = json!([data.description, data.example, data.deprecated, prose]);
        self.add(vec![operation.to_owned(), place], fact, prose);
    }

    fn schema(
        &mut self,
        name: &str,
        schema: &Schema,
        nullable: bool,
        way: Way,
        always: &BTreeSet<String>,
    ) {
        let whole = format!("type {name}");
        let prose = prose(schema);
        let value = Described {
            nullable,
            ..Described::by(schema)
        };
        let fact = Fact::Type { way, value };
        self.add(vec![whole.clone()], fact, prose);
        if let SchemaKind::Type(Type::String(string)) = &schema.schema_kind {
            for text in string.enumeration.iter().flatten() {
                let place = vec![whole.clone(), format!("value {text}")];
                self.add(place, Fact::EnumValue, Value::Null);
            }
        }
        let (properties, required) = match &schema.schema_kind {
            SchemaKind::Type(Type::Object(object)) => (&object.properties, &object.required),
            SchemaKind::Any(any) => (&any.properties, &any.required),
            _ => return,
        };
        for (member, slot) in properties {
            let required = required.contains(member);
            let value = Described::by(slot);
            let fact = match way {
                Way::Received => Fact::Received {
                    promised: required,
                    always: always.contains(member),
                    value,
                },
                Way::Sent | Way::Both => Fact::Sent { required, value },
            };
            let prose = slot.as_item().map(|schema| self::prose(schema));
            let place = vec![whole.clone(), format!("member {member}")];
            self.add(place, fact, prose.unwrap_or_default());
        }
    }

    fn add(&mut self, place: Place, fact: Fact, prose: Value) {
        self.entries.insert(place, Entry { fact, prose });
    }
}

/// Where the ways into an operation are, or those into the operations that have no list of their own.
fn credentials_at(operation: Option<&str>) -> Place {
    let operation = operation.map(str::to_owned);
    operation
        .into_iter()
        .chain(["credentials".to_owned()])
        .collect()
}

/// The URL of a server with the values that its variables have by default.
fn url(server: &Server) -> String {
    let variables = server.variables.iter().flatten();
    let variables: BTreeMap<_, _> = variables.collect();
    let mut parts = server.url.split('{');
    let mut url = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once('}').unwrap_or((part, ""));
        match variables.get(&name.to_owned()) {
            Some(variable) => url.extend([&variable.default, rest]),
            None => url.extend(["{", part]),
        }
    }
    url
}

struct Ways {
    received: BTreeSet<String>,
    sent: BTreeSet<String>,
}

impl Ways {
    fn of(&self, name: &str) -> Way {
        match (self.sent.contains(name), self.received.contains(name)) {
            (true, true) => Way::Both,
            (false, true) => Way::Received,
            (_, false) => Way::Sent,
        }
    }
}

/// The members that the generated type must have.
fn required(prepared: &OpenAPI, name: &str) -> BTreeSet<String> {
    let schema = prepared
        .components
        .as_ref()
        .and_then(|all| all.schemas.get(name))
        .and_then(ReferenceOr::as_item);
    match schema.map(|schema| &schema.schema_kind) {
        Some(SchemaKind::Type(Type::Object(object))) => object.required.iter().cloned().collect(),
        _ => BTreeSet::new(),
    }
}

fn prose(schema: &Schema) -> Value {
    let data = &schema.schema_data;
    json!([
        data.description,
        data.example,
        data.default,
        data.deprecated,
        data.read_only,
        data.write_only
    ])
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

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let required = |required: bool| if required { ", required" } else { "" };
        match self {
            Self::Server | Self::EnumValue | Self::Flow | Self::Scope => Ok(()),
            Self::Credentials(credentials) => write!(f, ": {credentials}"),
            Self::Scheme(what) | Self::Url(what) => write!(f, ": {what}"),
            // That an error is documented is worth a line. What its body is, no type depends on.
            Self::Error(_) => Ok(()),
            Self::Operation { method, path } | Self::ByHand { method, path, .. } => {
                write!(f, ": {method} {path}")
            }
            Self::Parameter {
                required: needed,
                value,
            }
            | Self::Body {
                required: needed,
                value,
            }
            | Self::Sent {
                required: needed,
                value,
            } => write!(f, ": {value}{}", required(*needed)),
            Self::Received {
                promised: needed,
                always,
                value,
            } => {
                let always = if *always { ", always" } else { "" };
                write!(f, ": {value}{}{always}", required(*needed))
            }
            Self::Success(Some((media_type, value))) => write!(f, ": {media_type} {value}"),
            Self::Success(None) => f.write_str(": no body"),
            Self::Type { way, value } => write!(f, ": {value}, {way}"),
        }
    }
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sent => "sent",
            Self::Received => "received",
            Self::Both => "sent and received",
        })
    }
}

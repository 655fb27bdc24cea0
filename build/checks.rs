//! Stops the build at everything that would be sent or read wrongly, with one sentence each.
//!
//! The generator accepts all of it. It ignores servers, styles and cookies, looks without end for the type of a schema
//! that is made of itself, and lets the first of two types of one name serve for both.

use std::collections::{BTreeMap, BTreeSet};

use heck::{ToPascalCase, ToSnakeCase};
use http::HeaderName;
use serde_json::{Map, Value};

use super::emit::source::{ident, type_name};
use super::fault::Fault;
use super::schema::{
    component, components, described, has, items, members, operations, reached, text, type_of,
    Found,
};
use super::transform::secrets::{names_a_secret, NOT_SECRETS};

/// Checks every operation of a document.
pub fn check_operations(document: &Value) -> Result<(), Fault> {
    let components = components(document);
    for found in operations(document) {
        let check = || {
            check_circles(&found, &components)?;
            check_path(found.path)?;
            check_method(found.method)?;
            check_servers(&found, document)?;
            check_parameters(found.operation, &components)?;
            check_body(found.operation)?;
            check_successes(found.operation)
        };
        check().map_err(|fault| fault.in_operation(found.id()))?;
    }
    Ok(())
}

// Schemas.

/// A schema that has itself among its members, as a tree has, is a type. One that is nothing but itself has none.
fn check_circles(found: &Found, components: &Map<String, Value>) -> Result<(), Fault> {
    for name in reached(components, [found.operation]) {
        let mut pending = made_of(components.get(&name));
        let mut seen = BTreeSet::new();
        while let Some(next) = pending.pop_first() {
            if next == name {
                return Err(Fault::new(format!(
                    "the schema `{name}` is made of itself, by references or by allOf, oneOf, anyOf or not"
                ))
                .hint("break the circle of references"));
            }
            if seen.insert(next) {
                pending.append(&mut made_of(components.get(next)));
            }
        }
    }
    Ok(())
}

/// Returns the components that a schema refers to in its own place, not in that of a member or an item.
fn made_of(schema: Option<&Value>) -> BTreeSet<&str> {
    let Some(schema) = schema else {
        return BTreeSet::new();
    };
    let alternatives = ["allOf", "oneOf", "anyOf"];
    let parts = alternatives.iter().flat_map(|name| items(schema, name));
    let below = parts.chain(schema.get("not"));
    let below = below.flat_map(|part| made_of(Some(part)));
    component(schema).into_iter().chain(below).collect()
}

// Where requests go.

/// Generated code appends the path to the base URL. A path without a leading `/` would change the host. A path with `#`,
/// `?`, `\` or segments of dots would be sent as another path.
fn check_path(path: &str) -> Result<(), Fault> {
    let Some(why) = fault_of_path(path) else {
        return Ok(());
    };
    Err(Fault::new(format!("the path `{path}` {why}")).hint(
        "write it as `/`, segments and `{parameters}`, percent-encoded (RFC 3986, section 3.3)",
    ))
}

fn fault_of_path(path: &str) -> Option<&'static str> {
    let Some(rest) = path.strip_prefix('/') else {
        return Some("does not begin with `/`");
    };
    let Some(literal) = without_parameters(rest) else {
        return Some("has braces that do not pair");
    };
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "/-._~!$&'()*+,;=:@%".contains(c);
    if literal.contains(|c| !is_allowed(c)) {
        return Some("has a character that no path has");
    }
    // A path may end with `/`.
    let segments: Vec<_> = literal
        .strip_suffix('/')
        .unwrap_or(&literal)
        .split('/')
        .collect();
    if segments.contains(&"") && !literal.is_empty() {
        return Some("has an empty segment");
    }
    // URL parsers remove these segments, encoded or not (RFC 3986, section 5.2.4).
    let is_dots = |segment: &&str| {
        let dots = segment.to_ascii_lowercase().replace("%2e", ".");
        dots == "." || dots == ".."
    };
    let has_dots = segments.iter().any(is_dots);
    has_dots.then_some("has a segment of dots")
}

/// Replaces each parameter by `*`. Returns `None` if the braces don't pair.
fn without_parameters(path: &str) -> Option<String> {
    let mut literal = String::new();
    let mut rest = path;
    while let Some((before, behind)) = rest.split_once('{') {
        let (name, after) = behind.split_once('}')?;
        if before.contains('}') || name.is_empty() || name.contains(['{', '/']) {
            return None;
        }
        literal += before;
        literal.push('*');
        rest = after;
    }
    literal += rest;
    (!rest.contains('}')).then_some(literal)
}

fn check_method(method: &str) -> Result<(), Fault> {
    match method {
        "head" | "options" | "trace" => Err(Fault::new(format!(
            "it is a {} request, which this crate's clients do not make",
            method.to_uppercase()
        ))
        .hint("take the operation from the list in build/documents.rs")),
        _ => Ok(()),
    }
}

/// A client has one base URL, and generated code appends every path to it.
fn check_servers(found: &Found, document: &Value) -> Result<(), Fault> {
    let urls = |value| -> BTreeSet<_> {
        let servers = items(value, "servers").filter_map(|server| text(server, "url"));
        servers.map(|url| url.trim_end_matches('/')).collect()
    };
    match urls(found.operation).difference(&urls(document)).next() {
        None => Ok(()),
        Some(elsewhere) => Err(Fault::new(format!(
            "it is at a server of its own, `{elsewhere}`, and a client calls one base URL"
        ))
        .hint("describe it in a document of its own, whose client gets that base URL")),
    }
}

// Parameters.

/// Header parameters that are to be ignored: <https://spec.openapis.org/oas/v3.0.3#parameter-object>.
const IGNORED: [&str; 3] = ["accept", "content-type", "authorization"];

const STYLE: &str =
    "describe it as one value, or in the query as an exploded list of values in the style `form`: \
                     nothing else is sent right";

/// The generator writes a query parameter as OpenAPI's default style has it, a list as a pair for each item, and the
/// text of a parameter of a path or a header, whatever its document says.
fn check_parameters(operation: &Value, components: &Map<String, Value>) -> Result<(), Fault> {
    for parameter in items(operation, "parameters") {
        let name = text(parameter, "name").unwrap_or_default();
        let place = text(parameter, "in").unwrap_or_default();
        check_parameter(parameter, name, place, components).map_err(|(why, hint)| {
            Fault::new(format!("the parameter `{name}` {why}")).hint(hint)
        })?;
    }
    Ok(())
}

type Why = (&'static str, &'static str);

fn check_parameter(
    parameter: &Value,
    name: &str,
    place: &str,
    components: &Map<String, Value>,
) -> Result<(), Why> {
    let is_header = place == "header";
    if place == "cookie" {
        return Err((
            "goes into a cookie, and none are sent",
            "take the parameter out of the document, if the operation works without it",
        ));
    }
    if is_header && HeaderName::from_bytes(name.as_bytes()).is_err() {
        return Err((
            "has a name that no header has",
            "correct it (RFC 9110, section 5.1)",
        ));
    }
    if is_header && IGNORED.contains(&&*name.to_ascii_lowercase()) {
        return Err((
            "is a header that OpenAPI says to ignore",
            "take the parameter out of the document",
        ));
    }
    // A URL is written to many logs, and the value of a generated header is not marked as sensitive.
    if place != "path" && names_a_secret(name, &NOT_SECRETS) {
        return Err((
            "holds a key, and nothing keeps a query or a header from being printed",
            "describe it as a security scheme, whose credential the builder is given",
        ));
    }
    let default = if place == "query" { "form" } else { "simple" };
    if text(parameter, "style").is_some_and(|style| style != default) {
        return Err(("has a style that is not the default of its place", STYLE));
    }
    let Some(schema) = parameter.get("schema") else {
        return Err(("has a media type in place of a schema", STYLE));
    };
    let is_in_one_pair = parameter.get("explode") == Some(&Value::Bool(false));
    match shape(schema, components) {
        Shape::Scalar => Ok(()),
        Shape::List if place != "query" => Err(("is a list outside the query", STYLE)),
        Shape::List if is_in_one_pair => Err(("is a list in one pair (`explode: false`)", STYLE)),
        Shape::List => Ok(()),
        Shape::Other => Err(("is neither one value nor a list of such values", STYLE)),
    }
}

#[derive(PartialEq)]
enum Shape {
    Scalar,
    List,
    Other,
}

fn shape(schema: &Value, components: &Map<String, Value>) -> Shape {
    let Some(schema) = described(schema, components) else {
        return Shape::Other;
    };
    let is_scalar = |schema: &Value| shape(schema, components) == Shape::Scalar;
    let alternatives = ["allOf", "oneOf", "anyOf"];
    let parts = || alternatives.iter().flat_map(|name| items(schema, name));
    match type_of(schema) {
        Some("array") if schema.get("items").is_some_and(is_scalar) => Shape::List,
        Some("array" | "object") => Shape::Other,
        Some(_) => Shape::Scalar,
        None if parts().next().is_some() && parts().all(is_scalar) => Shape::Scalar,
        // An enum without a type.
        None if has(schema, "enum") && !has(schema, "properties") => Shape::Scalar,
        None => Shape::Other,
    }
}

// Bodies and answers.

/// What the runtime writes.
const WRITTEN: [&str; 2] = ["application/json", "application/x-www-form-urlencoded"];

fn check_body(operation: &Value) -> Result<(), Fault> {
    let Some(body) = operation.get("requestBody") else {
        return Ok(());
    };
    match one_form(body, "its body")? {
        None => Err(Fault::new("its body has no media type").hint("describe the body")),
        Some((media_type, _)) if !WRITTEN.contains(&essence(media_type)) => {
            Err(Fault::new(format!("its body is `{media_type}`, and only JSON and forms are written")).hint(
                "take the operation from the list in build/documents.rs, or describe the body as JSON if it is that",
            ))
        }
        Some((_, None)) => Err(Fault::new("its body has no schema").hint("describe the body")),
        Some(_) => Ok(()),
    }
}

/// The generator has one result for each operation.
fn check_successes(operation: &Value) -> Result<(), Fault> {
    let mut bodies = Vec::new();
    for (_, response) in members(operation, "responses") {
        bodies.push(match one_form(response, "its answer")? {
            None => None,
            Some((media_type, _)) if essence(media_type) != "application/json" => {
                return Err(Fault::new(format!(
                    "its answer is `{media_type}`, and only JSON is read"
                ))
                .hint("describe the answer as application/json, if it is that"))
            }
            Some((_, None)) => {
                return Err(
                    Fault::new("an answer in JSON has no schema").hint("describe the answer")
                )
            }
            Some((_, schema)) => schema,
        });
    }
    if bodies.is_empty() {
        return Err(Fault::new("no success response is documented")
            .hint("describe what the operation answers with a 2xx status"));
    }
    match bodies.iter().all(|body| *body == bodies[0]) {
        true => Ok(()),
        false => Err(
            Fault::new("its successes differ, and a method has one result")
                .hint("describe all successes with one schema, or none of them with one"),
        ),
    }
}

/// Returns the media type of a body, and its schema. There may be no body.
fn one_form<'a>(
    body: &'a Value,
    what: &str,
) -> Result<Option<(&'a str, Option<&'a Value>)>, Fault> {
    let mut content = members(body, "content");
    let first = content.next();
    match content.next() {
        None => Ok(first.map(|(media_type, media)| (media_type.as_str(), media.get("schema")))),
        Some(_) => Err(Fault::new(format!("{what} has several media types")).hint(
            "describe the form that this crate is to use, application/json where there is one",
        )),
    }
}

/// Returns the media type without its parameters.
fn essence(media_type: &str) -> &str {
    media_type.split(';').next().unwrap_or_default().trim()
}

// Names.

/// Methods that a generated client has whatever the document says.
const METHODS: [&str; 3] = ["builder", "with_retry", "new_with_client"];

/// Checks that no two things share a Rust name, and that every name can be one in Rust.
pub fn check_names(document: &Value) -> Result<(), Fault> {
    let operations = operations(document);
    let methods = METHODS.into_iter().chain(operations.iter().map(Found::id));
    check_distinct("method", &mut BTreeMap::new(), methods, |id| {
        id.to_snake_case()
    })?;
    for found in &operations {
        let check = || {
            ident(&found.id().to_snake_case())?;
            ident(&found.id().to_pascal_case())?;
            let names = items(found.operation, "parameters").filter_map(|it| text(it, "name"));
            let body = found.operation.get("requestBody").map(|_| "body");
            check_distinct(
                "parameter",
                &mut BTreeMap::new(),
                names.chain(body),
                |name| name.to_snake_case(),
            )
        };
        check().map_err(|fault| fault.in_operation(found.id()))?;
    }
    let components = components(document);
    check_distinct(
        "type",
        &mut BTreeMap::new(),
        components.keys().map(String::as_str),
        type_name,
    )?;
    for (name, schema) in &components {
        let check = || {
            ident(&type_name(name))?;
            let names = members(schema, "properties").map(|(name, _)| name.as_str());
            check_distinct("member", &mut BTreeMap::new(), names, |member| {
                member.to_snake_case()
            })
        };
        check().map_err(|fault| fault.in_schema(name))?;
    }
    Ok(())
}

/// Checks that no two of these names become the same name in Rust, nor one of those that are taken.
pub fn check_distinct<'a>(
    kind: &str,
    taken: &mut BTreeMap<String, &'a str>,
    names: impl Iterator<Item = &'a str>,
    rust_name: impl Fn(&str) -> String,
) -> Result<(), Fault> {
    for name in names {
        if let Some(other) = taken.insert(rust_name(name), name) {
            return Err(Fault::new(format!(
                "`{other}` and `{name}` would share the {kind} name `{}`",
                rust_name(name)
            ))
            .hint("rename one of them in the document"));
        }
    }
    Ok(())
}

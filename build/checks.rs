//! Stops the build at everything that would be sent or read wrongly, with one sentence each.
//!
//! The build knows the OpenAPI in which the documents describe the operations in use, and nothing else. The
//! generator accepts much more, and ignores much of it. An edition that says more needs a word on one of
//! these lists, and perhaps a pass in `build/transform/`.

use std::collections::BTreeMap;

use heck::ToSnakeCase;
use serde_json::{json, Map, Value};

use super::emit::source::type_name;
use super::fault::Fault;
use super::schema::{
    component, components, is, is_enum_of_texts, items, members, operations, reached, received,
    references, sent, text, type_of, Found,
};
use super::transform::own_types::OWN_COMPONENTS;
use super::transform::secrets::names_a_secret;

/// Stops the build unless a condition holds: the sentence says what is wrong, and what to do.
macro_rules! ensure {
    ($holds:expr, $problem:literal, $hint:literal $(,)?) => {
        if !$holds {
            return Err(Fault::new(format!($problem)).hint($hint));
        }
    };
}

// Keywords.

/// A path has no server of its own, since a client has one base URL.
pub const PATH: &str =
    "get put post delete patch head options trace parameters summary description";
pub const OPERATION: &str =
    "operationId summary description tags deprecated externalDocs security parameters requestBody \
     responses";
pub const PARAMETER: &str =
    "name in description required deprecated style explode schema example examples";
pub const BODY: &str = "description required content";
pub const ANSWER: &str = "description headers content links";
pub const MEDIA_TYPE: &str = "schema example examples";

/// The keywords of a schema of each type, beside those of all. The server checks the limits.
const TYPES: [(&str, &str); 6] = [
    ("array", "items minItems maxItems uniqueItems"),
    ("boolean", ""),
    ("integer", "enum format minimum maximum multipleOf"),
    ("number", "enum format minimum maximum multipleOf"),
    ("object", "properties required"),
    ("string", "enum format minLength maxLength pattern"),
];
const ALL_TYPES: &str = "type title description default deprecated nullable example";

/// Returns the members of an object without its extensions. They must be among these keywords.
pub fn known(object: &Value, what: &str, keywords: &str) -> Result<Map<String, Value>, Fault> {
    let mut members = object.as_object().cloned().unwrap_or_default();
    members.retain(|name, _| !name.starts_with("x-"));
    for name in members.keys() {
        ensure!(
            keywords.split_whitespace().any(|keyword| keyword == name),
            "{what} has the keyword `{name}`, which this build doesn't know",
            "describe it without, or teach build/checks.rs and build/transform/ what it means",
        );
    }
    Ok(members)
}

/// Returns the keywords of a schema without its extensions. A component is one that has a name.
pub fn known_schema(schema: &Value, is_component: bool) -> Result<Map<String, Value>, Fault> {
    ensure!(
        type_of(schema).is_some(),
        "a schema has no `type`",
        "describe it as one type of JSON, or as a reference to a component",
    );
    let of_type = TYPES.iter().find(|(name, _)| type_of(schema) == Some(name));
    let of_type = of_type.map(|(_, keywords)| *keywords).unwrap_or_default();
    let keywords = known(schema, "a schema", &format!("{ALL_TYPES} {of_type}"))?;
    ensure!(
        is_component || !keywords.contains_key("enum") && !keywords.contains_key("properties"),
        "a schema with `enum` or `properties` is written inside another, so its type has no name",
        "make it a component, and refer to that",
    );
    ensure!(
        !is_component || !is(schema, "nullable") || is_enum_of_texts(schema),
        "it may be null, and only the place of a value can say that",
        "write `nullable: true` where its value stands",
    );
    ensure!(
        !is_component || type_of(schema) != Some("object") || keywords.contains_key("properties"),
        "it is an object without members, and its type couldn't gain any",
        "list its `properties`",
    );
    let is_text = |value: &Value| value.is_string() || value.is_null();
    ensure!(
        !is_enum_of_texts(schema) || items(schema, "enum").all(is_text),
        "it is a text, and lists a value that isn't one",
        "describe it with the type of its values",
    );
    Ok(keywords)
}

/// Checks a cut document.
pub fn check(document: &Value) -> Result<(), Fault> {
    let components = components(document);
    for found in operations(document) {
        let check = || {
            check_path(found.path)?;
            check_parameters(&found, &components)?;
            check_bodies(found.operation, &components)
        };
        check().map_err(|fault| fault.in_operation(found.id()))?;
    }
    check_components(document, &components)
}

// Requests and answers.

/// Generated code appends the path to the base URL. A path without a leading `/` would change the host. A
/// path with `#`, `?`, `\` or segments of dots would be sent as another path.
fn check_path(path: &str) -> Result<(), Fault> {
    let is_word = |c: char| c.is_ascii_alphanumeric();
    let is_plain = |segment: &str| {
        let parameter = segment.strip_prefix('{');
        let parameter = parameter.and_then(|it| it.strip_suffix('}'));
        let name = parameter.unwrap_or(segment);
        name.contains(is_word) && name.chars().all(|c| is_word(c) || "-_.".contains(c))
    };
    let segments = path.strip_prefix('/').map(|path| path.split('/'));
    ensure!(
        segments.is_some_and(|mut segments| segments.all(is_plain)),
        "the path `{path}` could be sent as another one",
        "write it as `/` and segments, each of letters, digits, `-`, `_` and `.`, or a `{parameter}`",
    );
    Ok(())
}

/// Checks that the document describes parameters as the generator writes them. The generator uses OpenAPI's
/// default style in a query, with a pair for each item of a list, and plain text in a path.
fn check_parameters(found: &Found, components: &Map<String, Value>) -> Result<(), Fault> {
    let names = found.parameters().filter_map(|it| text(it, "name"));
    check_distinct("parameter", &["body"], names, |name| name.to_snake_case())?;
    let is_scalar = |schema: &Value| {
        let component = component(schema).and_then(|name| components.get(name));
        let of_type = type_of(component.unwrap_or(schema));
        of_type.is_some_and(|of_type| !["array", "object"].contains(&of_type))
    };
    for parameter in found.parameters() {
        let name = text(parameter, "name").unwrap_or_default();
        let is_in_query = text(parameter, "in") == Some("query");
        ensure!(
            is_in_query || text(parameter, "in") == Some("path"),
            "the parameter `{name}` goes neither into the path nor into the query",
            "take it out of the document, if the operation works without it",
        );
        // A URL is written to many logs.
        ensure!(
            !is_in_query || !names_a_secret(name),
            "the parameter `{name}` holds a key, and nothing keeps a query from being printed",
            "describe it as a security scheme, whose credential the builder is given",
        );
        let schema = &parameter["schema"];
        let style = if is_in_query { "form" } else { "simple" };
        let is_list = is_in_query
            && parameter.get("explode") != Some(&json!(false))
            && schema.get("items").is_some_and(is_scalar);
        ensure!(
            (is_list || is_scalar(schema)) && text(parameter, "style").is_none_or(|it| it == style),
            "the parameter `{name}` is neither one value nor an exploded list of values in the query",
            "describe it as one of these, in the style that is the default of its place",
        );
    }
    Ok(())
}

/// The generator has one result for each operation.
fn check_bodies(operation: &Value, components: &Map<String, Value>) -> Result<(), Fault> {
    let forms = ["application/json", "application/x-www-form-urlencoded"];
    if let Some(body) = operation.get("requestBody") {
        let name = content(body, "its body", &forms)?;
        ensure!(name.is_some(), "its body has no media type", "describe it");
        check_nulls([body], components)?;
    }
    let answers = members(operation, "responses").map(|(_, answer)| {
        check_nulls([answer], components)?;
        content(answer, "its answer", &forms[..1])
    });
    let answers = answers.collect::<Result<Vec<_>, _>>()?;
    ensure!(
        !answers.is_empty(),
        "no success response is documented",
        "describe what the operation answers with a 2xx status",
    );
    ensure!(
        answers.iter().all(|answer| *answer == answers[0]),
        "its successes differ, and a method has one result",
        "describe all successes with one schema, or none of them with one",
    );
    Ok(())
}

/// Returns the component that a body consists of. There may be no body.
fn content<'a>(body: &'a Value, what: &str, forms: &[&str]) -> Result<Option<&'a str>, Fault> {
    let mut content = members(body, "content");
    let first = content.next();
    let name = first.and_then(|(_, media)| component(&media["schema"]));
    let is_known = |(form, _): (&String, _)| name.is_some() && forms.contains(&form.as_str());
    let forms = forms.join(" or ");
    ensure!(
        first.is_none_or(is_known) && content.next().is_none(),
        "{what} isn't one component as {forms}",
        "describe it as that, or take the operation from the list in build/documents.rs",
    );
    Ok(name)
}

// Components.

fn check_components(document: &Value, components: &Map<String, Value>) -> Result<(), Fault> {
    let names = components.keys().map(String::as_str);
    check_distinct("type", &[], names, type_name)?;
    let (received, sent) = (received(document), sent(document));
    let in_bodies = reached(document, &["requestBody"]);
    for (name, schema) in components {
        let check = || {
            check_members(schema)?;
            // Any member of an answer may be null.
            let members = members(schema, "properties").map(|(_, member)| member);
            let members = members.filter(|it| in_bodies.contains(name) || component(it).is_none());
            check_nulls(members.chain(schema.get("items")), components)?;
            ensure!(
                is_enum_of_texts(schema) || !received.contains(name) || !sent.contains(name),
                "it is both sent and received, which ask for different types",
                "give each direction a schema of its own",
            );
            let own = OWN_COMPONENTS.iter().find(|(own, ..)| own == name);
            let (_, pattern, own) = own.copied().unwrap_or_default();
            ensure!(
                own.is_empty() || text(schema, "pattern") == Some(pattern),
                "it becomes {own}, which checks the pattern {pattern} and no other",
                "give it that pattern, or change that type and build/transform/own_types.rs",
            );
            Ok(())
        };
        check().map_err(|fault| fault.in_schema(name))?;
    }
    Ok(())
}

fn check_members(schema: &Value) -> Result<(), Fault> {
    let names = members(schema, "properties").map(|(name, _)| name.as_str());
    // `new` is the constructor, where each other member has a setter.
    check_distinct("member", &["new"], names, |name| name.to_snake_case())?;
    for (name, member) in members(schema, "properties") {
        ensure!(
            !names_a_secret(name) || type_of(member) == Some("string"),
            "the member `{name}` holds a key and isn't a plain string",
            "describe it as a plain string, or teach build/transform/secrets.rs about it",
        );
    }
    match is_enum_of_texts(schema) {
        true => {
            let values = items(schema, "enum").filter_map(Value::as_str);
            check_distinct("variant", &["Other", "Self"], values, type_name)
        }
        false => Ok(()),
    }
}

/// Checks that no component stands in one of these places that may be null: its type has no value for that.
fn check_nulls<'a>(
    places: impl IntoIterator<Item = &'a Value>,
    components: &Map<String, Value>,
) -> Result<(), Fault> {
    for name in places.into_iter().flat_map(references) {
        let component = components.get(&name);
        ensure!(
            component.is_none_or(|component| !is(component, "nullable")),
            "`{name}` may be null where only a value can be sent or read",
            "take `nullable` out of that component",
        );
    }
    Ok(())
}

/// Checks that no two of these names become the same name in Rust, nor one of those that are taken.
fn check_distinct<'a>(
    kind: &str,
    taken: &[&'a str],
    names: impl Iterator<Item = &'a str>,
    rust_name: fn(&str) -> String,
) -> Result<(), Fault> {
    let mut seen = BTreeMap::new();
    for name in taken.iter().copied().chain(names) {
        let rust_name = rust_name(name);
        let other = seen.insert(rust_name.clone(), name).unwrap_or_default();
        ensure!(
            other.is_empty(),
            "`{other}` and `{name}` would share the {kind} name `{rust_name}`",
            "rename one of them in the document",
        );
    }
    Ok(())
}

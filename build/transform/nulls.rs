//! Whether null may stand in a place is said at the place.
//!
//! PandaDoc's `WebhookEventErrorEnum` may be null, and is both a member of `listWebhookEvent`'s answer and an item of one
//! of its parameters. A parameter has no way to be null. In an answer any member may be null; what a list or a map holds is
//! null only where the document says so. In a request null is told from absence, which only the place itself can say.

use serde_json::{json, Map, Value};

use super::super::fault::Fault;
use super::super::schema::{
    component, components, components_mut, described, each_part, each_root, is, parts, reference,
    wrapped, Place, SCHEMAS,
};
use super::directions::reached_from;
use super::open_enums::is_open_enum;
use super::rust_type::option_of;

/// Moves null from the components to the places that refer to them.
pub fn move_nulls(document: &mut Value) -> Result<(), Fault> {
    let components = components(document);
    let [bodies, parameters, responses] = [Place::Body, Place::Parameter, Place::Response]
        .map(|place| reached_from(document, &components, &[place]));
    each_root(document, |place, _, schema| match place {
        Place::Parameter => each_part(schema, &mut |part| {
            if let Some(name) = wrapped(part) {
                *part = reference(name);
            } else if is(part, "nullable") {
                part["nullable"] = json!(false);
            }
            Ok(())
        }),
        Place::Body => check_sent(schema, &components),
        Place::Response => {
            if let Some(name) = wrapped(schema) {
                *schema = option_of(&reference(name));
            }
            admit_null_items(schema, &components);
            Ok(())
        }
    })?;
    for (name, schema) in components_mut(document) {
        if bodies.contains(name) {
            check_sent(schema, &components).map_err(|fault| fault.in_schema(name))?;
        }
        if responses.contains(name) {
            admit_null_items(schema, &components);
        }
        if parameters.contains(name) && is(schema, "nullable") {
            if responses.contains(name) && !is_open_enum(schema) {
                return Err(Fault::new("it may be null, and is both sent and received")
                    .in_schema(name)
                    .hint("give each direction a schema of its own"));
            }
            schema["nullable"] = json!(false);
        }
    }
    Ok(())
}

/// Refuses a reference in a request to what may be null.
fn check_sent(schema: &mut Value, components: &Map<String, Value>) -> Result<(), Fault> {
    each_part(schema, &mut |part| {
        match null_component(part, components) {
        Some(name) => Err(Fault::new(format!(
            "`{SCHEMAS}{name}` may be null, and a request can say that only of a schema without a reference"
        ))
        .hint("describe the schema in its place, with `nullable: true`")),
        None => Ok(()),
    }
    })
}

/// Returns the component that a place refers to, if null may stand there.
fn null_component<'a>(place: &'a Value, components: &Map<String, Value>) -> Option<&'a str> {
    let may_be_null = |name: &&str| {
        let schema = components.get(*name);
        let schema = schema.and_then(|schema| described(schema, components));
        schema.is_some_and(|schema| is(schema, "nullable"))
    };
    component(place).filter(may_be_null).or(wrapped(place))
}

/// Lets null stand in a list or a map of what may be null, and makes plain references of members with `nullable` beside
/// them: any member of an answer may be null.
fn admit_null_items(schema: &mut Value, components: &Map<String, Value>) {
    for keyword in ["items", "additionalProperties"] {
        if let Some(item) = schema.get_mut(keyword) {
            let is_enum = |name: &&str| components.get(*name).is_some_and(is_open_enum);
            let null = null_component(item, components);
            // Of a component that is no enum the generator makes a type that may be null.
            if let Some(name) = null.filter(is_enum).or(wrapped(item)) {
                *item = option_of(&reference(name));
            }
        }
    }
    for (_, part) in parts(schema) {
        match wrapped(part) {
            Some(name) => *part = reference(name),
            None => admit_null_items(part, components),
        }
    }
}

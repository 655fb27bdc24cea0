//! Whether null may stand in a place is said at the place.
//!
//! PandaDoc's `WebhookEventErrorEnum` may be null, and is both a member of `listWebhookEvent`'s answer and an item of one
//! of its parameters. A parameter has no way to be null. In an answer any member may be null; what a list or a map holds is
//! null only where the document says so. In a request null is told from absence, and only a place knows
//! whether it may be absent.

use serde_json::{json, Map, Value};

use super::super::fault::Fault;
use super::super::schema::{
    component, components, components_mut, described, each_part, each_root, is, reached, reference,
    wrapped, Place, SCHEMAS,
};
use super::directions::reached_from;
use super::open_enums::is_open_enum;
use super::rust_type::{nullable_of, option_of};

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
        Place::Body => admit_null(schema, "", &components),
        Place::Response => {
            if let Some(name) = wrapped(schema) {
                *schema = option_of(&reference(name));
            }
            read_null(schema, &components)
        }
    })?;
    for (name, schema) in components_mut(document) {
        if bodies.contains(name) {
            admit_null(schema, name, &components).map_err(|fault| fault.in_schema(name))?;
        } else if responses.contains(name) {
            read_null(schema, &components)?;
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

/// Lets null stand in a request where the document says so at the place.
fn admit_null(
    schema: &mut Value,
    holder: &str,
    components: &Map<String, Value>,
) -> Result<(), Fault> {
    each_part(schema, &mut |part| {
        let may_be_null = |name: &&str| may_be_null(name, components);
        if let Some(name) = component(part).filter(may_be_null) {
            return Err(Fault::new(format!(
                "`{SCHEMAS}{name}` may be null, and a request can say that only where it refers to it"
            ))
            .hint("write `nullable: true` beside an `allOf` of the reference, and not in the component"));
        }
        // The generator boxes what holds itself, but doesn't look for it here.
        if let Some(name) = wrapped(part) {
            if reached(components, [&reference(name)]).contains(holder) {
                return Err(Fault::new(format!(
                    "it holds itself by a reference to `{SCHEMAS}{name}` that may be null"
                ))
                .hint("leave out `nullable` beside the reference"));
            }
        }
        Ok(())
    })?;
    admit_null_items(schema, components)?;
    each_part(schema, &mut |part| {
        if let Some(name) = wrapped(part) {
            *part = nullable_of(&reference(name));
        }
        Ok(())
    })
}

/// Lets null stand in the lists and maps of an answer. Any member of an answer may be null, so `nullable` beside its
/// reference says nothing more.
fn read_null(schema: &mut Value, components: &Map<String, Value>) -> Result<(), Fault> {
    admit_null_items(schema, components)?;
    each_part(schema, &mut |part| {
        if let Some(name) = wrapped(part) {
            *part = reference(name);
        }
        Ok(())
    })
}

/// Lets null stand in a list or a map of what may be null.
fn admit_null_items(schema: &mut Value, components: &Map<String, Value>) -> Result<(), Fault> {
    each_part(schema, &mut |part| {
        for keyword in ["items", "additionalProperties"] {
            if let Some(item) = part.get_mut(keyword) {
                // Of other components the generator makes a type that may be null itself.
                let is_null_enum = |name: &&str| {
                    let is_enum = components.get(*name).is_some_and(is_open_enum);
                    is_enum && may_be_null(name, components)
                };
                if let Some(name) = component(item).filter(is_null_enum).or(wrapped(item)) {
                    *item = option_of(&reference(name));
                }
            }
        }
        Ok(())
    })
}

fn may_be_null(name: &str, components: &Map<String, Value>) -> bool {
    let schema = components.get(name);
    let schema = schema.and_then(|schema| described(schema, components));
    schema.is_some_and(|schema| is(schema, "nullable"))
}

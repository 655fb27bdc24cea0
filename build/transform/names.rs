//! Gives every inline schema that becomes a type a name of its own.
//!
//! No operation in use needs it so far; PandaDoc's 8.8.0 describes the answers of many others in place. Left to itself the
//! generator names inline schemas after the operation and the place, several of them alike, and the first one found
//! serves for all. Here each becomes a component, named after what it is part of, and two of one name stop the build.

use heck::ToPascalCase;
use serde_json::{json, Value};

use super::super::fault::Fault;
use super::super::schema::{
    components_mut, each_root, has, is, parts, reference, remove, text, type_of, wrapped,
};
use super::secrets::is_secret;

/// Moves every inline schema that becomes a Rust type to the component schemas.
pub fn name_inline_schemas(document: &mut Value) -> Result<(), Fault> {
    let mut named = Named::default();
    each_root(document, |_, place, schema| {
        named.name(place, schema);
        Ok(())
    })?;
    for (name, schema) in components_mut(document) {
        remove(schema, &["title"]);
        named.parts_of(name, schema);
    }
    for (name, schema) in named.0 {
        let schemas = &mut document["components"]["schemas"];
        if schemas.get(&name).is_some() {
            return Err(
                Fault::new("this name is also that of a schema written inside another")
                    .in_schema(&name)
                    .hint("make the inner schema a component with a name of its own"),
            );
        }
        schemas[name] = schema;
    }
    Ok(())
}

/// The schemas that got a name, in the order in which they were met.
#[derive(Default)]
struct Named(Vec<(String, Value)>);

impl Named {
    fn name(&mut self, place: &str, schema: &mut Value) {
        let name = place.to_pascal_case();
        // The generator names types after titles too, and then two alike.
        remove(schema, &["title"]);
        self.parts_of(&name, schema);
        if becomes_a_type(schema) {
            let mut inline = std::mem::replace(schema, reference(&name));
            if is(&inline, "nullable") {
                // Whether null may stand here is a matter of this place; see `nulls`.
                remove(&mut inline, &["nullable"]);
                *schema = json!({"allOf": [reference(&name)], "nullable": true});
            }
            let named = (name, inline);
            // The successes of an operation are alike; see `checks`.
            if !self.0.contains(&named) {
                self.0.push(named);
            }
        }
    }

    fn parts_of(&mut self, whole: &str, schema: &mut Value) {
        for (place, part) in parts(schema) {
            self.name(&format!("{whole} {place}"), part);
        }
    }
}

/// Tells whether the generator makes a type of its own of the schema. Of the others it makes a type that Rust has, or a
/// list, map or option.
fn becomes_a_type(schema: &Value) -> bool {
    match type_of(schema) {
        Some("object") => has(schema, "properties"),
        Some("array") => false,
        Some("string") => has(schema, "enum") || is_limited(schema),
        Some(_) => has(schema, "enum"),
        None if wrapped(schema).is_some() => false,
        None => {
            let keywords = ["properties", "allOf", "oneOf", "anyOf", "not", "enum"];
            keywords.iter().any(|name| has(schema, name))
        }
    }
}

/// Formats with a type of their own keep their place: `secrets` and `generate` pick that type.
fn is_limited(string: &Value) -> bool {
    let has_own_type = is_secret(string) || text(string, "format") == Some("url");
    !has_own_type && (has(string, "minLength") || has(string, "maxLength"))
}

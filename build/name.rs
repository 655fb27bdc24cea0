//! Pass: give every inline schema that becomes a type a name of its own.
//!
//! Left to itself the generator names inline schemas after the operation and the place, several of
//! them alike, and the first one found serves for all. Here each becomes a component schema, named
//! after what it is part of, and two of one name stop the build.

use heck::ToPascalCase;
use openapiv3::{
    OpenAPI, ReferenceOr, Schema, SchemaKind, StringType, Type, VariantOrUnknownOrEmpty,
};

use super::compose::wrapped;
use super::fault::Fault;
use super::secrets::is_secret;
use super::walk::{operation_id, operations_mut, parts, roots, Slot};

/// Moves every inline schema that becomes a Rust type to the component schemas.
pub fn name_inline_schemas(openapi: &mut OpenAPI) -> Result<(), Fault> {
    let mut named = Named::default();
    for operation in operations_mut(openapi) {
        let id = operation_id(operation).to_owned();
        for (place, slot) in roots(operation) {
            named.name(format!("{id} {place}"), slot);
        }
    }
    let schemas = &mut openapi.components.get_or_insert_default().schemas;
    for (name, schema) in &mut *schemas {
        if let ReferenceOr::Item(schema) = schema {
            schema.schema_data.title = None;
            named.parts_of(name, schema);
        }
    }
    for (name, schema) in named.0 {
        if schemas.contains_key(&name) {
            return Err(
                Fault::new("this name is also that of a schema written inside another")
                    .in_schema(&name)
                    .mend("make the inner schema a component with a name of its own"),
            );
        }
        schemas.insert(name, ReferenceOr::Item(schema));
    }
    Ok(())
}

/// The schemas that got a name, in the order in which they were met.
#[derive(Default)]
struct Named(Vec<(String, Schema)>);

impl Named {
    fn name(&mut self, place: String, mut slot: Slot<'_>) {
        let name = place.to_pascal_case();
        let Some(schema) = slot.inline() else { return };
        // The generator names types after titles too, and then two alike.
        schema.schema_data.title = None;
        if becomes_a_type(schema) {
            let mut schema = schema.clone();
            self.parts_of(&name, &mut schema);
            slot.refer_to(&name);
            let named = (name, schema);
            // The successes of an operation are alike by now; see `successes`.
            if !self.0.contains(&named) {
                self.0.push(named);
            }
        } else {
            self.parts_of(&name, schema);
        }
    }

    fn parts_of(&mut self, whole: &str, schema: &mut Schema) {
        for (place, slot) in parts(schema) {
            self.name(format!("{whole} {place}"), slot);
        }
    }
}

/// Whether the generator makes a type of its own of the schema; of the others it makes a type that
/// Rust has, or a list, map or option.
fn becomes_a_type(schema: &Schema) -> bool {
    match &schema.schema_kind {
        SchemaKind::Type(Type::Object(object)) => !object.properties.is_empty(),
        SchemaKind::Type(Type::String(string)) => is_restricted(string),
        SchemaKind::Type(Type::Integer(integer)) => !integer.enumeration.is_empty(),
        SchemaKind::Type(Type::Number(number)) => !number.enumeration.is_empty(),
        SchemaKind::Type(Type::Boolean(boolean)) => !boolean.enumeration.is_empty(),
        SchemaKind::Type(Type::Array(_)) => false,
        SchemaKind::AllOf { .. } => wrapped(schema).is_none(),
        SchemaKind::Any(any) => {
            !any.properties.is_empty()
                || !any.one_of.is_empty()
                || !any.any_of.is_empty()
                || !any.all_of.is_empty()
                || !any.enumeration.is_empty()
        }
        _ => true,
    }
}

/// Formats with a type of their own keep their place: `secrets` and `generate` pick that type.
fn is_restricted(string: &StringType) -> bool {
    let has_own_type = is_secret(string) || is_url(string);
    let is_limited = string.min_length.is_some() || string.max_length.is_some();
    !string.enumeration.is_empty() || is_limited && !has_own_type
}

fn is_url(string: &StringType) -> bool {
    string.format == VariantOrUnknownOrEmpty::Unknown("url".to_owned())
}

//! Pass: whether null may stand in a place is said at the place.
//!
//! A component that may be null is referred to from members that are required and from others, and only there
//! can null be told from absence. A parameter has no way to be null. In an answer any member may be null; what a
//! list or a map holds is null only where the document says so.

use std::borrow::Borrow;
use std::collections::{BTreeMap, BTreeSet};

use openapiv3::{AdditionalProperties, OpenAPI, ReferenceOr, Schema, SchemaKind, Type};
use serde_json::{json, Value};

use super::compose::wrapped;
use super::fault::Fault;
use super::open_enums::is_open_enum;
use super::reach;
use super::rust_type::{box_of, nullable_of, option_of};
use super::walk::{
    body_roots, operation_id, operations_mut, parameter_roots, parts, response_roots,
};

const SCHEMAS: &str = "#/components/schemas/";

/// Moves null from the components that requests are made of to the places that refer to them.
pub fn move_nulls(openapi: &mut OpenAPI) -> Result<(), Fault> {
    let [bodies, parameters, responses] = reached(openapi);
    let nullable = Nullable::among(bodies.union(&parameters), openapi);
    let enums = Nullable::enums_among(&responses, openapi);
    for operation in operations_mut(openapi) {
        let id = operation_id(operation).to_owned();
        for (_, mut slot) in parameter_roots(&mut operation.parameters) {
            if let Some(reference) = slot.wrapped() {
                slot.refer(reference);
            }
            if let Some(schema) = slot.inline() {
                forbid_null(schema);
            }
        }
        for (_, mut slot) in response_roots(&mut operation.responses) {
            if let Some(reference) = slot.wrapped() {
                slot.put(option_of(&json!({"$ref": reference})));
            }
            if let Some(schema) = slot.inline() {
                admit_null_items(schema, &enums);
                refer_members(schema);
            }
        }
        for (_, mut slot) in body_roots(&mut operation.request_body) {
            let reference = slot.reference().and_then(|to| nullable.value(to, ""));
            let wrapped = slot.wrapped().map(|to| nullable.boxed(&to, ""));
            if let Some(value) = reference.or(wrapped) {
                slot.put(nullable_of(&value));
            }
            if let Some(schema) = slot.inline() {
                admit_null(schema, "", &nullable).map_err(|fault| fault.in_operation(&id))?;
            }
        }
    }
    for (name, schema) in &mut openapi.components.get_or_insert_default().schemas {
        let ReferenceOr::Item(schema) = schema else {
            continue;
        };
        if bodies.contains(name) {
            admit_null(schema, name, &nullable).map_err(|fault| fault.in_schema(name))?;
        }
        if responses.contains(name) && !bodies.contains(name) {
            admit_null_items(schema, &enums);
            refer_members(schema);
        }
        if nullable.components.contains_key(name) {
            if responses.contains(name) && !is_open_enum(schema) {
                return Err(Fault::new("it may be null, and is both sent and received")
                    .in_schema(name)
                    .mend("give each direction a schema of its own"));
            }
            schema.schema_data.nullable = false;
        }
    }
    Ok(())
}

/// The components that bodies, parameters and responses reach.
fn reached(openapi: &OpenAPI) -> [BTreeSet<String>; 3] {
    let (mut bodies, mut parameters, mut responses) = (vec![], vec![], vec![]);
    for (_, _, operation) in openapi.operations() {
        bodies.push(json!(operation.request_body));
        parameters.push(json!(operation.parameters));
        responses.push(json!(operation.responses));
    }
    [bodies, parameters, responses].map(|parts| reach::schemas(openapi, &Value::Array(parts)))
}

/// Says where null may stand.
struct Nullable {
    /// The components that may be null, each with all components that it reaches.
    components: BTreeMap<String, BTreeSet<String>>,
    /// The components of references that have `nullable` beside them, each with all components that it reaches.
    wrapped: BTreeMap<String, BTreeSet<String>>,
}

impl Nullable {
    fn among<'a>(names: impl Iterator<Item = &'a String>, openapi: &OpenAPI) -> Self {
        let components = openapi.components.clone().unwrap_or_default();
        let may_be_null = |name: &&String| {
            let schema = components.schemas.get(*name);
            schema
                .and_then(|schema| reach::schema(schema, &components))
                .is_some_and(|schema| schema.schema_data.nullable)
        };
        let reached = |name: &String| {
            let schema = json!(components.schemas.get(name));
            (name.clone(), reach::schemas(openapi, &schema))
        };
        let mut wrapped = BTreeSet::new();
        collect_wrapped(&json!(openapi), &mut wrapped);
        Self {
            components: names.filter(may_be_null).map(reached).collect(),
            wrapped: wrapped.iter().map(reached).collect(),
        }
    }

    /// Those that become enums of this crate, which have no value for null.
    fn enums_among(names: &BTreeSet<String>, openapi: &OpenAPI) -> Self {
        let schemas = openapi.components.as_ref().map(|all| &all.schemas);
        let is_enum = |name: &&String| {
            let schema = schemas.and_then(|schemas| schemas.get(*name)?.as_item());
            schema.is_some_and(is_open_enum)
        };
        Self::among(names.iter().filter(is_enum), openapi)
    }

    /// Returns the schema of a value that isn't null, if the component may be null.
    fn value(&self, reference: &str, holder: &str) -> Option<Value> {
        let name = reference.trim_start_matches(SCHEMAS);
        let may_be_null = self.components.contains_key(name);
        may_be_null.then(|| self.boxed(reference, holder))
    }

    /// Returns the reference, in a box where the component `holder` would hold itself.
    fn boxed(&self, reference: &str, holder: &str) -> Value {
        let name = reference.trim_start_matches(SCHEMAS);
        let reached = self.components.get(name).or(self.wrapped.get(name));
        let value = json!({"$ref": reference});
        match name == holder || reached.is_some_and(|reached| reached.contains(holder)) {
            true => json!(box_of(&value)),
            false => value,
        }
    }

    fn value_of<T: Borrow<Schema>>(&self, place: &ReferenceOr<T>, holder: &str) -> Option<Value> {
        match place {
            ReferenceOr::Reference { reference } => self.value(reference, holder),
            ReferenceOr::Item(schema) => {
                let reference = wrapped(schema.borrow())?;
                Some(self.boxed(reference, holder))
            }
        }
    }
}

fn collect_wrapped(value: &Value, found: &mut BTreeSet<String>) {
    if let Some(reference) = value.pointer("/allOf/0/$ref").and_then(Value::as_str) {
        found.insert(reference.trim_start_matches(SCHEMAS).to_owned());
    }
    match value {
        Value::Object(members) => members.values().for_each(|it| collect_wrapped(it, found)),
        Value::Array(items) => items.iter().for_each(|it| collect_wrapped(it, found)),
        _ => {}
    }
}

/// Makes plain references of members with `nullable` beside them: any member of an answer may be null.
fn refer_members(schema: &mut Schema) {
    for (_, mut slot) in parts(schema) {
        if let Some(reference) = slot.wrapped() {
            slot.refer(reference);
        } else if let Some(part) = slot.inline() {
            refer_members(part);
        }
    }
}

fn forbid_null(schema: &mut Schema) {
    schema.schema_data.nullable = false;
    for (_, mut slot) in parts(schema) {
        if let Some(part) = slot.inline() {
            forbid_null(part);
        }
    }
}

/// Lets null stand in a list or a map of what may be null.
fn admit_null_items(schema: &mut Schema, nullable: &Nullable) {
    match &mut schema.schema_kind {
        SchemaKind::Type(Type::Object(object)) => {
            if let Some(AdditionalProperties::Schema(values)) = &mut object.additional_properties {
                if let Some(value) = nullable.value_of(values, "") {
                    **values = ReferenceOr::Item(option_of(&value));
                }
            }
        }
        SchemaKind::Type(Type::Array(array)) => {
            if let Some(items) = &mut array.items {
                if let Some(value) = nullable.value_of(items, "") {
                    *items = ReferenceOr::boxed_item(option_of(&value));
                }
            }
        }
        _ => {}
    }
    for (_, mut slot) in parts(schema) {
        if let Some(part) = slot.inline() {
            admit_null_items(part, nullable);
        }
    }
}

/// Lets null stand in the place of every part that refers to what may be null.
fn admit_null(schema: &mut Schema, holder: &str, nullable: &Nullable) -> Result<(), Fault> {
    admit_null_items(schema, nullable);
    if let SchemaKind::Type(Type::Object(object)) = &mut schema.schema_kind {
        for member in object.properties.values_mut() {
            if let Some(value) = nullable.value_of(member, holder) {
                *member = ReferenceOr::boxed_item(nullable_of(&value));
            }
        }
    }
    for (_, mut slot) in parts(schema) {
        let is_null = |to: &&str| nullable.value(to, "").is_some();
        let reference = slot.reference().filter(is_null).map(str::to_owned);
        if let Some(reference) = reference.or(slot.wrapped()) {
            return Err(Fault::new(format!(
                "`{reference}` may be null, and stands here as one of several schemas"
            ))
            .mend("say at the place that it may be null, and not in the component"));
        }
        if let Some(part) = slot.inline() {
            admit_null(part, holder, nullable)?;
        }
    }
    Ok(())
}

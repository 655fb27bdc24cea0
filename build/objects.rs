//! Pass: what has properties is an object, and what is one of some texts is a text, whether its document
//! says so or not.

use openapiv3::{
    AnySchema, ObjectType, OpenAPI, ReferenceOr, Schema, SchemaKind, StringType, Type,
};

use super::walk::{operations_mut, parts, roots};

/// Gives a type to every schema that has none and can only be of one.
pub fn type_objects(openapi: &mut OpenAPI) {
    for operation in operations_mut(openapi) {
        for (_, mut slot) in roots(operation) {
            if let Some(schema) = slot.inline() {
                type_object(schema);
            }
        }
    }
    for (_, schema) in &mut openapi.components.get_or_insert_default().schemas {
        if let ReferenceOr::Item(schema) = schema {
            type_object(schema);
        }
    }
}

fn type_object(schema: &mut Schema) {
    if let SchemaKind::Any(any) = &mut schema.schema_kind {
        let plain = AnySchema {
            properties: any.properties.clone(),
            required: any.required.clone(),
            additional_properties: any.additional_properties.clone(),
            ..AnySchema::default()
        };
        if !any.properties.is_empty() && *any == plain {
            schema.schema_kind = SchemaKind::Type(Type::Object(ObjectType {
                properties: plain.properties,
                required: plain.required,
                additional_properties: plain.additional_properties,
                ..ObjectType::default()
            }));
        }
    }
    if let SchemaKind::Any(any) = &schema.schema_kind {
        let texts: Option<Vec<_>> = any
            .enumeration
            .iter()
            .map(|value| value.as_str().map(|text| Some(text.to_owned())))
            .collect();
        if let Some(enumeration) = texts.filter(|texts| !texts.is_empty()) {
            schema.schema_kind = SchemaKind::Type(Type::String(StringType {
                enumeration,
                ..StringType::default()
            }));
        }
    }
    for (_, mut slot) in parts(schema) {
        if let Some(part) = slot.inline() {
            type_object(part);
        }
    }
}

//! Pass: what has properties is an object, what has items a list, and what is one of some texts a text, whether
//! its document says so or not.

use openapiv3::{
    AnySchema, ArrayType, BooleanType, IntegerType, NumberType, ObjectType, OpenAPI, ReferenceOr,
    Schema, SchemaKind, StringType, Type,
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
    if let SchemaKind::Any(any) = &schema.schema_kind {
        if let Some(typed) = typed(any) {
            schema.schema_kind = SchemaKind::Type(typed);
        }
    }
    for (_, mut slot) in parts(schema) {
        if let Some(part) = slot.inline() {
            type_object(part);
        }
    }
}

/// Returns the type that the schema names or implies. Keywords of other types don't apply to its values.
fn typed(any: &AnySchema) -> Option<Type> {
    let alternatives = [&any.one_of, &any.any_of, &any.all_of];
    if any.not.is_some() || alternatives.iter().any(|schemas| !schemas.is_empty()) {
        return None;
    }
    if !any.enumeration.is_empty() {
        return texts(any).map(Type::String);
    }
    let inferred = if !any.properties.is_empty() {
        Some("object")
    } else {
        any.items.is_some().then_some("array")
    };
    match any.typ.as_deref().or(inferred)? {
        "object" => Some(Type::Object(ObjectType {
            properties: any.properties.clone(),
            required: any.required.clone(),
            additional_properties: any.additional_properties.clone(),
            ..ObjectType::default()
        })),
        "array" => Some(Type::Array(ArrayType {
            items: any.items.clone(),
            min_items: any.min_items,
            max_items: any.max_items,
            unique_items: any.unique_items.unwrap_or_default(),
        })),
        "string" => Some(Type::String(StringType {
            format: any.format.clone().into(),
            min_length: any.min_length,
            max_length: any.max_length,
            ..StringType::default()
        })),
        "integer" => Some(Type::Integer(IntegerType {
            format: any.format.clone().into(),
            ..IntegerType::default()
        })),
        "number" => Some(Type::Number(NumberType {
            format: any.format.clone().into(),
            ..NumberType::default()
        })),
        "boolean" => Some(Type::Boolean(BooleanType::default())),
        _ => None,
    }
}

/// Returns the enum, if all its values are texts.
fn texts(any: &AnySchema) -> Option<StringType> {
    let texts = any.enumeration.iter();
    let texts: Option<_> = texts
        .map(|value| value.as_str().map(|text| Some(text.to_owned())))
        .collect();
    Some(StringType {
        enumeration: texts?,
        ..StringType::default()
    })
}

//! Pass: the document's extensions are removed.
//!
//! Later passes use extensions to tell the generator what to do. With the same extensions a document could choose the
//! Rust type of a key (`x-rust-type`), or say that a body may be missing.

use openapiv3::{Content, OpenAPI, Operation, Parameter, ReferenceOr, RequestBody, Schema};

use super::walk::{operations_mut, parameter_data, parts, roots};

/// Removes every extension that the generator or a later pass would read.
pub fn clear_extensions(openapi: &mut OpenAPI) {
    for operation in operations_mut(openapi) {
        clear_operation(operation);
        for (_, mut slot) in roots(operation) {
            if let Some(schema) = slot.inline() {
                clear_schema(schema);
            }
        }
    }
    for (_, schema) in &mut openapi.components.get_or_insert_default().schemas {
        if let ReferenceOr::Item(schema) = schema {
            clear_schema(schema);
        }
    }
}

fn clear_operation(operation: &mut Operation) {
    operation.extensions.clear();
    for parameter in items(&mut operation.parameters) {
        clear_parameter(parameter);
    }
    for body in items(&mut operation.request_body) {
        let body: &mut RequestBody = body;
        body.extensions.clear();
        clear_content(&mut body.content);
    }
    operation.responses.extensions.clear();
    for response in items(operation.responses.responses.values_mut()) {
        response.extensions.clear();
        clear_content(&mut response.content);
    }
}

fn clear_parameter(parameter: &mut Parameter) {
    parameter_data(parameter).extensions.clear();
}

fn clear_content(content: &mut Content) {
    for media in content.values_mut() {
        media.extensions.clear();
    }
}

fn clear_schema(schema: &mut Schema) {
    schema.schema_data.extensions.clear();
    for (_, mut slot) in parts(schema) {
        if let Some(part) = slot.inline() {
            clear_schema(part);
        }
    }
}

fn items<'a, T: 'a>(
    places: impl IntoIterator<Item = &'a mut ReferenceOr<T>>,
) -> impl Iterator<Item = &'a mut T> {
    places.into_iter().filter_map(|place| match place {
        ReferenceOr::Item(item) => Some(item),
        ReferenceOr::Reference { .. } => None,
    })
}

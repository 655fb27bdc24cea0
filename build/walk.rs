//! Ways through a document that more than one pass takes.

use openapiv3::{
    AdditionalProperties, Content, OpenAPI, Operation, Parameter, ParameterData,
    ParameterSchemaOrContent, PathItem, ReferenceOr, RequestBody, Responses, Schema, SchemaKind,
    Type,
};

use super::compose::wrapped;

/// Where a document holds a schema or a reference to one.
pub enum Slot<'a> {
    /// Held as it is.
    Plain(&'a mut ReferenceOr<Schema>),
    /// Held in a box.
    Boxed(&'a mut ReferenceOr<Box<Schema>>),
}

impl Slot<'_> {
    /// The schema, where it stands here and is not a reference.
    pub fn inline(&mut self) -> Option<&mut Schema> {
        match self {
            Self::Plain(ReferenceOr::Item(schema)) => Some(schema),
            Self::Boxed(ReferenceOr::Item(schema)) => Some(schema),
            _ => None,
        }
    }

    /// Returns the reference that stands here with `nullable` beside it.
    pub fn wrapped(&mut self) -> Option<String> {
        self.inline()
            .and_then(|schema| wrapped(schema))
            .map(str::to_owned)
    }

    /// The reference that stands here, if one does.
    pub fn reference(&self) -> Option<&str> {
        match self {
            Self::Plain(ReferenceOr::Reference { reference })
            | Self::Boxed(ReferenceOr::Reference { reference }) => Some(reference),
            _ => None,
        }
    }

    /// Puts a schema in the place of what stands here.
    pub fn put(&mut self, schema: Schema) {
        match self {
            Self::Plain(slot) => **slot = ReferenceOr::Item(schema),
            Self::Boxed(slot) => **slot = ReferenceOr::Item(Box::new(schema)),
        }
    }

    /// Puts a reference to the component schema `name` in the place of what stands here.
    pub fn refer_to(&mut self, name: &str) {
        self.refer(format!("#/components/schemas/{name}"));
    }

    /// Puts a reference in the place of what stands here.
    pub fn refer(&mut self, reference: String) {
        match self {
            Self::Plain(slot) => **slot = ReferenceOr::Reference { reference },
            Self::Boxed(slot) => **slot = ReferenceOr::Reference { reference },
        }
    }
}

/// The operations of a path, there or not.
pub fn operation_slots(item: &mut PathItem) -> [&mut Option<Operation>; 8] {
    [
        &mut item.get,
        &mut item.put,
        &mut item.post,
        &mut item.delete,
        &mut item.options,
        &mut item.head,
        &mut item.patch,
        &mut item.trace,
    ]
}

/// Every operation of the document.
pub fn operations_mut(openapi: &mut OpenAPI) -> impl Iterator<Item = &mut Operation> {
    openapi
        .paths
        .paths
        .iter_mut()
        .filter_map(|(_, item)| match item {
            ReferenceOr::Item(item) => Some(item),
            ReferenceOr::Reference { .. } => None,
        })
        .flat_map(operation_slots)
        .filter_map(Option::as_mut)
}

/// The id of an operation that [`keep_operations`](super::keep::keep_operations) kept.
pub fn operation_id(operation: &Operation) -> &str {
    operation.operation_id.as_deref().unwrap_or_default()
}

/// The schemas that an operation starts from, each with the words that its place adds to a name.
pub fn roots(operation: &mut Operation) -> Vec<(String, Slot<'_>)> {
    let Operation {
        parameters,
        request_body,
        responses,
        ..
    } = operation;
    let mut roots = parameter_roots(parameters);
    roots.extend(body_roots(request_body));
    roots.extend(response_roots(responses));
    roots
}

/// Those of the parameters.
pub fn parameter_roots(parameters: &mut [ReferenceOr<Parameter>]) -> Vec<(String, Slot<'_>)> {
    let mut roots = Vec::new();
    for parameter in parameters {
        if let ReferenceOr::Item(parameter) = parameter {
            let data = parameter_data(parameter);
            if let ParameterSchemaOrContent::Schema(schema) = &mut data.format {
                roots.push((data.name.clone(), Slot::Plain(schema)));
            }
        }
    }
    roots
}

/// Those of the request body.
pub fn body_roots(body: &mut Option<ReferenceOr<RequestBody>>) -> Vec<(String, Slot<'_>)> {
    match body {
        Some(ReferenceOr::Item(body)) => schemas(&mut body.content, "body").collect(),
        _ => Vec::new(),
    }
}

/// Those of the responses.
pub fn response_roots(responses: &mut Responses) -> Vec<(String, Slot<'_>)> {
    let mut roots = Vec::new();
    for (_, response) in &mut responses.responses {
        if let ReferenceOr::Item(response) = response {
            roots.extend(schemas(&mut response.content, "response"));
        }
    }
    roots
}

fn schemas<'a>(
    content: &'a mut Content,
    place: &'a str,
) -> impl Iterator<Item = (String, Slot<'a>)> {
    content
        .values_mut()
        .filter_map(|media| media.schema.as_mut())
        .map(|schema| (place.to_owned(), Slot::Plain(schema)))
}

/// Returns the data that all parameters have.
pub fn parameter_data(parameter: &mut Parameter) -> &mut ParameterData {
    match parameter {
        Parameter::Query { parameter_data, .. }
        | Parameter::Header { parameter_data, .. }
        | Parameter::Path { parameter_data, .. }
        | Parameter::Cookie { parameter_data, .. } => parameter_data,
    }
}

/// What a schema is made of: each part with the words that its place adds to a name.
pub fn parts(schema: &mut Schema) -> Vec<(String, Slot<'_>)> {
    let mut parts = Vec::new();
    match &mut schema.schema_kind {
        SchemaKind::Type(Type::Object(object)) => {
            parts.extend(properties(&mut object.properties));
            parts.extend(additional(&mut object.additional_properties));
        }
        SchemaKind::Type(Type::Array(array)) => parts.extend(items(&mut array.items)),
        SchemaKind::Type(_) => {}
        SchemaKind::OneOf {
            one_of: alternatives,
        }
        | SchemaKind::AnyOf {
            any_of: alternatives,
        }
        | SchemaKind::AllOf {
            all_of: alternatives,
        } => parts.extend(numbered(alternatives)),
        SchemaKind::Not { not } => parts.push(("not".to_owned(), Slot::Plain(not))),
        SchemaKind::Any(any) => {
            parts.extend(properties(&mut any.properties));
            parts.extend(additional(&mut any.additional_properties));
            parts.extend(items(&mut any.items));
            parts.extend(numbered(&mut any.one_of));
            parts.extend(numbered(&mut any.any_of));
            parts.extend(numbered(&mut any.all_of));
            parts.extend(
                any.not
                    .as_mut()
                    .map(|not| ("not".to_owned(), Slot::Plain(not))),
            );
        }
    }
    parts
}

fn properties<'a>(
    members: impl IntoIterator<Item = (&'a String, &'a mut ReferenceOr<Box<Schema>>)>,
) -> impl Iterator<Item = (String, Slot<'a>)> {
    members
        .into_iter()
        .map(|(name, slot)| (name.clone(), Slot::Boxed(slot)))
}

fn additional(
    additional: &mut Option<AdditionalProperties>,
) -> impl Iterator<Item = (String, Slot<'_>)> {
    match additional {
        Some(AdditionalProperties::Schema(slot)) => {
            Some(("value".to_owned(), Slot::Plain(slot.as_mut())))
        }
        _ => None,
    }
    .into_iter()
}

fn items(items: &mut Option<ReferenceOr<Box<Schema>>>) -> impl Iterator<Item = (String, Slot<'_>)> {
    items
        .as_mut()
        .map(|slot| ("item".to_owned(), Slot::Boxed(slot)))
        .into_iter()
}

fn numbered(alternatives: &mut [ReferenceOr<Schema>]) -> impl Iterator<Item = (String, Slot<'_>)> {
    alternatives
        .iter_mut()
        .enumerate()
        .map(|(n, slot)| (format!("variant {n}"), Slot::Plain(slot)))
}

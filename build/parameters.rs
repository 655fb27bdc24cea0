//! Pass: only parameters that are sent as their document says.
//!
//! The generator writes a query parameter as OpenAPI's default style has it, a list as a pair for each item,
//! and the text of a parameter of a path or a header, whatever its document says.

use http::HeaderName;
use openapiv3::{
    Components, HeaderStyle, OpenAPI, Operation, Parameter, ParameterData,
    ParameterSchemaOrContent, PathStyle, QueryStyle, ReferenceOr, Schema, SchemaKind, Type,
};

use super::fault::Fault;
use super::reach;
use super::walk::{operation_id, operations_mut};

/// Header parameters that are to be ignored: <https://spec.openapis.org/oas/v3.0.3#parameter-object>.
const IGNORED: [&str; 3] = ["Accept", "Content-Type", "Authorization"];

/// Drops the parameters that OpenAPI says to ignore, and stops the build at those that would be sent wrong.
pub fn check_parameters(openapi: &mut OpenAPI) -> Result<(), Fault> {
    let components = openapi.components.take().unwrap_or_default();
    for operation in operations_mut(openapi) {
        check_operation(operation, &components)
            .map_err(|fault| fault.in_operation(operation_id(operation)))?;
    }
    openapi.components = Some(components);
    Ok(())
}

fn check_operation(operation: &mut Operation, components: &Components) -> Result<(), Fault> {
    operation
        .parameters
        .retain(|parameter| !is_ignored(parameter));
    for parameter in &operation.parameters {
        if let ReferenceOr::Item(parameter) = parameter {
            check(parameter, components)?;
        }
    }
    Ok(())
}

fn is_ignored(parameter: &ReferenceOr<Parameter>) -> bool {
    match parameter {
        ReferenceOr::Item(Parameter::Header { parameter_data, .. }) => IGNORED
            .iter()
            .any(|name| name.eq_ignore_ascii_case(&parameter_data.name)),
        _ => false,
    }
}

fn check(parameter: &Parameter, components: &Components) -> Result<(), Fault> {
    let data = parameter.parameter_data_ref();
    let is_default = match parameter {
        Parameter::Query { style, .. } => *style == QueryStyle::Form,
        Parameter::Header { style, .. } => *style == HeaderStyle::Simple,
        Parameter::Path { style, .. } => *style == PathStyle::Simple,
        Parameter::Cookie { .. } => {
            return Err(wrong(data, "goes into a cookie, and none are sent")
                .mend("take the parameter out of the document, if the operation works without it"))
        }
    };
    if let Parameter::Header { .. } = parameter {
        if HeaderName::from_bytes(data.name.as_bytes()).is_err() {
            return Err(wrong(data, "has a name that no header has")
                .mend("correct it (RFC 9110, section 5.1)"));
        }
    }
    if !is_default {
        return Err(wrong(data, "has a style that is not the default of its place").mend(STYLE));
    }
    let ParameterSchemaOrContent::Schema(schema) = &data.format else {
        return Err(wrong(data, "has a media type in place of a schema").mend(STYLE));
    };
    match (parameter, shape(schema, components)) {
        (_, Shape::Scalar) => Ok(()),
        (Parameter::Query { .. }, Shape::List) if data.explode == Some(false) => {
            Err(wrong(data, "is a list in one pair (`explode: false`)").mend(STYLE))
        }
        (Parameter::Query { .. }, Shape::List) => Ok(()),
        (_, Shape::List) => Err(wrong(data, "is a list outside the query").mend(STYLE)),
        (_, Shape::Other) => {
            Err(wrong(data, "is neither one value nor a list of such values").mend(STYLE))
        }
    }
}

const STYLE: &str =
    "describe it as one value, or in the query as an exploded list of values in the style \
                     `form`: nothing else is sent right";

fn wrong(data: &ParameterData, why: &str) -> Fault {
    Fault::new(format!("the parameter `{}` {why}", data.name))
}

enum Shape {
    Scalar,
    List,
    Other,
}

fn shape(schema: &ReferenceOr<Schema>, components: &Components) -> Shape {
    let Some(schema) = reach::schema(schema, components) else {
        return Shape::Other;
    };
    match &schema.schema_kind {
        SchemaKind::Type(Type::Array(array)) => match &array.items {
            Some(items) if is_scalar(&items.clone().unbox(), components) => Shape::List,
            _ => Shape::Other,
        },
        SchemaKind::Type(Type::Object(_)) => Shape::Other,
        SchemaKind::Type(_) => Shape::Scalar,
        SchemaKind::OneOf { one_of: parts }
        | SchemaKind::AnyOf { any_of: parts }
        | SchemaKind::AllOf { all_of: parts } => {
            match parts.iter().all(|part| is_scalar(part, components)) {
                true => Shape::Scalar,
                false => Shape::Other,
            }
        }
        // An enum without a type.
        SchemaKind::Any(any) if !any.enumeration.is_empty() && any.properties.is_empty() => {
            Shape::Scalar
        }
        SchemaKind::Any(_) | SchemaKind::Not { .. } => Shape::Other,
    }
}

fn is_scalar(schema: &ReferenceOr<Schema>, components: &Components) -> bool {
    matches!(shape(schema, components), Shape::Scalar)
}

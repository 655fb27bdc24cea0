//! The paths of the operations, for the runtime: generated code does not hand them on.

use heck::ToSnakeCase;
use openapiv3::OpenAPI;

/// Source of a table from the name of each generated method to its path with parameters in braces.
pub fn templates(prepared: &OpenAPI) -> String {
    let entries: String = prepared
        .operations()
        .filter_map(|(path, _, operation)| Some((path, operation.operation_id.as_deref()?)))
        .map(|(path, id)| format!("({:?}, {path:?}), ", id.to_snake_case()))
        .collect();
    format!("pub(super) const TEMPLATES: crate::runtime::Templates = &[{entries}];")
}

//! What the runtime is told of the operations, since generated code does not hand it on.

use heck::ToSnakeCase;
use openapiv3::OpenAPI;
use proc_macro2::TokenStream;
use quote::quote;

use super::source::number;
use super::successes::without_body;

/// Writes a table from the name of each generated method to its path with parameters in braces, and the
/// statuses at which a body may be missing.
pub fn templates(prepared: &OpenAPI) -> TokenStream {
    let entries = prepared.operations().filter_map(|(path, _, operation)| {
        let id = operation.operation_id.as_deref()?.to_snake_case();
        let statuses = without_body(operation).into_iter().map(number);
        Some(quote!((#id, #path, &[#(#statuses),*])))
    });
    quote! {
        pub(super) const TEMPLATES: crate::runtime::Templates = &[#(#entries),*];
    }
}

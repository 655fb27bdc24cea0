//! Writes what the runtime is told of the operations, since generated code does not hand it on.

use heck::ToSnakeCase;
use proc_macro2::TokenStream;
use quote::quote;
use serde_json::Value;

use super::super::schema::operations;

/// Writes a table from the name of each generated method to its path, with parameters in braces.
pub fn templates(prepared: &Value) -> TokenStream {
    let operations = operations(prepared);
    let entries = operations.iter().map(|found| {
        let (id, path) = (found.id().to_snake_case(), found.path);
        quote!((#id, #path))
    });
    quote! {
        pub(super) const TEMPLATES: crate::runtime::Templates = &[#(#entries),*];
    }
}

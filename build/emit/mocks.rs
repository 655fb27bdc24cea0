//! Writes what the runtime and the mocks of `testing` know of each operation, since generated code does not
//! hand it on.

use heck::{ToPascalCase, ToSnakeCase};
use http::StatusCode;
use proc_macro2::{Literal, TokenStream};
use quote::quote;
use serde_json::Value;
use syn::{File, Ident, Type};

use super::super::fault::Fault;
use super::super::schema::{members, operations, Found};
use super::super::select::ERRORS;
use super::source::{self, ident};

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

/// Writes a type for each operation. The methods of `client` say what they return. `testing` includes the types
/// where `Client` and `types` are in scope.
pub fn mocks(prepared: &Value, client: &File) -> Result<TokenStream, Fault> {
    let operations = operations(prepared).into_iter();
    let mocks = operations
        .map(|found| mock(&found, client).map_err(|fault| fault.in_operation(found.id())));
    mocks.collect()
}

fn mock(found: &Found, client: &File) -> Result<TokenStream, Fault> {
    let (id, path) = (found.id(), found.path);
    let name = id.to_snake_case();
    let operation_type = ident(&id.to_pascal_case())?;
    let error = ident(&format!("{}Error", id.to_pascal_case()))?;
    let method = found.method.to_uppercase();
    let successes = members(found.operation, "responses");
    let success = successes
        .filter_map(|(status, _)| status.parse().ok())
        .min();
    let success = Literal::u16_unsuffixed(success.unwrap_or(200));
    let answer = answer(&name, client)?;
    let errors = members(found.operation, ERRORS).filter_map(|(status, description)| {
        let (code, description) = (status.parse().ok()?, description.as_str()?);
        let (variant, code) = (variant(code), Literal::u16_unsuffixed(code));
        Some(variant.map(|variant| quote!(#variant = #code #description,)))
    });
    let errors: TokenStream = errors.collect::<Result<_, _>>()?;
    Ok(quote! {
        crate::testing::mock::mocked! {
            #operation_type #id #name #method #path #success [#answer] #error { #errors }
        }
    })
}

/// Returns the result type of the method of this name.
fn answer<'a>(name: &str, client: &'a File) -> Result<&'a Type, Fault> {
    let mut methods = source::methods(client);
    let method = methods.find(|method| method.ident == name);
    method.and_then(source::answer).ok_or_else(|| {
        Fault::new("the generator does not say what its method returns in the form that mocks know")
            .hint("teach build/emit/mocks.rs the new form")
    })
}

/// Returns the name of a status, as RFC 9110 and its like have it.
fn variant(code: u16) -> Result<Ident, Fault> {
    let status = StatusCode::from_u16(code).ok();
    let reason = status.and_then(|status| status.canonical_reason());
    ident(&reason.map_or_else(|| format!("Status{code}"), ToPascalCase::to_pascal_case))
}

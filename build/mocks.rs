//! What the mocks of `testing` know of each operation, in the form of a type each.

use heck::{ToPascalCase, ToSnakeCase};
use http::StatusCode;
use openapiv3::{OpenAPI, Operation};
use proc_macro2::TokenStream;
use quote::quote;
use syn::{File, Type};

use super::errors::Documented;
use super::fault::Fault;
use super::source::{self, ident, number};
use super::walk::operation_id;

/// Writes these types. The methods of `client` say what they return.
pub fn mocks(prepared: &OpenAPI, errors: &Documented, client: &File) -> Result<TokenStream, Fault> {
    let mut mocks = TokenStream::new();
    for (path, method, operation) in prepared.operations() {
        let id = operation_id(operation);
        mocks.extend(
            mock(path, method, operation, errors, client)
                .map_err(|fault| fault.in_operation(id))?,
        );
    }
    Ok(quote! {
        #[cfg(feature = "testing")]
        pub mod mocks {
            use super::*;
            #mocks
        }
    })
}

fn mock(
    path: &str,
    method: &str,
    operation: &Operation,
    errors: &Documented,
    client: &File,
) -> Result<TokenStream, Fault> {
    let id = operation_id(operation);
    let name = id.to_snake_case();
    let operation_type = ident(&id.to_pascal_case())?;
    let error = ident(&format!("{}Error", id.to_pascal_case()))?;
    let method = method.to_uppercase();
    let success = number(success(operation));
    let answer = answer(&name, client)?;
    let mut variants = TokenStream::new();
    for (code, description) in errors.get(id).into_iter().flatten() {
        let (variant, code) = (ident(&variant(*code))?, number(*code));
        variants.extend(quote!(#variant = #code #description,));
    }
    Ok(quote! {
        crate::testing::mock::mocked! {
            #operation_type #id #name #method #path #success [#answer] #error { #variants }
        }
    })
}

/// The first documented status of success.
fn success(operation: &Operation) -> u16 {
    let statuses = operation.responses.responses.keys();
    let codes = statuses.filter_map(|status| match status {
        openapiv3::StatusCode::Code(code) => Some(*code),
        openapiv3::StatusCode::Range(_) => None,
    });
    codes.min().unwrap_or(200)
}

/// Returns the result type of the method of this name.
fn answer<'a>(name: &str, client: &'a File) -> Result<&'a Type, Fault> {
    let mut methods = source::methods(client);
    let method = methods.find(|method| method.ident == name);
    method.and_then(source::answer).ok_or_else(|| {
        Fault::new("the generator does not say what its method returns in the form that mocks know")
            .mend("teach build/mocks.rs the new form")
    })
}

/// The name of a status, as RFC 9110 and its like have it.
fn variant(code: u16) -> String {
    let status = StatusCode::from_u16(code).ok();
    let reason = status.and_then(|status| status.canonical_reason());
    reason.map_or_else(|| format!("Status{code}"), ToPascalCase::to_pascal_case)
}

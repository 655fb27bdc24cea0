//! Writes a type for each operation, with what the mocks of `testing` know of it.

use heck::{ToPascalCase, ToSnakeCase};
use http::StatusCode;
use proc_macro2::TokenStream;
use quote::quote;
use serde_json::Value;
use syn::{File, Type};

use super::super::fault::Fault;
use super::super::schema::{members, operations, Found};
use super::super::select::Documented;
use super::source::{self, ident, number};

/// Writes these types. The methods of `client` say what they return.
pub fn mocks(prepared: &Value, errors: &Documented, client: &File) -> Result<TokenStream, Fault> {
    let mut mocks = TokenStream::new();
    for found in operations(prepared) {
        let mock = mock(&found, errors, client);
        mocks.extend(mock.map_err(|fault| fault.in_operation(found.id()))?);
    }
    Ok(quote! {
        #[cfg(feature = "testing")]
        pub mod mocks {
            use super::*;
            #mocks
        }
    })
}

fn mock(found: &Found, errors: &Documented, client: &File) -> Result<TokenStream, Fault> {
    let (id, path) = (found.id(), found.path);
    let name = id.to_snake_case();
    let operation_type = ident(&id.to_pascal_case())?;
    let error = ident(&format!("{}Error", id.to_pascal_case()))?;
    let method = found.method.to_uppercase();
    let success = number(success(found));
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

/// Returns the first documented status of success.
fn success(found: &Found) -> u16 {
    let responses = members(found.operation, "responses");
    let codes = responses.filter_map(|(status, _)| status.parse().ok());
    codes.min().unwrap_or(200)
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
fn variant(code: u16) -> String {
    let status = StatusCode::from_u16(code).ok();
    let reason = status.and_then(|status| status.canonical_reason());
    reason.map_or_else(|| format!("Status{code}"), ToPascalCase::to_pascal_case)
}

//! Constructors and setters of the types that may gain members in a minor version.
//!
//! Answers gain members, and so do requests that have optional members. Both are `#[non_exhaustive]`. A
//! request has a constructor for its required members and a setter for each optional one. A request whose
//! members are all required is written as a literal, because each member more would break its callers in any
//! case.

use proc_macro2::TokenStream;
use quote::quote;
use serde_json::Value;
use syn::{parse_quote, Field, File, Ident, Item, ItemStruct, Type};

use super::super::fault::Fault;
use super::super::schema::{components, items, members, received, type_of};
use super::source::{argument, is_named, type_name, types};

/// A type that may gain members.
pub struct Open {
    pub name: String,
    is_request: bool,
}

/// Returns the types that may gain members.
pub fn open(prepared: &Value) -> Vec<Open> {
    let received = received(prepared);
    let objects = components(prepared).into_iter();
    let objects = objects.filter(|(_, schema)| type_of(schema) == Some("object"));
    let open = objects.filter_map(|(name, object)| {
        let is_request = !received.contains(&name);
        let mut members = members(&object, "properties");
        let is_optional = |member| !items(&object, "required").any(|required| required == member);
        let is_open = !is_request || members.any(|(member, _)| is_optional(member));
        let name = type_name(&name);
        is_open.then_some(Open { name, is_request })
    });
    open.collect()
}

/// Adds the constructors and setters to the module `types`.
pub fn add_constructors(prepared: &Value, client: &mut File) -> Result<(), Fault> {
    let Some(types) = types(client) else {
        return Ok(());
    };
    let mut added = Vec::new();
    for open in open(prepared) {
        let structure = types.iter().find_map(|item| match item {
            Item::Struct(structure) if structure.ident == open.name => Some(structure),
            _ => None,
        });
        let structure = structure.ok_or_else(|| {
            Fault::new("the generator gives it another name, and would not let it gain members")
                .in_schema(&open.name)
                .hint("rename it in the document, in letters and digits")
        })?;
        added.extend(constructor(&open, structure));
    }
    types.extend(added);
    Ok(())
}

fn constructor(open: &Open, structure: &ItemStruct) -> Option<Item> {
    let name = &structure.ident;
    let fields: Vec<_> = structure.fields.iter().collect();
    if open.is_request {
        return Some(request(name, &fields));
    }
    let (optional, required) = by_need(&fields);
    let documentation = "Makes an answer with what it must have and nothing else, for tests.";
    let taken = required
        .iter()
        .map(|Field { ident, ty, .. }| (quote!(#ty), quote!(#ident)));
    let new = new(documentation, &required, &optional, taken.unzip());
    // Without a required member, it has a default.
    (!required.is_empty()).then(|| parse_quote!(impl #name { #new }))
}

/// Tells the optional members from the required ones.
fn by_need<'a>(fields: &[&'a Field]) -> (Vec<&'a Field>, Vec<&'a Field>) {
    let fields = fields.iter().copied();
    fields.partition(|field| argument(&field.ty, "Option").is_some())
}

/// Writes the constructor of a request, and a setter for each optional member.
pub fn request(name: &Ident, fields: &[&Field]) -> Item {
    let (optional, required) = by_need(fields);
    let documentation = "Makes a request with its required members. The optional ones are not sent unless they are set.";
    let taken = required.iter().map(|field| taken(&field.ty, &field.ident));
    let new = new(documentation, &required, &optional, taken.unzip());
    let setters = optional.iter().map(|field| setter(field));
    parse_quote!(impl #name { #new #(#setters)* })
}

/// Writes a constructor, given the type of each argument and the value that is made of it.
fn new(
    documentation: &str,
    required: &[&Field],
    optional: &[&Field],
    (types, values): (Vec<TokenStream>, Vec<TokenStream>),
) -> TokenStream {
    let names: Vec<_> = required.iter().map(|field| &field.ident).collect();
    let others = optional.iter().map(|field| &field.ident);
    quote! {
        #[doc = #documentation]
        #[must_use]
        #[allow(clippy::new_without_default)]
        pub fn new(#(#names: #types),*) -> Self {
            Self {
                #(#names: #values,)*
                #(#others: ::std::default::Default::default(),)*
            }
        }
    }
}

fn setter(field: &Field) -> TokenStream {
    let name = &field.ident;
    let words = name.as_ref().map(ToString::to_string).unwrap_or_default();
    let documentation = format!("Sets `{}`.", words.trim_end_matches('_'));
    let described = field
        .attrs
        .iter()
        .filter(|attribute| attribute.path().is_ident("doc"));
    let inside = argument(&field.ty, "Option").unwrap_or(&field.ty);
    let (taken, value) = taken(inside, name);
    quote! {
        #[doc = #documentation]
        #[doc = ""]
        #(#described)*
        #[must_use]
        pub fn #name(mut self, #name: #taken) -> Self {
            self.#name = ::std::option::Option::Some(#value);
            self
        }
    }
}

/// Returns the type of an argument, and the value of the field that is made of it. Texts, secrets and values
/// that may be null are converted.
fn taken(of_field: &Type, name: &Option<Ident>) -> (TokenStream, TokenStream) {
    let converted = ["String", "Secret", "Nullable"];
    match converted
        .iter()
        .any(|converted| is_named(of_field, converted))
    {
        true => (
            quote!(impl ::std::convert::Into<#of_field>),
            quote!(::std::convert::Into::into(#name)),
        ),
        false => (quote!(#of_field), quote!(#name)),
    }
}

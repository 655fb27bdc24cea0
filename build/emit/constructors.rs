//! Constructors and setters of the types that may gain members in a minor version.
//!
//! Answers gain members, and so do requests that have optional members. Both are `#[non_exhaustive]`. A request has a
//! constructor for its required members and a setter for each optional one. A request whose members are all required
//! is written as a literal, because each member more would break its callers in any case.

use proc_macro2::TokenStream;
use quote::quote;
use serde_json::Value;
use syn::{Field, File, Ident, Item, ItemStruct, Type};

use super::super::fault::Fault;
use super::super::schema::{components, items, members, type_of};
use super::super::transform::directions::{received, sent};
use super::source::{add_types, argument, is_named, json_name, parsed, structure, type_name};

/// A type that may gain members.
pub struct Open {
    pub name: String,
    object: Value,
    is_request: bool,
}

impl Open {
    fn requires(&self, name: &str) -> bool {
        items(&self.object, "required").any(|required| required == name)
    }
}

/// Returns the types that may gain members.
pub fn open(prepared: &Value) -> Vec<Open> {
    let (received, sent) = (received(prepared), sent(prepared));
    let schemas = components(prepared).into_iter();
    let objects = schemas.filter(|(_, schema)| type_of(schema) == Some("object"));
    let open = objects.filter_map(|(name, object)| {
        let open = Open {
            is_request: sent.contains(&name),
            name: type_name(&name),
            object,
        };
        let mut members = members(&open.object, "properties");
        let is_open = match open.is_request {
            true => !received.contains(&name) && members.any(|(name, _)| !open.requires(name)),
            false => received.contains(&name),
        };
        drop(members);
        is_open.then_some(open)
    });
    open.collect()
}

/// Adds the constructors and setters to the module `types`.
pub fn add_constructors(prepared: &Value, client: &mut File) -> Result<(), Fault> {
    let mut added = Vec::new();
    for open in open(prepared) {
        if let Some(structure) = structure(client, &open.name) {
            added.extend(constructor(&open, structure)?);
        }
    }
    add_types(client, added);
    Ok(())
}

fn constructor(open: &Open, structure: &ItemStruct) -> Result<Option<Item>, Fault> {
    let is_required = |field: &&Field| json_name(field).is_some_and(|name| open.requires(&name));
    let (required, optional): (Vec<_>, Vec<_>) = structure.fields.iter().partition(is_required);
    match open.is_request {
        true => request(&structure.ident, &required, &optional)
            .map_err(|fault| fault.in_schema(&open.name))
            .map(Some),
        // It has a default.
        false if required.is_empty() => Ok(None),
        false => {
            let documentation =
                "Makes an answer with what it must have and nothing else, for tests.";
            let types = required.iter().map(|field| &field.ty).collect::<Vec<_>>();
            let types = types.iter().map(|of_field| quote!(#of_field)).collect();
            let values = required.iter().map(|field| &field.ident);
            let values = values.map(|name| quote!(#name)).collect();
            let new = new(documentation, &required, &optional, (types, values));
            let name = &structure.ident;
            parsed(quote!(impl #name { #new })).map(Some)
        }
    }
}

/// Writes the constructor of a request, and a setter for each optional member.
pub fn request(name: &Ident, required: &[&Field], optional: &[&Field]) -> Result<Item, Fault> {
    let documentation = "Makes a request with its required members. The optional ones are not sent unless they are set.";
    let taken = required.iter().map(|field| taken(&field.ty, &field.ident));
    let new = new(documentation, required, optional, taken.unzip());
    let setters = optional.iter().map(|field| setter(field));
    let setters: Vec<_> = setters.collect::<Result<_, _>>()?;
    parsed(quote!(impl #name { #new #(#setters)* }))
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

fn setter(field: &Field) -> Result<TokenStream, Fault> {
    let name = &field.ident;
    let json_name = json_name(field).unwrap_or_default();
    if name.as_ref().is_some_and(|name| name == "new") {
        return Err(Fault::new(
            "its member `new` would be set by a method of that name, which is the constructor's",
        )
        .hint("rename the member in the document"));
    }
    let documentation = format!("Sets `{json_name}`.");
    let described = field
        .attrs
        .iter()
        .filter(|attribute| attribute.path().is_ident("doc"));
    let (taken, value) = match argument(&field.ty, "Option") {
        Some(inside) => {
            let (taken, value) = taken(inside, name);
            (taken, quote!(::std::option::Option::Some(#value)))
        }
        None => taken(&field.ty, name),
    };
    Ok(quote! {
        #[doc = #documentation]
        #[doc = ""]
        #(#described)*
        #[must_use]
        pub fn #name(mut self, #name: #taken) -> Self {
            self.#name = #value;
            self
        }
    })
}

/// Returns the type of an argument, and the value of the field that is made of it. Texts, secrets and values that may
/// be null are converted.
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

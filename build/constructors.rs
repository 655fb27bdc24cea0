//! Constructors and setters of the types that may gain members in a minor version.
//!
//! Answers gain members, and so do requests that have optional members. Both are `#[non_exhaustive]`. A request has a
//! constructor for its required members and a setter for each optional one. A request whose members are all required
//! is written as a literal, because each member more would break its callers in any case.

use openapiv3::{ObjectType, OpenAPI, SchemaKind, Type};
use quote::quote;
use syn::{Field, File, Item, ItemStruct};

use super::directions::{received, sent};
use super::fault::Fault;
use super::source::{add_types, argument, is_named, json_name, structure, type_name};

/// Names a type that may gain members.
pub struct Open<'a> {
    pub name: String,
    object: &'a ObjectType,
    is_request: bool,
}

/// Returns the types that may gain members.
pub fn open(prepared: &OpenAPI) -> impl Iterator<Item = Open<'_>> {
    let (received, sent) = (received(prepared), sent(prepared));
    let schemas = prepared
        .components
        .iter()
        .flat_map(|components| &components.schemas);
    schemas.filter_map(move |(name, schema)| {
        let SchemaKind::Type(Type::Object(object)) = &schema.as_item()?.schema_kind else {
            return None;
        };
        let is_request = sent.contains(name);
        let is_open = match is_request {
            true => !received.contains(name) && has_optional(object),
            false => received.contains(name),
        };
        is_open.then(|| Open {
            name: type_name(name),
            object,
            is_request,
        })
    })
}

fn has_optional(object: &ObjectType) -> bool {
    let mut names = object.properties.keys();
    names.any(|name| !object.required.contains(name))
}

/// Adds the constructors and setters to the module `types`.
pub fn add_constructors(prepared: &OpenAPI, client: &mut File) -> Result<(), Fault> {
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
    let is_required = |field: &&Field| {
        let name = json_name(field);
        name.is_some_and(|name| open.object.required.contains(&name))
    };
    let (required, optional): (Vec<_>, Vec<_>) = structure.fields.iter().partition(is_required);
    if required.is_empty() && !open.is_request {
        // It has a default.
        return Ok(None);
    }
    let name = &structure.ident;
    let names: Vec<_> = required.iter().map(|field| &field.ident).collect();
    let others = optional.iter().map(|field| &field.ident);
    let (documentation, setters) = match open.is_request {
        true => (
            "Makes a request with its required members. The optional ones are not sent unless they are set.",
            optional.iter().map(|field| setter(open, field)).collect::<Result<_, _>>()?,
        ),
        false => ("Makes an answer with what it must have and nothing else, for tests.", Vec::new()),
    };
    let (types, values): (Vec<_>, Vec<_>) = required
        .iter()
        .map(|field| match open.is_request {
            true => taken(&field.ty, &field.ident),
            false => given(&field.ty, &field.ident),
        })
        .unzip();
    let block = quote! {
        impl #name {
            #[doc = #documentation]
            #[must_use]
            #[allow(clippy::new_without_default)]
            pub fn new(#(#names: #types),*) -> Self {
                Self {
                    #(#names: #values,)*
                    #(#others: ::std::default::Default::default(),)*
                }
            }
            #(#setters)*
        }
    };
    parsed(block).map(Some)
}

fn setter(open: &Open, field: &Field) -> Result<proc_macro2::TokenStream, Fault> {
    let name = &field.ident;
    let json_name = json_name(field).unwrap_or_default();
    if name.as_ref().is_some_and(|name| name == "new") {
        return Err(Fault::new(
            "its member `new` would be set by a method of that name, which is the constructor's",
        )
        .in_schema(&open.name)
        .mend("rename the member in the document"));
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
fn taken(
    of_field: &syn::Type,
    name: &Option<syn::Ident>,
) -> (proc_macro2::TokenStream, proc_macro2::TokenStream) {
    let is_converted = ["String", "Secret", "Nullable"]
        .iter()
        .any(|converted| is_named(of_field, converted));
    match is_converted {
        true => (
            quote!(impl ::std::convert::Into<#of_field>),
            quote!(::std::convert::Into::into(#name)),
        ),
        false => given(of_field, name),
    }
}

fn given(
    of_field: &syn::Type,
    name: &Option<syn::Ident>,
) -> (proc_macro2::TokenStream, proc_macro2::TokenStream) {
    (quote!(#of_field), quote!(#name))
}

fn parsed(block: proc_macro2::TokenStream) -> Result<Item, Fault> {
    syn::parse2(block).map_err(|error| {
        Fault::new(format!("a constructor does not parse: {error}"))
            .mend("correct build/constructors.rs")
    })
}

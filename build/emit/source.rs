//! Reads generated source as syntax.
//!
//! Generated source contains prose of the document, as documentation. So source is never searched for words: `syn`
//! reads items, and `quote` writes what is added.

use std::collections::BTreeSet;

use heck::ToPascalCase;
use proc_macro2::{Delimiter, Group, Literal, TokenStream, TokenTree};
use quote::quote;
use syn::{
    Field, File, FnArg, GenericArgument, Ident, ImplItem, Item, ItemImpl, ItemStruct, Pat,
    PathArguments, ReturnType, Signature, Type, Visibility,
};

use super::super::fault::Fault;

/// Returns the name of the type that the generator makes of a component.
pub fn type_name(component: &str) -> String {
    let name = component.to_pascal_case();
    match name.starts_with(|first: char| first.is_ascii_digit()) {
        true => format!("X{name}"),
        false => name,
    }
}

/// Makes an identifier of the name.
pub fn ident(name: &str) -> Result<Ident, Fault> {
    syn::parse_str(name).map_err(|_| {
        Fault::new(format!("`{name}` cannot be a name in Rust"))
            .hint("rename it in the document, in letters, digits and `_`")
    })
}

/// Writes a number without the suffix of its type.
pub fn number(number: u16) -> Literal {
    Literal::u16_unsuffixed(number)
}

/// Returns the items of the module `types`.
pub fn types(file: &File) -> &[Item] {
    let modules = file.items.iter().filter_map(|item| match item {
        Item::Mod(module) if module.ident == "types" => module.content.as_ref(),
        _ => None,
    });
    modules.map(|(_, items)| &**items).next().unwrap_or(&[])
}

/// Adds items to the module `types`.
pub fn add_types(file: &mut File, added: Vec<Item>) {
    for item in &mut file.items {
        match item {
            Item::Mod(module) if module.ident == "types" => {
                if let Some((_, items)) = &mut module.content {
                    items.extend(added);
                }
                return;
            }
            _ => {}
        }
    }
}

/// Returns the struct of this name in the module `types`.
pub fn structure<'a>(file: &'a File, name: &str) -> Option<&'a ItemStruct> {
    types(file).iter().find_map(|item| match item {
        Item::Struct(structure) if structure.ident == name => Some(structure),
        _ => None,
    })
}

/// Returns the name that the field has in JSON.
pub fn json_name(field: &Field) -> Option<String> {
    let mut name = field.ident.as_ref().map(ToString::to_string);
    for attribute in &field.attrs {
        if attribute.path().is_ident("serde") {
            // An attribute that does not parse isn't the generator's, so the name stays as it is.
            let _ = attribute.parse_nested_meta(|meta| {
                if meta.input.peek(syn::Token![=]) {
                    let value: syn::Expr = meta.value()?.parse()?;
                    if let (true, syn::Expr::Lit(literal)) = (meta.path.is_ident("rename"), value) {
                        if let syn::Lit::Str(text) = literal.lit {
                            name = Some(text.value());
                        }
                    }
                }
                Ok(())
            });
        }
    }
    name
}

/// Returns the public methods of the client.
pub fn methods(file: &File) -> impl Iterator<Item = &Signature> {
    let of_client = file.items.iter().filter_map(|item| match item {
        Item::Impl(block) if is_client(block) => Some(&block.items),
        _ => None,
    });
    of_client.flatten().filter_map(|item| match item {
        ImplItem::Fn(method) if matches!(method.vis, Visibility::Public(_)) => Some(&method.sig),
        _ => None,
    })
}

/// Tells whether the block has the client's own methods.
pub fn is_client(block: &ItemImpl) -> bool {
    block.trait_.is_none() && is_named(&block.self_ty, "Client")
}

/// Parses an item that was written here.
pub fn parsed(item: TokenStream) -> Result<Item, Fault> {
    syn::parse2(item).map_err(|error| {
        Fault::new(format!(
            "an item that the build adds does not parse: {error}"
        ))
        .hint("correct build/emit/")
    })
}

/// Returns the type in the `ResponseValue` that the method returns.
pub fn answer(method: &Signature) -> Option<&Type> {
    let ReturnType::Type(_, returned) = &method.output else {
        return None;
    };
    argument(argument(returned, "Result")?, "ResponseValue")
}

/// Returns the first argument of a generic type of this name.
pub fn argument<'a>(generic: &'a Type, name: &str) -> Option<&'a Type> {
    let Type::Path(path) = generic else {
        return None;
    };
    let last = path.path.segments.last()?;
    match &last.arguments {
        PathArguments::AngleBracketed(arguments) if last.ident == name => {
            arguments.args.iter().find_map(|argument| match argument {
                GenericArgument::Type(argument) => Some(argument),
                _ => None,
            })
        }
        _ => None,
    }
}

/// Tells whether the last segment of the type's path is this name.
pub fn is_named(named: &Type, name: &str) -> bool {
    matches!(named, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == name))
}

/// Stops the build at two types, members or arguments of one name. rustc would report each use of them.
pub fn check_names(file: &File) -> Result<(), Fault> {
    let mut seen = BTreeSet::new();
    for item in types(file) {
        let (name, parts): (_, Vec<_>) = match item {
            Item::Struct(item) => (
                &item.ident,
                item.fields.iter().flat_map(|field| &field.ident).collect(),
            ),
            Item::Enum(item) => (
                &item.ident,
                item.variants.iter().map(|variant| &variant.ident).collect(),
            ),
            _ => continue,
        };
        if !seen.insert(name) {
            return Err(Fault::new("the generator makes two types of this name")
                .in_schema(&name.to_string())
                .hint("rename the schema, or what stands inside it"));
        }
        if let Some(part) = twice(parts) {
            return Err(
                Fault::new(format!("the generator makes two members `{part}`"))
                    .in_schema(&name.to_string())
                    .hint("rename one of them in the document"),
            );
        }
    }
    for method in methods(file) {
        let arguments = method.inputs.iter().filter_map(|argument| match argument {
            FnArg::Typed(argument) => match &*argument.pat {
                Pat::Ident(name) => Some(&name.ident),
                _ => None,
            },
            FnArg::Receiver(_) => None,
        });
        // The generator has a variable of this name.
        let own = ident("header_map")?;
        if let Some(name) = twice(arguments.chain([&own])) {
            return Err(Fault::new(format!(
                "the method `{}` would have two arguments `{name}`",
                method.ident
            ))
            .hint("rename the parameter in the document"));
        }
    }
    Ok(())
}

fn twice<'a>(names: impl IntoIterator<Item = &'a Ident>) -> Option<&'a Ident> {
    let mut seen = BTreeSet::new();
    names.into_iter().find(|name| !seen.insert(*name))
}

/// Hides documentation from rustdoc's search for tests. An example in a document's prose is untrusted code, and
/// `cargo test` would run it.
pub fn without_doctests(source: TokenStream) -> TokenStream {
    let mut hash = false;
    source
        .into_iter()
        .map(|token| match token {
            TokenTree::Group(group) => {
                let inside = match hash && is_documentation(&group) {
                    true => {
                        let documentation = group.stream();
                        quote!(cfg_attr(not(doctest), #documentation))
                    }
                    false => without_doctests(group.stream()),
                };
                hash = false;
                TokenTree::Group(Group::new(group.delimiter(), inside))
            }
            other => {
                let sign = match &other {
                    TokenTree::Punct(punct) => Some(punct.as_char()),
                    _ => None,
                };
                hash = sign == Some('#') || hash && sign == Some('!');
                other
            }
        })
        .collect()
}

fn is_documentation(attribute: &Group) -> bool {
    let first = attribute.stream().into_iter().next();
    attribute.delimiter() == Delimiter::Bracket
        && matches!(first, Some(TokenTree::Ident(name)) if name == "doc")
}

//! Reads generated source as syntax.
//!
//! Generated source contains prose of the document, as documentation. So source is never searched for words:
//! `syn` reads items, and `quote` writes what is added.

use heck::ToPascalCase;
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::quote;
use syn::{
    File, GenericArgument, Ident, ImplItem, Item, ItemImpl, PathArguments, ReturnType, Signature,
    Type, Visibility,
};

use super::super::fault::Fault;

/// Returns the name of the type that the generator makes of a component, or of the variant of a value.
pub fn type_name(name: &str) -> String {
    let name = name.to_pascal_case();
    match name.starts_with(char::is_alphabetic) {
        true => name,
        false => format!("X{name}"),
    }
}

/// Makes an identifier of the name.
pub fn ident(name: &str) -> Result<Ident, Fault> {
    syn::parse_str(name).map_err(|_| {
        Fault::new(format!("`{name}` cannot be a name in Rust"))
            .hint("rename it in the document, in letters, digits and `_`")
    })
}

/// Returns the items of the module `types`.
pub fn types(file: &mut File) -> Option<&mut Vec<Item>> {
    file.items.iter_mut().find_map(|item| match item {
        Item::Mod(module) if module.ident == "types" => {
            module.content.as_mut().map(|(_, items)| items)
        }
        _ => None,
    })
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

/// Hides documentation from rustdoc's search for tests. An example in a document's prose is untrusted code,
/// and `cargo test` would run it.
pub fn without_doctests(source: TokenStream) -> TokenStream {
    let tokens = source.into_iter().map(|token| match token {
        TokenTree::Group(group) => {
            let inside = match is_documentation(&group) {
                true => {
                    let documentation = group.stream();
                    quote!(cfg_attr(not(doctest), #documentation))
                }
                false => without_doctests(group.stream()),
            };
            Group::new(group.delimiter(), inside).into()
        }
        other => other,
    });
    tokens.collect()
}

fn is_documentation(group: &Group) -> bool {
    let mut tokens = group.stream().into_iter();
    group.delimiter() == Delimiter::Bracket
        && matches!(tokens.next(), Some(TokenTree::Ident(name)) if name == "doc")
        && matches!(tokens.next(), Some(TokenTree::Punct(sign)) if sign.as_char() == '=')
}

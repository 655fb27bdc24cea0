//! What the generator makes of two editions, item by item: the last word on whether a change can be seen
//! in Rust.

use std::collections::{BTreeMap, BTreeSet};

use quote::ToTokens;
use syn::{Attribute, Fields, Item};

use super::changes::Change;
use super::steps::emit::source::methods;
use super::verdict::Verdict;

/// Returns the differences between two generated sources that no change above documentation speaks of.
pub fn unjudged(old: &str, new: &str, changes: &[Change]) -> Vec<Change> {
    let (old, new) = match (items(old), items(new)) {
        (Ok(old), Ok(new)) => (old, new),
        (Err(error), _) | (_, Err(error)) => {
            return vec![Change {
                verdict: Verdict::Breaking,
                place: vec!["generated source".to_owned()],
                what: format!("does not parse: {error}"),
            }]
        }
    };
    let judged: BTreeSet<_> = changes
        .iter()
        .filter(|change| change.verdict > Verdict::Documentation)
        .filter_map(|change| change.place.first())
        .map(|whole| name(whole))
        .collect();
    let names: BTreeSet<_> = old.keys().chain(new.keys()).collect();
    names
        .into_iter()
        .filter(|item| old.get(*item) != new.get(*item))
        .filter(|item| {
            // The arguments of an operation may be a type of their own.
            let name = name(item);
            let operation = name.strip_suffix("request");
            !judged.contains(&name)
                && !operation.is_some_and(|operation| judged.contains(operation))
        })
        .map(|item| Change {
            verdict: Verdict::Breaking,
            place: vec![item.clone()],
            what: "is generated in another form".to_owned(),
        })
        .collect()
}

/// A name as documents and Rust both have it.
fn name(item: &str) -> String {
    let name = item.rsplit(' ').next().unwrap_or_default();
    name.replace('_', "").to_lowercase()
}

/// Returns each type and each method, with its definition.
fn items(source: &str) -> syn::Result<BTreeMap<String, String>> {
    let file = syn::parse_file(source)?;
    let mut items = BTreeMap::new();
    collect_types(&file.items, &mut items);
    for method in methods(&file) {
        let signature = method.to_token_stream().to_string();
        items.insert(format!("operation {}", method.ident), signature);
    }
    Ok(items)
}

fn collect_types(of_module: &[Item], found: &mut BTreeMap<String, String>) {
    for item in of_module {
        let mut item = item.clone();
        let name = match &mut item {
            Item::Struct(item) => {
                undocument(&mut item.attrs);
                undocument_fields(&mut item.fields);
                item.ident.to_string()
            }
            Item::Enum(item) => {
                undocument(&mut item.attrs);
                for variant in &mut item.variants {
                    undocument(&mut variant.attrs);
                    undocument_fields(&mut variant.fields);
                }
                item.ident.to_string()
            }
            Item::Mod(module) => {
                let items = module.content.as_ref().map(|(_, items)| items);
                collect_types(items.map_or(&[], Vec::as_slice), found);
                continue;
            }
            _ => continue,
        };
        let definition = item.to_token_stream().to_string();
        found.insert(format!("type {name}"), definition);
    }
}

fn undocument_fields(fields: &mut Fields) {
    for field in fields {
        undocument(&mut field.attrs);
    }
}

/// Removes documentation. It is in a `cfg_attr`: see `without_doctests`.
fn undocument(attributes: &mut Vec<Attribute>) {
    attributes.retain(|attribute| {
        let path = attribute.path();
        !path.is_ident("doc") && !path.is_ident("cfg_attr")
    });
}

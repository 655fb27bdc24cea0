//! What the generator makes of two editions, item by item: the last word on whether a change can be seen
//! in Rust.

use std::collections::{BTreeMap, BTreeSet};

use quote::ToTokens;
use syn::{Attribute, Fields, Item};

use super::changes::Change;
use super::steps::source::{methods, types};
use super::verdict::Verdict;

/// The differences between two generated sources that no change above documentation speaks of.
pub fn unjudged(old: &str, new: &str, changes: &[Change]) -> Result<Vec<Change>, String> {
    let (old, new) = (items(old)?, items(new)?);
    let judged: BTreeSet<_> = changes
        .iter()
        .filter(|change| change.verdict > Verdict::Documentation)
        .filter_map(|change| change.place.first())
        .map(|whole| name(whole))
        .collect();
    let names: BTreeSet<_> = old.keys().chain(new.keys()).collect();
    let unjudged = names
        .into_iter()
        .filter(|item| old.get(*item) != new.get(*item))
        .filter(|item| !judged.contains(&name(item)))
        .map(|item| Change {
            verdict: Verdict::Breaking,
            place: vec![item.clone()],
            what: "is generated in another form".to_owned(),
        });
    Ok(unjudged.collect())
}

/// A name as documents and Rust both have it.
fn name(item: &str) -> String {
    let name = item.rsplit(' ').next().unwrap_or_default();
    name.replace('_', "").to_lowercase()
}

/// Each type and each method, with its definition.
fn items(source: &str) -> Result<BTreeMap<String, String>, String> {
    let file = syn::parse_file(source)
        .map_err(|error| format!("the generated source does not parse: {error}"))?;
    let mut items = BTreeMap::new();
    for item in types(&file) {
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
            _ => continue,
        };
        let definition = item.to_token_stream().to_string();
        items.insert(format!("type {name}"), definition);
    }
    for method in methods(&file) {
        let signature = method.to_token_stream().to_string();
        items.insert(format!("operation {}", method.ident), signature);
    }
    Ok(items)
}

fn undocument_fields(fields: &mut Fields) {
    for field in fields {
        undocument(&mut field.attrs);
    }
}

/// Documentation stands in a `cfg_attr`: see `without_doctests`.
fn undocument(attributes: &mut Vec<Attribute>) {
    attributes.retain(|attribute| !attribute.path().is_ident("cfg_attr"));
}

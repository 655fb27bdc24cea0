//! Compares the generated source of two editions item by item, as the final check for changes that Rust code can see.

use std::collections::{BTreeMap, BTreeSet};

use quote::ToTokens;
use syn::{Attribute, Fields, ImplItem, Item, Type, Visibility};

use super::changes::Change;
use super::verdict::Verdict;

/// Returns the differences between two generated sources that no change explains.
///
/// A change of documentation, of a credential or of an error explains nothing, because no method or type is generated
/// from these.
pub fn unexplained(old: &str, new: &str, changes: &[Change]) -> Vec<Change> {
    let breaking = |item: &str, what: String| Change {
        verdict: Verdict::Breaking,
        place: vec![item.to_owned()],
        what,
    };
    let (old, new) = match (items(old), items(new)) {
        (Ok(old), Ok(new)) => (old, new),
        (Err(error), _) | (_, Err(error)) => {
            return vec![breaking(
                "generated source",
                format!("doesn't parse: {error}"),
            )]
        }
    };
    let mut explained = BTreeSet::new();
    for change in changes {
        if change.verdict > Verdict::Documentation && change.is_about_source() {
            let key = change.place.first().map(|whole| key(whole));
            explained.extend(key.into_iter().flat_map(|key| {
                // An operation of many arguments takes them as one struct.
                let request = key.strip_prefix("operation ");
                let request = request.map(|name| format!("type {name}request"));
                [Some(key.clone()), request].into_iter().flatten()
            }));
        }
    }
    let names: BTreeSet<_> = old.keys().chain(new.keys()).collect();
    let differ = names
        .into_iter()
        .filter(|item| old.get(*item) != new.get(*item));
    differ
        .filter(|item| !explained.contains(&key(item)))
        .map(|item| breaking(item, "is generated in another form".to_owned()))
        .collect()
}

/// Returns the kind of an item and its name, spelled alike for documents and for Rust.
fn key(item: &str) -> String {
    item.replace('_', "").to_lowercase()
}

/// Returns the definition of each type, and the signature of each public method of the client.
fn items(source: &str) -> syn::Result<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    collect(syn::parse_file(source)?.items, &mut found);
    Ok(found)
}

fn collect(items: Vec<Item>, found: &mut BTreeMap<String, String>) {
    for mut item in items {
        let name = match &mut item {
            Item::Struct(item) => {
                undocument(&mut item.attrs, &mut item.fields);
                item.ident.to_string()
            }
            Item::Enum(item) => {
                undocument(&mut item.attrs, &mut Fields::Unit);
                for variant in &mut item.variants {
                    undocument(&mut variant.attrs, &mut variant.fields);
                }
                item.ident.to_string()
            }
            Item::Mod(module) => {
                let items = module.content.take().map(|(_, items)| items);
                collect(items.unwrap_or_default(), found);
                continue;
            }
            Item::Impl(block) if block.trait_.is_none() && is_client(&block.self_ty) => {
                for method in &block.items {
                    if let ImplItem::Fn(method) = method {
                        if matches!(method.vis, Visibility::Public(_)) {
                            let signature = method.sig.to_token_stream().to_string();
                            found.insert(format!("operation {}", method.sig.ident), signature);
                        }
                    }
                }
                continue;
            }
            _ => continue,
        };
        found.insert(format!("type {name}"), item.to_token_stream().to_string());
    }
}

fn is_client(of: &Type) -> bool {
    matches!(of, Type::Path(path) if path.path.is_ident("Client"))
}

/// Removes documentation from an item and its fields. The build wraps it in `cfg_attr` to hide it from rustdoc's search
/// for tests.
fn undocument(attributes: &mut Vec<Attribute>, fields: &mut Fields) {
    let of_fields = fields.iter_mut().map(|field| &mut field.attrs);
    for attributes in of_fields.chain([attributes]) {
        attributes.retain(|attribute| {
            let path = attribute.path();
            !path.is_ident("doc") && !path.is_ident("cfg_attr")
        });
    }
}

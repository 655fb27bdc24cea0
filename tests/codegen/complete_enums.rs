//! Public enums may gain variants in a minor version, except those that are complete.

use syn::{Attribute, File, Item, ItemEnum, Visibility};

use crate::layers::sources;

/// The enums that a `match` can name every variant of. README.md names them too.
const COMPLETE: [&str; 3] = ["Nullable", "SwapError", "Outcome"];

fn is_complete(of: &ItemEnum) -> bool {
    let is_non_exhaustive = |it: &Attribute| it.path().is_ident("non_exhaustive");
    let is_public = matches!(of.vis, Visibility::Public(_));
    is_public && !of.variants.is_empty() && !of.attrs.iter().any(is_non_exhaustive)
}

#[test]
fn every_public_enum_may_gain_variants_except_those_that_are_complete() {
    let mut found = Vec::new();
    for tokens in sources().into_values() {
        let file: File = syn::parse2(tokens).unwrap();
        found.extend(file.items.into_iter().filter_map(|item| match item {
            Item::Enum(it) if is_complete(&it) => Some(it.ident.to_string()),
            _ => None,
        }));
    }
    assert_eq!(found, COMPLETE);
}

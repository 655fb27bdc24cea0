//! Every public error type of this crate has sentences in a file that a test compares them with.

use std::collections::BTreeSet;
use std::fs;

use proc_macro2::TokenStream;
use syn::punctuated::Punctuated;
use syn::{Attribute, File, Item, Path, Token, Type, Visibility};

use crate::layers::{generated, sources};

/// The files of the sentences. Each line begins with the type and a comma.
const RECORDED: [&str; 2] = ["client/sentences.txt", "rotate/sentences.txt"];

const NOT_RECORDED: [&str; 2] = [
    // A report of several lines, which `rotate/store_contract.rs` compares.
    "BrokenPromise",
    // Only an operating system without random bytes makes one.
    "RandomnessError",
];

#[test]
fn every_public_error_type_has_a_recorded_sentence() {
    let files = sources().into_iter().chain(generated());
    let types = files.flat_map(|(_, tokens)| error_types(tokens));
    let expected = BTreeSet::from_iter(types);
    let mut recorded = BTreeSet::from(NOT_RECORDED.map(str::to_owned));
    for file in RECORDED {
        let path = format!("{}/tests/{file}", env!("CARGO_MANIFEST_DIR"));
        let lines = fs::read_to_string(path).unwrap();
        let types = lines.lines().filter_map(|line| line.split_once(','));
        recorded.extend(types.map(|(name, _)| name.to_owned()));
    }
    assert_eq!(recorded, expected);
}

/// Returns the public types of a file that are errors.
fn error_types(tokens: TokenStream) -> BTreeSet<String> {
    let file: File = syn::parse2(tokens).unwrap();
    let (mut public, mut errors) = (BTreeSet::new(), BTreeSet::new());
    find(&file.items, &mut public, &mut errors);
    &public & &errors
}

fn find(items: &[Item], public: &mut BTreeSet<String>, errors: &mut BTreeSet<String>) {
    for item in items {
        let (name, visibility, attributes) = match item {
            Item::Enum(it) => (it.ident.to_string(), &it.vis, &it.attrs),
            Item::Struct(it) => (it.ident.to_string(), &it.vis, &it.attrs),
            Item::Impl(it) => {
                let is_error = it.trait_.as_ref().is_some_and(|it| is_error(&it.0));
                if let (true, Type::Path(of)) = (is_error, &*it.self_ty) {
                    errors.extend(of.path.segments.last().map(|it| it.ident.to_string()));
                }
                continue;
            }
            Item::Mod(it) => {
                if let Some((_, items)) = &it.content {
                    find(items, public, errors);
                }
                continue;
            }
            _ => continue,
        };
        if matches!(visibility, Visibility::Public(_)) {
            public.insert(name.clone());
        }
        if attributes.iter().any(derives_error) {
            errors.insert(name);
        }
    }
}

fn derives_error(attribute: &Attribute) -> bool {
    let parse = Punctuated::<Path, Token![,]>::parse_terminated;
    let derived = attribute.parse_args_with(parse);
    attribute.path().is_ident("derive") && derived.unwrap().iter().any(is_error)
}

fn is_error(path: &Path) -> bool {
    path.segments.last().is_some_and(|it| it.ident == "Error")
}

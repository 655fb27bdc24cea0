//! The modules of `src` lie in layers, and each imports only from the layers below its own.
//!
//! Paths are read from tokens, so neither comments nor strings count. Generated source is read too.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};

use crate::document::steps;
use crate::document::steps::documents::DOCUMENTS;
use crate::document::steps::emit::generate::Options;

/// The layers of the crate, from top to bottom. Modules of one layer don't import each other.
const CRATE: &[&[&str]] = &[
    &["docs"],
    &["testing"],
    &["rotate"],
    &["pandadoc", "ratepay"],
    &["verify"],
    &["runtime"],
    &["auth"],
    &["nullable", "parse_error", "secret", "webhook_url"],
];

/// The layers of the runtime, from top to bottom.
const RUNTIME: &[&[&str]] = &[
    &["progenitor_client"],
    &["call"],
    &["client"],
    &["error"],
    &["exchange"],
];

/// The layers of `testing`, from top to bottom.
const TESTING: &[&[&str]] = &[
    &["memory_store", "mock", "simulator", "store_contract"],
    &["admin"],
    &["providers"],
    &["deliveries"],
    &["faults"],
    &["clock", "history", "operation", "tasks"],
    &["lock"],
];

/// A module, by the names on the way to it from the crate.
pub type Module = Vec<String>;

/// Every file of `src` as a module, with its tokens.
pub fn sources() -> BTreeMap<Module, TokenStream> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = BTreeMap::new();
    collect(&root, &mut Vec::new(), &mut files);
    let read = |(module, file): (Module, PathBuf)| {
        let tokens = fs::read_to_string(file).unwrap().parse().unwrap();
        (module, tokens)
    };
    files.into_iter().map(read).collect()
}

/// Every file of `src` as a module, with the paths in it, resolved to start at the crate.
fn modules() -> BTreeMap<Module, BTreeSet<Module>> {
    let sources = sources();
    let names: BTreeSet<Module> = sources.keys().cloned().collect();
    let read = |(module, tokens): (Module, TokenStream)| {
        let mut paths = BTreeSet::new();
        find_paths(tokens, &module, &names, &mut paths);
        (module, paths)
    };
    let mut modules: BTreeMap<_, _> = sources.into_iter().map(read).collect();
    for (module, tokens) in generated() {
        let paths = modules.entry(module.clone()).or_default();
        find_paths(tokens, &module, &names, paths);
    }
    modules
}

/// The generated sources, each with the module that includes it.
pub fn generated() -> Vec<(Module, TokenStream)> {
    let mut found = Vec::new();
    for document in DOCUMENTS {
        let sources = steps::sources(&document, &Options::default()).unwrap();
        let module = |before: &str, after: &str| {
            let path = format!("{before}{}{after}", document.module);
            path.split("::").map(str::to_owned).collect()
        };
        let client = sources.client.parse().unwrap();
        found.push((module("", "::generated"), client));
        let mocks = sources.mocks.parse().unwrap();
        found.push((module("testing::mock::", ""), mocks));
    }
    found
}

fn collect(folder: &Path, module: &mut Module, files: &mut BTreeMap<Module, PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            module.push(name);
            collect(&path, module, files);
            module.pop();
        } else if path.extension().is_none_or(|it| it != "rs") {
            // A page or a document that the module beside it includes.
        } else if ["lib", "mod"].contains(&&*name) {
            files.insert(module.clone(), path);
        } else {
            files.insert([module.as_slice(), &[name]].concat(), path);
        }
    }
}

/// Finds the paths in these tokens that start with `crate`, `self`, `super` or a module of this module's own.
fn find_paths(
    tokens: TokenStream,
    module: &Module,
    modules: &BTreeSet<Module>,
    paths: &mut BTreeSet<Module>,
) {
    let tokens = Vec::from_iter(tokens);
    let mut index = 0;
    while index < tokens.len() {
        // A module inside a file is another one to `super`.
        if let [TokenTree::Ident(word), TokenTree::Ident(name), TokenTree::Group(group), ..] =
            &tokens[index..]
        {
            if word == "mod" {
                let inner = [module.as_slice(), &[name.to_string()]].concat();
                find_paths(group.stream(), &inner, modules, paths);
                index += 3;
                continue;
            }
        }
        match &tokens[index] {
            TokenTree::Group(group) => find_paths(group.stream(), module, modules, paths),
            TokenTree::Ident(first) if is_start(&tokens, index) => {
                let first = first.to_string();
                let child = [module.as_slice(), std::slice::from_ref(&first)].concat();
                let start = match &*first {
                    "crate" => Some(Vec::new()),
                    "self" => Some(module.clone()),
                    "super" => Some(parent(module)),
                    _ if modules.contains(&child) => Some(child),
                    _ => None,
                };
                if let Some(start) = start {
                    follow(start, &tokens[index + 1..], paths);
                }
            }
            _ => {}
        }
        index += 1;
    }
}

/// Tells whether the identifier here is the first of a path with more than one.
fn is_start(tokens: &[TokenTree], index: usize) -> bool {
    let is_colon = |token: Option<&TokenTree>| matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == ':');
    let before = index.checked_sub(1).and_then(|index| tokens.get(index));
    let double_before = is_colon(before) && index > 1 && is_colon(tokens.get(index - 2));
    !double_before && is_colon(tokens.get(index + 1)) && is_colon(tokens.get(index + 2))
}

/// Adds what a path leads to, given the tokens behind its start.
fn follow(mut path: Module, tokens: &[TokenTree], paths: &mut BTreeSet<Module>) {
    match tokens {
        [TokenTree::Punct(_), TokenTree::Punct(_), TokenTree::Ident(name), rest @ ..] => {
            match &*name.to_string() {
                "super" => path = parent(&path),
                name => path.push(name.to_owned()),
            }
            follow(path, rest, paths);
        }
        [TokenTree::Punct(_), TokenTree::Punct(_), TokenTree::Group(group), ..] => {
            let tokens = Vec::from_iter(group.stream());
            for (index, token) in tokens.iter().enumerate() {
                let is_first = match index.checked_sub(1).map(|before| &tokens[before]) {
                    None => true,
                    Some(TokenTree::Punct(punct)) => punct.as_char() == ',',
                    Some(_) => false,
                };
                if let (true, TokenTree::Ident(name)) = (is_first, token) {
                    let path = match &*name.to_string() {
                        "self" => path.clone(),
                        name => [path.as_slice(), &[name.to_owned()]].concat(),
                    };
                    follow(path, &tokens[index + 1..], paths);
                }
            }
        }
        _ => {
            paths.insert(path);
        }
    }
}

fn parent(module: &Module) -> Module {
    module[..module.len().saturating_sub(1)].to_vec()
}

/// Returns each import from a layer that isn't below: `importing -> imported`.
fn upward(layers: &[&[&str]], depth: usize, inside: &[&str]) -> Vec<String> {
    let layer_of = |module: &Module| {
        let name = module.get(depth)?;
        let is_inside = module.iter().zip(inside).all(|(a, b)| a == b);
        let layer = layers.iter().position(|layer| layer.contains(&&**name))?;
        is_inside.then_some((name.clone(), layer))
    };
    let mut found = Vec::new();
    for (module, paths) in modules() {
        let Some((name, layer)) = layer_of(&module) else {
            continue;
        };
        for path in paths {
            if let Some((imported, below)) = layer_of(&path) {
                if imported != name && below <= layer {
                    found.push(format!("{} -> {}", module.join("::"), path.join("::")));
                }
            }
        }
    }
    found
}

#[test]
fn a_module_imports_only_from_the_layers_below() {
    assert_eq!(upward(CRATE, 0, &[]), [""; 0]);
}

#[test]
fn a_folder_of_the_runtime_imports_only_from_the_folders_below() {
    assert_eq!(upward(RUNTIME, 1, &["runtime"]), [""; 0]);
}

#[test]
fn a_folder_of_the_simulator_imports_only_from_the_folders_below() {
    assert_eq!(upward(TESTING, 1, &["testing"]), [""; 0]);
}

#[test]
fn every_module_has_a_layer() {
    let modules = modules().into_keys();
    let top = modules.filter_map(|module| module.into_iter().next());
    let top: BTreeSet<String> = top.collect();
    let layers = CRATE.concat().into_iter().map(str::to_owned).collect();
    assert_eq!(top, layers);
}

#[test]
fn no_two_files_import_each_other() {
    // Each file imports the files to which its paths lead: the longest part of a path that is a file.
    let modules = modules();
    let file_of = |path: &Module| {
        let mut path = path.clone();
        while !modules.contains_key(&path) {
            path.pop();
        }
        path
    };
    let imports = |module: &Module| -> Vec<Module> {
        let files = modules[module].iter().map(file_of);
        files
            .filter(|file| file != module && !file.is_empty())
            .collect()
    };
    // A file that only removed files import is in no circle.
    let mut left: BTreeMap<Module, Vec<Module>> = modules
        .keys()
        .map(|module| (module.clone(), imports(module)))
        .collect();
    loop {
        let ends = left.iter().filter(|(_, imports)| {
            let mut imports = imports.iter();
            !imports.any(|import| left.contains_key(import))
        });
        let ends: Vec<Module> = ends.map(|(module, _)| module.clone()).collect();
        if ends.is_empty() {
            break;
        }
        left.retain(|module, _| !ends.contains(module));
    }
    let circle: Vec<String> = left.keys().map(|module| module.join("::")).collect();
    assert_eq!(circle, [""; 0]);
}

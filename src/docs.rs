//! The guides of this crate, as modules without code.
//!
//! The guides are files of the repository, most of them in the folder `docs`, so their examples are tested with the
//! crate. A file links to another one by its name, which a repository page follows. Rustdoc takes the first
//! definition of a link, so `docs/rustdoc-links.md` comes before each file and links to the modules instead. Rustdoc
//! doesn't copy pictures, so the build script writes definitions that hold them.

#[doc = include_str!("../docs/rustdoc-links.md")]
#[doc = include_str!("../docs/calls.md")]
pub mod calls {}

#[doc = include_str!("../docs/rustdoc-links.md")]
#[doc = include_str!("../docs/tokens.md")]
pub mod tokens {}

// The server in this guide needs both features.
#[cfg(any(not(doctest), all(feature = "rotate", feature = "tower")))]
#[doc = include_str!("../docs/rustdoc-links.md")]
#[cfg_attr(doc, doc = include_str!(concat!(env!("OUT_DIR"), "/pictures.md")))]
#[doc = include_str!("../docs/rotation.md")]
pub mod rotation {}

#[doc = include_str!("../docs/rustdoc-links.md")]
#[doc = include_str!("../docs/stores.md")]
pub mod stores {}

#[doc = include_str!("../docs/rustdoc-links.md")]
#[doc = include_str!("../docs/fleet.md")]
pub mod fleet {}

// The server in this guide needs the feature.
#[cfg(any(not(doctest), feature = "tower"))]
#[doc = include_str!("../docs/rustdoc-links.md")]
#[doc = include_str!("../docs/verification.md")]
pub mod verification {}

#[doc = include_str!("../docs/rustdoc-links.md")]
#[doc = include_str!("../docs/testing.md")]
pub mod testing {}

#[doc = include_str!("../docs/rustdoc-links.md")]
#[doc = include_str!("../docs/simulator.md")]
pub mod simulator {}

#[doc = include_str!("../docs/rustdoc-links.md")]
#[doc = include_str!("../docs/tracing.md")]
pub mod tracing {}

#[doc = include_str!("../docs/rustdoc-links.md")]
#[cfg_attr(doc, doc = include_str!(concat!(env!("OUT_DIR"), "/pictures.md")))]
#[doc = include_str!("../docs/performance.md")]
pub mod performance {}

#[doc = include_str!("../docs/rustdoc-links.md")]
#[doc = include_str!("../docs/updating-specs.md")]
pub mod updating_specs {}

#[doc = include_str!("../docs/rustdoc-links.md")]
#[doc = include_str!("../docs/design.md")]
pub mod design {}

#[doc = include_str!("../docs/rustdoc-links.md")]
#[doc = include_str!("../docs/comparison.md")]
pub mod comparison {}

#[doc = include_str!("../docs/rustdoc-links.md")]
#[doc = include_str!("../SECURITY.md")]
pub mod security {}

#[doc = include_str!("../docs/rustdoc-links.md")]
#[doc = include_str!("../CHANGELOG.md")]
pub mod changelog {}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;
    use std::path::{Path, PathBuf};

    /// The links of a file, by their labels.
    fn links(file: &Path) -> BTreeMap<String, String> {
        let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{file:?}: {error}"));
        let definitions = text.lines().filter_map(|line| {
            let (label, target) = line.strip_prefix('[')?.split_once("]: ")?;
            Some((label.to_owned(), target.to_owned()))
        });
        definitions.collect()
    }

    fn root() -> &'static Path {
        Path::new(env!("CARGO_MANIFEST_DIR"))
    }

    /// The links from one file of the repository to another: the file, the label and the target.
    fn links_to_files() -> Vec<(PathBuf, String, String)> {
        let pages = fs::read_dir(root().join("docs")).unwrap_or_else(|error| panic!("{error}"));
        let pages = pages.map(|page| page.unwrap_or_else(|error| panic!("{error}")).path());
        let files = ["README.md", "SECURITY.md", "CHANGELOG.md"].map(|file| root().join(file));
        let files = pages.chain(files);
        let files = files.filter(|file| !file.ends_with("rustdoc-links.md"));
        let links = files.flat_map(|file| {
            let links = links(&file).into_iter();
            links.map(move |(label, target)| (file.clone(), label, target))
        });
        let links = links.filter(|(_, _, target)| !target.contains("://"));
        links.collect()
    }

    #[test]
    fn every_link_to_a_file_leads_to_one() {
        for (file, label, target) in links_to_files() {
            let path = target.split('#').next().unwrap_or_default();
            let target = file.parent().unwrap_or(root()).join(path);
            assert!(target.is_file(), "[{label}] in {file:?}: no {target:?}");
        }
    }

    #[test]
    fn every_link_to_a_file_leads_to_a_module_in_rustdoc() {
        let mut in_rustdoc = links(&root().join("docs/rustdoc-links.md"));
        in_rustdoc.extend(links(Path::new(concat!(env!("OUT_DIR"), "/pictures.md"))));
        for (file, label, _) in links_to_files() {
            let known = in_rustdoc.contains_key(&label);
            assert!(
                known,
                "[{label}] of {file:?}: add it to docs/rustdoc-links.md"
            );
        }
    }
}

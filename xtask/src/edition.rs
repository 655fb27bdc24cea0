//! Compares a new edition of a document with the one in `specs/`, and installs it.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::changes::{changes, Change};
use super::compile::compile;
use super::generated::unexplained;
use super::generator::{is_yaml, operations, read, source, supplement, Document};
use super::package::{by_hand, documents, replaced_by, write};
use super::printable;
use super::records::{self, Record, PROVENANCE, SURFACE};
use super::surface::Surface;
use super::verdict::Verdict;

/// A new edition of a document of a package.
pub struct Edition {
    root: PathBuf,
    /// The file of the old edition, as a path within the package.
    old: String,
    new: Document,
    versions: [String; 2],
    changes: Vec<Change>,
    /// Operations that only the old edition and the document by hand have.
    withdrawn: Vec<&'static str>,
    /// The error that stops a build with it.
    fault: Option<String>,
}

impl Edition {
    /// Compares the file with the document of this module or, without one, the document that the file is named after.
    pub fn of(root: &Path, file: &str, module: Option<&str>) -> Result<Self, String> {
        let document = replaced_by(root, file, module)?;
        let after = published(file)?;
        let before = published(&document.file)?;
        let versions = [&before, &after].map(|document| printable(&records::version(document)));
        // The document by hand stands in only for what the old edition lacks too. The rest is lost.
        let in_use = document.operations.iter().copied();
        let (had, lacking): (Vec<_>, Vec<_>) = in_use.partition(|id| has(&before, id));
        let withdrawn = had.into_iter().filter(|id| !has(&after, id)).collect();
        let mut changes = changes(
            &surface(before, &document, &lacking).map_err(in_file(&document.file))?,
            &surface(after, &document, &lacking).map_err(in_file(file))?,
        );
        let new = Document {
            file: file.to_owned().into(),
            by_hand: document.by_hand.clone(),
            ..document
        };
        let old_source = source(&document)?;
        let fault = match source(&new) {
            Ok(new_source) => {
                let more = unexplained(&old_source, &new_source, &changes);
                changes.extend(more);
                None
            }
            Err(fault) => Some(printable(&fault)),
        };
        Ok(Self {
            root: root.to_owned(),
            old: within(root, &document.file),
            new,
            versions,
            changes,
            withdrawn,
            fault,
        })
    }

    /// Replaces the old edition, and accepts what that changes. The crate is compiled with the new edition before
    /// any file is written.
    pub fn install(self, from: Option<&str>) -> Result<String, String> {
        let (old, new) = (&self.old, &self.new.file);
        let refused = |reason: &str| format!("{new} wasn't installed: {reason}");
        if let Some(fault) = &self.fault {
            return Err(refused(&format!("it doesn't build: {fault}")));
        }
        let path = Path::new(&**new);
        if is_yaml(path) != is_yaml(Path::new(old)) {
            let reason = format!("one of it and {old} is JSON and the other YAML; convert it");
            return Err(refused(&reason));
        }
        let bytes = fs::read(path).map_err(|error| format!("{new}: {error}"))?;
        let mut records = records::read(&self.root)?;
        let before = records.get(old).map(|record| record.from.clone());
        let origin = from.map(str::to_owned).or(before);
        let origin = origin.ok_or_else(|| format!("{old} has no record; pass `--from URL`"))?;
        records.insert(old.clone(), Record::of(path, &origin)?);
        let mut after = documents(&self.root);
        for document in &mut after {
            if document.module == self.new.module {
                document.file = self.new.file.clone();
            }
        }
        let surface = records::surface(&after)?;
        let records = records::text_of(&records)?;
        compile(&self.root, &self.new, &bytes).map_err(|reason| refused(&reason))?;
        let files = [
            (&**old, &*bytes),
            (SURFACE, surface.as_bytes()),
            (PROVENANCE, records.as_bytes()),
        ];
        write(&self.root, &files)?;
        let kept = if from.is_none() { ", as before" } else { "" };
        Ok(format!(
            "{new} replaced {old}, recorded as from {origin}{kept}"
        ))
    }
}

fn published(file: &str) -> Result<Value, String> {
    read(Path::new(file)).map_err(in_file(file))
}

fn in_file<E: fmt::Display>(file: &str) -> impl Fn(E) -> String + '_ {
    move |fault| format!("{file}: {}", printable(&fault.to_string()))
}

/// Returns the path as seen from the root of the package.
fn within(root: &Path, file: &str) -> String {
    let path = Path::new(file);
    let path = path.strip_prefix(root).unwrap_or(path);
    path.display().to_string()
}

fn has(document: &Value, id: &str) -> bool {
    operations(document).iter().any(|found| found.id() == id)
}

/// Returns the surface of the operations that the document has, with those in `lacking` from the document by hand.
fn surface(mut openapi: Value, document: &Document, lacking: &[&str]) -> Result<Surface, String> {
    if let Some(file) = &document.by_hand {
        supplement(&mut openapi, published(file)?, lacking).map_err(|fault| fault.to_string())?;
    }
    let mut there = document.operations.to_vec();
    there.retain(|id| has(&openapi, id));
    Surface::of(&openapi, &there)
        .and_then(|surface| surface.with_by_hand(&openapi, &by_hand(document)))
        .map_err(|fault| fault.to_string())
}

impl fmt::Display for Edition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [before, after] = &self.versions;
        let (old, new) = (&self.old, &self.new.file);
        writeln!(f, "{old}, version {before}, and {new}, version {after}:\n")?;
        for verdict in [Verdict::Breaking, Verdict::Additive, Verdict::Documentation] {
            let changes = self.changes.iter();
            for change in changes.filter(|change| change.verdict == verdict) {
                writeln!(f, "{change}")?;
            }
        }
        for id in &self.withdrawn {
            if let (None, Some(by_hand)) = (&self.fault, &self.new.by_hand) {
                let by_hand = within(&self.root, by_hand);
                writeln!(f, "\n{id} would come from {by_hand}. If the API no longer has it, remove it from build/documents.rs.")?;
            }
        }
        match self.changes.iter().map(|change| change.verdict).max() {
            None => write!(f, "Nothing changes for this crate.")?,
            Some(verdict) => {
                let version = next_version(verdict);
                write!(f, "\nThe next version of this crate: {version}")?;
            }
        }
        match &self.fault {
            None => Ok(()),
            Some(fault) => write!(f, "\nThe crate doesn't build with it: {fault}"),
        }
    }
}

/// Returns the version after this crate's, by Semantic Versioning as Cargo reads it: a breaking change raises the
/// first number that isn't zero. This tool has the version of the crate.
fn next_version(verdict: Verdict) -> String {
    let number = |text: &str| text.parse::<u64>().unwrap_or_default();
    let major = number(env!("CARGO_PKG_VERSION_MAJOR"));
    let minor = number(env!("CARGO_PKG_VERSION_MINOR"));
    let patch = number(env!("CARGO_PKG_VERSION_PATCH"));
    match (major, verdict) {
        (0, Verdict::Breaking) => format!("0.{}.0", minor + 1),
        (_, Verdict::Breaking) => format!("{}.0.0", major + 1),
        (1.., Verdict::Additive) => format!("{major}.{}.0", minor + 1),
        _ => format!("{major}.{minor}.{}", patch + 1),
    }
}

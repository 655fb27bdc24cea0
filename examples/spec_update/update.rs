//! What a new edition of a document changes, and how it takes the place of the old one.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use openapiv3::OpenAPI;
use serde_json::json;

use super::accepted::{self, SURFACE};
use super::changes::{changes, Change};
use super::check::check;
use super::choice::choose;
use super::generated::unjudged;
use super::package::{by_hand, documents, write};
use super::printable::printable;
use super::provenance::{self, Record};
use super::steps::client;
use super::steps::documents::Document;
use super::steps::emit::generate::Options;
use super::steps::read::{self, is_yaml};
use super::steps::supplement::supplement;
use super::surface::Surface;
use super::verdict::Verdict;

/// A new edition of a document of a package.
pub struct Update {
    root: PathBuf,
    /// The file of the old edition, as a path within the package.
    old: String,
    new: Document,
    versions: [String; 2],
    changes: Vec<Change>,
    /// Operations that only the old edition had, and that the document by hand still has.
    withdrawn: Vec<&'static str>,
    /// Why it does not build as it is.
    fault: Option<String>,
}

impl Update {
    /// Compares the document at `new` with the one of the package at `root` that it is named after.
    pub fn of(root: &Path, new: &str) -> Result<Self, String> {
        Self::of_document(choose(root, new, None)?, root, new)
    }

    /// Compares the document at `new` with this one of the package at `root`.
    pub fn of_document(document: Document, root: &Path, new: &str) -> Result<Self, String> {
        let after = published(new)?;
        let before = published(&document.file)?;
        let versions = [&before, &after].map(|openapi| printable(&openapi.info.version));
        // Only what the old edition lacks too may come from the document by hand: the rest is lost.
        let in_use = document.operations.iter().copied();
        let (had, lacking): (Vec<_>, Vec<_>) = in_use.partition(|id| has(&before, id));
        let withdrawn = had.into_iter().filter(|id| !has(&after, id)).collect();
        let mut changes = changes(
            &surface(before, &document, &lacking).map_err(in_file(&document.file))?,
            &surface(after, &document, &lacking).map_err(in_file(new))?,
        );
        let edition = Document {
            file: new.to_owned().into(),
            by_hand: document.by_hand.clone(),
            ..document
        };
        let old_source = client(&document, &Options::default())?.source;
        let fault = match client(&edition, &Options::default()) {
            Ok(new) => {
                // A line about a credential doesn't explain why a method has another form.
                let mut judged = changes.clone();
                judged.retain(Change::is_about_source);
                changes.extend(unjudged(&old_source, &new.source, &judged));
                None
            }
            Err(fault) => Some(printable(&fault)),
        };
        Ok(Self {
            root: root.to_owned(),
            old: within(root, &document.file),
            new: edition,
            versions,
            changes,
            withdrawn,
            fault,
        })
    }

    /// Puts the new edition in the place of the old one, and accepts what that changes. Nothing is written
    /// before all of it is known, and before this crate was compiled with it.
    pub fn install(self, from: Option<&str>) -> Result<String, String> {
        let (old, new) = (&self.old, &self.new.file);
        if let Some(fault) = &self.fault {
            return Err(format!("{new} stays out, since it does not build: {fault}"));
        }
        if is_yaml(Path::new(&**new)) != is_yaml(Path::new(old)) {
            return Err(format!(
                "{new} stays out, since one of it and {old} is JSON and the other YAML; convert it"
            ));
        }
        let path = Path::new(&**new);
        let bytes = fs::read(path).map_err(|error| format!("{new}: {error}"))?;
        let mut records = provenance::read(&self.root)?;
        let before = records.get(old).map(|record| record.from.clone());
        let source = from.map(str::to_owned).or(before);
        let source = source.ok_or_else(|| format!("{old} has no record; say `--from URL`"))?;
        records.insert(old.clone(), Record::of(path, &source)?);
        let kept = from.is_none();
        let said = format!(
            "{new} is in place of {old}, recorded as from {source}{}",
            if kept { ", as before" } else { "" }
        );
        let mut after = documents(&self.root);
        for document in &mut after {
            if document.module == self.new.module {
                document.file = self.new.file.clone();
            }
        }
        let surface = accepted::surface(&after)?;
        let records = provenance::text(&records)?;
        check(&self.root, &self.new, &bytes)
            .map_err(|reason| format!("{new} stays out, since {reason}"))?;
        let files = [
            (&**old, &*bytes),
            (SURFACE, surface.as_bytes()),
            (provenance::FILE, records.as_bytes()),
        ];
        write(&self.root, &files)?;
        Ok(said)
    }

    /// What users of this crate must be told in the end.
    fn verdict(&self) -> Option<Verdict> {
        self.changes.iter().map(|change| change.verdict).max()
    }
}

fn published(file: &str) -> Result<OpenAPI, String> {
    read::read(Path::new(file))
        .and_then(|document| read::openapi(&document))
        .map_err(in_file(file))
}

fn in_file<E: fmt::Display>(file: &str) -> impl Fn(E) -> String + '_ {
    move |fault| format!("{file}: {}", printable(&fault.to_string()))
}

/// The path as seen from the root of the package.
fn within(root: &Path, file: &str) -> String {
    let path = Path::new(file);
    path.strip_prefix(root)
        .unwrap_or(path)
        .display()
        .to_string()
}

fn has(openapi: &OpenAPI, id: &str) -> bool {
    openapi
        .operations()
        .any(|(_, _, operation)| operation.operation_id.as_deref() == Some(id))
}

/// The surface of the operations that the document has, `lacking` taken from the one by hand.
fn surface(openapi: OpenAPI, document: &Document, lacking: &[&str]) -> Result<Surface, String> {
    let mut completed = json!(openapi);
    if let Some(file) = &document.by_hand {
        let by_hand = json!(published(file)?);
        supplement(&mut completed, &by_hand, lacking).map_err(|fault| fault.to_string())?;
    }
    let openapi = read::openapi(&completed).map_err(|fault| fault.to_string())?;
    let operations = document.operations.iter().copied();
    let there: Vec<_> = operations.filter(|id| has(&openapi, id)).collect();
    Surface::of(&openapi, &there)
        .and_then(|surface| surface.with_by_hand(&openapi, &by_hand(document)))
        .map_err(|fault| fault.to_string())
}

impl fmt::Display for Update {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [before, after] = &self.versions;
        let (old, new) = (&self.old, &self.new.file);
        writeln!(f, "{old}, version {before}, and {new}, version {after}:\n")?;
        for verdict in [Verdict::Breaking, Verdict::Additive, Verdict::Documentation] {
            let of_it = self
                .changes
                .iter()
                .filter(|change| change.verdict == verdict);
            for change in of_it {
                writeln!(f, "{change}")?;
            }
        }
        for id in &self.withdrawn {
            if let (None, Some(by_hand)) = (&self.fault, &self.new.by_hand) {
                let by_hand = within(&self.root, by_hand);
                writeln!(f, "\n{id} would be taken from {by_hand}. If the service no longer has it, take it out of build/documents.rs.")?;
            }
        }
        match self.verdict() {
            None => write!(f, "nothing for this crate")?,
            Some(verdict) => write!(
                f,
                "\nThe next version of this crate: {}",
                next_version(verdict)
            )?,
        }
        match &self.fault {
            None => Ok(()),
            Some(fault) => write!(f, "\nIt does not build as it is: {fault}"),
        }
    }
}

/// The version that follows this crate's, by the rules of Semantic Versioning as Cargo reads them: what
/// breaks raises the first number that is not zero.
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

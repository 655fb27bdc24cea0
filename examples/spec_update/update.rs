//! What a new edition of a document changes, and how it takes the place of the old one.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use openapiv3::OpenAPI;

use super::accepted::accept;
use super::changes::{changes, Change};
use super::package::documents;
use super::provenance;
use super::steps::client;
use super::steps::documents::Document;
use super::steps::generate::Options;
use super::steps::read::read;
use super::steps::supplement::supplement;
use super::surface::Surface;
use super::verdict::Verdict;

/// A new edition of a document of a package.
pub struct Update {
    root: PathBuf,
    old: String,
    new: String,
    versions: [String; 2],
    changes: Vec<Change>,
    /// Why it does not build as it is.
    fault: Option<String>,
}

impl Update {
    /// Compares the document at `new` with the one of the package at `root` that it is an edition of.
    pub fn of(root: &Path, new: &str) -> Result<Self, String> {
        let after = published(new)?;
        let document = edition_of(&after, root)?.ok_or_else(|| {
            format!("{new} has no operation in use; it is another API's document")
        })?;
        let before = published(&document.file)?;
        let versions = [&before, &after].map(|openapi| openapi.info.version.clone());
        // Only what the old edition lacks too may come from the document by hand: the rest is lost.
        let lacking: Vec<_> = document
            .operations
            .iter()
            .filter(|id| !has(&before, id))
            .copied()
            .collect();
        let changes = changes(
            &surface(before, &document, &lacking).map_err(in_file(&document.file))?,
            &surface(after, &document, &lacking).map_err(in_file(new))?,
        );
        let old = document.file.to_string();
        let edition = Document {
            file: new.to_owned().into(),
            ..document
        };
        Ok(Self {
            root: root.to_owned(),
            old,
            new: new.to_owned(),
            versions,
            changes,
            fault: client(&edition, &Options::default()).err(),
        })
    }

    /// Puts the new edition in the place of the old one, and accepts what that changes.
    pub fn install(&self, from: Option<&str>) -> Result<String, String> {
        let Self { new, old, .. } = self;
        if let Some(fault) = &self.fault {
            return Err(format!("{new} stays out, since it does not build: {fault}"));
        }
        if Path::new(new).extension() != Path::new(old).extension() {
            return Err(format!(
                "{new} stays out, since {old} is of another format; convert it"
            ));
        }
        fs::copy(new, old)
            .map_err(|error| format!("{old} cannot be written: {error}; allow writing there"))?;
        let mut records = provenance::read(&self.root)?;
        let file = Path::new(old)
            .strip_prefix(&self.root)
            .unwrap_or(Path::new(old));
        let record = records.get_mut(&*file.to_string_lossy());
        if let (Some(record), Some(from)) = (record, from) {
            record.from = from.to_owned();
        }
        provenance::write(&self.root, &records)?;
        Ok(format!(
            "{new} is in place of {old}; {}",
            accept(&self.root)?
        ))
    }

    /// What users of this crate must be told in the end.
    fn verdict(&self) -> Option<Verdict> {
        self.changes.iter().map(|change| change.verdict).max()
    }
}

fn published(file: &str) -> Result<OpenAPI, String> {
    read(Path::new(file)).map_err(in_file(file))
}

fn in_file<E: fmt::Display>(file: &str) -> impl Fn(E) -> String + '_ {
    move |fault| format!("{file}: {fault}")
}

/// The document of the package that has most in common with this one: operations, or their places.
fn edition_of(openapi: &OpenAPI, root: &Path) -> Result<Option<Document>, String> {
    let mut best = (0, None);
    for document in documents(root) {
        let place = published(&document.file)?;
        let in_use = place.operations().filter(|(_, _, operation)| {
            let id = operation.operation_id.as_deref();
            id.is_some_and(|id| document.operations.contains(&id))
        });
        let common = document
            .operations
            .iter()
            .filter(|id| has(openapi, id))
            .count()
            + in_use
                .filter(|(path, method, _)| {
                    let at = (path, method);
                    openapi
                        .operations()
                        .any(|(path, method, _)| at == (&path, &method))
                })
                .count();
        if common > best.0 {
            best = (common, Some(document));
        }
    }
    Ok(best.1)
}

fn has(openapi: &OpenAPI, id: &str) -> bool {
    openapi
        .operations()
        .any(|(_, _, operation)| operation.operation_id.as_deref() == Some(id))
}

/// The surface of the operations that the document has, `lacking` taken from the one by hand.
fn surface(mut openapi: OpenAPI, document: &Document, lacking: &[&str]) -> Result<Surface, String> {
    if let Some(by_hand) = &document.by_hand {
        supplement(&mut openapi, published(by_hand)?, lacking)
            .map_err(|fault| fault.to_string())?;
    }
    let there: Vec<_> = document
        .operations
        .iter()
        .filter(|id| has(&openapi, id))
        .copied()
        .collect();
    Surface::of(&openapi, &there).map_err(|fault| fault.to_string())
}

impl fmt::Display for Update {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [before, after] = &self.versions;
        writeln!(
            f,
            "{}, version {before}, and {}, version {after}:\n",
            self.old, self.new
        )?;
        for verdict in [Verdict::Breaking, Verdict::Additive, Verdict::Documentation] {
            let of_it = self
                .changes
                .iter()
                .filter(|change| change.verdict == verdict);
            for change in of_it {
                writeln!(f, "{change}")?;
            }
        }
        match self.verdict() {
            None => writeln!(f, "nothing for this crate")?,
            Some(verdict) => writeln!(
                f,
                "\nThe next version of this crate: {}",
                next_version(verdict)
            )?,
        }
        if let Some(fault) = &self.fault {
            writeln!(f, "It does not build as it is: {fault}")?;
        }
        Ok(())
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

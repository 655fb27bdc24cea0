//! What a new edition of a document changes, and how it takes the place of the old one.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use openapiv3::OpenAPI;

use super::accepted::{self, SURFACE};
use super::changes::{changes, Change};
use super::generated::unjudged;
use super::package::{documents, write};
use super::provenance::{self, Record};
use super::steps::client;
use super::steps::documents::Document;
use super::steps::generate::Options;
use super::steps::read::{is_yaml, read};
use super::steps::supplement::supplement;
use super::surface::Surface;
use super::verdict::{without_names, Verdict};

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
    /// Compares the document at `new` with the one of the package at `root` that it is an edition of.
    pub fn of(root: &Path, new: &str) -> Result<Self, String> {
        let after = published(new)?;
        let document = edition_of(&after, root)?.ok_or_else(|| {
            format!("{new} has no operation in use; it is another API's document")
        })?;
        let before = published(&document.file)?;
        let versions = [&before, &after].map(|openapi| openapi.info.version.clone());
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
                changes.extend(unjudged(&old_source, &new.source, &changes));
                None
            }
            Err(fault) => Some(fault),
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
    /// before all of it is known.
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
        write(&self.root, old, &bytes)?;
        write(&self.root, SURFACE, surface.as_bytes())?;
        provenance::write(&self.root, &records)?;
        Ok(said)
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

/// The path as seen from the root of the package.
fn within(root: &Path, file: &str) -> String {
    let path = Path::new(file);
    path.strip_prefix(root)
        .unwrap_or(path)
        .display()
        .to_string()
}

/// The document of the package that has most in common with this one: operations, or their places.
fn edition_of(openapi: &OpenAPI, root: &Path) -> Result<Option<Document>, String> {
    let mut best = (0, None);
    for document in documents(root) {
        let present = published(&document.file)?;
        let ids = document.operations.iter().filter(|id| has(openapi, id));
        let places = present.operations().filter(|(path, method, operation)| {
            let id = operation.operation_id.as_deref().unwrap_or_default();
            let at = (without_names(path), *method);
            let mut others = openapi.operations();
            document.operations.contains(&id)
                && others.any(|(path, method, _)| at == (without_names(path), method))
        });
        let common = ids.count() + places.count();
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
    let operations = document.operations.iter().copied();
    let there: Vec<_> = operations.filter(|id| has(&openapi, id)).collect();
    Surface::of(&openapi, &there).map_err(|fault| fault.to_string())
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

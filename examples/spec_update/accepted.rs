//! The surface and the records that are kept in the repository, so that a change of them shows in review.

use std::path::Path;

use super::package::{documents, read, write};
use super::provenance::{self, Record};
use super::steps::complete;
use super::steps::documents::Document;
use super::steps::read::openapi;
use super::surface::Surface;

/// The file that holds the surface in use.
pub const SURFACE: &str = "specs/surface.txt";

const ACCEPT: &str = "cargo run --example spec_update -- --accept";

/// What users of this crate see of these documents, as text.
pub fn surface(documents: &[Document]) -> Result<String, String> {
    let mut text = format!(
        "What users of this crate see of the documents in specs/. Written by\n    {ACCEPT}\n"
    );
    for document in documents {
        let (completed, _) = complete(document)?;
        let surface = openapi(&completed)
            .and_then(|openapi| Surface::of(&openapi, document.operations))
            .map_err(|fault| format!("{}: {fault}", document.file))?;
        text += &format!("\n# {}\n\n{surface}", document.module);
    }
    Ok(text)
}

/// Takes the documents in place for what they should be: writes their surface and their records.
pub fn accept(root: &Path) -> Result<String, String> {
    let surface = surface(&documents(root))?;
    let mut records = provenance::read(root)?;
    for (file, record) in &mut records {
        *record = Record::of(&root.join(file), &record.from)?;
    }
    let text = provenance::text(&records)?;
    let records = provenance::FILE;
    let files = [(SURFACE, surface.as_bytes()), (records, text.as_bytes())];
    write(root, &files)?;
    Ok(format!("{SURFACE} and {records} are up to date"))
}

/// Says whether surface and records are those of the documents in place.
pub fn check(root: &Path) -> Result<String, String> {
    if read(root, SURFACE)? != surface(&documents(root))?.as_bytes() {
        return Err(format!(
            "{SURFACE} is not the surface in use; update it with `{ACCEPT}` and review it"
        ));
    }
    let records = provenance::FILE;
    for (file, record) in provenance::read(root)? {
        if record != Record::of(&root.join(&file), &record.from)? {
            return Err(format!(
                "{file} is not the one that {records} records; restore it, or run `{ACCEPT}`"
            ));
        }
    }
    Ok(format!(
        "{SURFACE} and {records} are those of the documents in place"
    ))
}

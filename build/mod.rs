//! From an OpenAPI document to the source of a client.
//!
//! The build script runs these steps on the documents in `specs/`, the tests on documents of their
//! own. `prepare` lists the passes; the modules that it names have one subject each.

use std::path::Path;

pub mod directions;
pub mod distinct;
pub mod errors;
pub mod fault;
pub mod generate;
pub mod inline;
pub mod keep;
pub mod name;
pub mod objects;
pub mod open_enums;
pub mod prepare;
pub mod prune;
pub mod read;
pub mod secrets;
pub mod supplement;
pub mod templates;
pub mod walk;

use fault::Fault;
use generate::Options;

/// An OpenAPI document, and what of it becomes the client of one module.
pub struct Document {
    /// The file, as a path from the root of the package.
    pub file: &'static str,
    /// A document by hand, for operations that the file lacks.
    pub by_hand: Option<&'static str>,
    /// The module of the crate that has the client.
    pub module: &'static str,
    /// The operations, by `operationId`.
    pub operations: &'static [&'static str],
}

/// The source of a client, and what is worth saying about it.
pub struct Client {
    pub source: String,
    pub warning: Option<String>,
}

/// Builds the client of a document, or says in one sentence why there is none.
pub fn client(document: &Document, options: &Options) -> Result<Client, String> {
    let in_file = |file: &'static str| move |fault: Fault| format!("{file}: {fault}");
    let mut openapi = read::read(Path::new(document.file)).map_err(in_file(document.file))?;
    let mut warning = None;
    if let Some(file) = document.by_hand {
        let by_hand = read::read(Path::new(file)).map_err(in_file(file))?;
        let taken = supplement::supplement(&mut openapi, by_hand, document.operations)
            .map_err(in_file(document.file))?;
        if !taken {
            warning = Some(format!(
                "{} has every operation; {file} is idle",
                document.file
            ));
        }
    }
    let steps = || -> Result<String, Fault> {
        let prepared = prepare::prepare(openapi, document.operations, document.module)?;
        Ok([
            generate::generate(&prepared, options)?,
            templates::templates(&prepared),
            open_enums::source(&prepared),
        ]
        .join("\n"))
    };
    let source = steps().map_err(in_file(document.file))?;
    Ok(Client { source, warning })
}

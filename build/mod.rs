//! From an OpenAPI document to the source of a client.
//!
//! The build script runs these steps on the documents in `specs/`, the tests on documents of their
//! own. `prepare` lists the passes; the modules that it names have one subject each.

use std::path::Path;

pub mod distinct;
pub mod errors;
pub mod fault;
pub mod generate;
pub mod inline;
pub mod keep;
pub mod name;
pub mod prepare;
pub mod prune;
pub mod read;
pub mod secrets;
pub mod templates;
pub mod walk;

use fault::Fault;
use generate::Options;

/// The source of the client for `operations` of the document in `file`, or the sentence that says
/// why there is none.
pub fn client(file: &str, operations: &[&str], options: &Options) -> Result<String, String> {
    let steps = || -> Result<String, Fault> {
        let openapi = read::read(Path::new(file))?;
        let prepared = prepare::prepare(openapi, operations)?;
        let client = generate::generate(&prepared, options)?;
        Ok(format!("{client}\n{}", templates::templates(&prepared)))
    };
    steps().map_err(|fault| format!("{file}: {fault}"))
}

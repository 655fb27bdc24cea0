//! From an OpenAPI document to the source of a client.
//!
//! The build script runs these steps on the documents in `specs/`, the tests on documents of their
//! own. `prepare` lists the passes; the modules that it names have one subject each.

use std::path::Path;

pub mod bodies;
pub mod bounds;
pub mod compose;
pub mod constructors;
pub mod cycles;
pub mod directions;
pub mod distinct;
pub mod documents;
pub mod errors;
pub mod extensions;
pub mod fault;
pub mod generate;
pub mod inline;
pub mod keep;
pub mod methods;
pub mod mocks;
pub mod name;
pub mod nulls;
pub mod objects;
pub mod open_enums;
pub mod parameters;
pub mod paths;
pub mod pointers;
pub mod prepare;
pub mod prune;
pub mod reach;
pub mod read;
pub mod rust_type;
pub mod secrets;
pub mod servers;
pub mod silently;
pub mod source;
pub mod successes;
pub mod supplement;
pub mod templates;
pub mod walk;

use openapiv3::OpenAPI;
use quote::quote;

use documents::Document;
use fault::Fault;
use generate::Options;

/// The source of a client, and what is worth saying about it.
pub struct Client {
    pub source: String,
    pub warning: Option<String>,
}

/// Builds the client of a document, or says in one sentence why there is none.
pub fn client(document: &Document, options: &Options) -> Result<Client, String> {
    // The stack of this thread is large enough for every document within the bounds, on every system.
    let built = std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().stack_size(bounds::STACK);
        let thread = builder.spawn_scoped(scope, || build(document, options));
        thread.map(|thread| thread.join())
    });
    match built {
        Ok(Ok(built)) => built,
        Ok(Err(panic)) => std::panic::resume_unwind(panic),
        Err(error) => Err(format!(
            "no thread can be started for the build: {error}; free memory"
        )),
    }
}

fn build(document: &Document, options: &Options) -> Result<Client, String> {
    let (openapi, warning) = complete(document)?;
    let errors = errors::documented_errors(&openapi);
    let steps = || -> Result<String, Fault> {
        let prepared = prepare::prepare(openapi, document.operations, document.module)?;
        let mut client = generate::generate(&prepared, options)?;
        constructors::add_constructors(&prepared, &mut client)?;
        let templates = templates::templates(&prepared);
        let open_enums = open_enums::source(&prepared)?;
        let mocks = mocks::mocks(&prepared, &errors, &client)?;
        let source = quote!(#templates #open_enums #mocks #client);
        Ok(source::without_doctests(source).to_string())
    };
    let source = steps().map_err(|fault| format!("{}: {fault}", document.file))?;
    Ok(Client { source, warning })
}

/// Reads a document, and adds what it lacks from the one by hand; with a warning if it lacks nothing.
pub fn complete(document: &Document) -> Result<(OpenAPI, Option<String>), String> {
    let file = &*document.file;
    let in_file = |file: &str, fault: Fault| format!("{file}: {fault}");
    let mut openapi = read::read(Path::new(file)).map_err(|fault| in_file(file, fault))?;
    let Some(by_hand) = &document.by_hand else {
        return Ok((openapi, None));
    };
    let supplement = read::read(Path::new(&**by_hand)).map_err(|fault| in_file(by_hand, fault))?;
    let taken = supplement::supplement(&mut openapi, supplement, document.operations)
        .map_err(|fault| in_file(file, fault))?;
    let idle = format!("{file} has every operation; {by_hand} is idle");
    Ok((openapi, (!taken).then_some(idle)))
}

//! From an OpenAPI document to the source of a client.
//!
//! The build script runs these steps on the documents in `specs/`, the tests on documents of their own:
//!
//! | step | module |
//! |---|---|
//! | read a document, and complete it from the one by hand | `read`, `supplement` |
//! | cut it to the wanted operations | `select` |
//! | stop at everything that would be sent or read wrongly | `checks` |
//! | change what the generator would misread | `transform` |
//! | generate, and add what progenitor does not | `emit` |

use std::path::Path;

pub mod bounds;
pub mod checks;
pub mod documents;
pub mod emit;
pub mod examples;
pub mod fault;
pub mod prepare;
pub mod read;
pub mod schema;
pub mod select;
pub mod supplement;
pub mod transform;

use serde_json::Value;

use documents::Document;
use emit::generate::Options;
use fault::Fault;

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
    let (completed, warning) = complete(document)?;
    let steps = || {
        let prepared = prepare::prepare(&completed, document.operations, document.module)?;
        let errors = select::documented_errors(&completed, document.operations);
        emit::source(&prepared, &errors, document.module, options)
    };
    let source = steps().map_err(|fault| format!("{}: {fault}", document.file))?;
    Ok(Client { source, warning })
}

/// Reads a document, and adds what it lacks from the one by hand. Warns if it lacks nothing.
pub fn complete(document: &Document) -> Result<(Value, Option<String>), String> {
    let file = &*document.file;
    let in_file = |file: &str, fault: Fault| format!("{file}: {fault}");
    let mut completed = read::read(Path::new(file)).map_err(|fault| in_file(file, fault))?;
    let Some(by_hand) = &document.by_hand else {
        return Ok((completed, None));
    };
    let supplement = read::read(Path::new(&**by_hand)).map_err(|fault| in_file(by_hand, fault))?;
    let taken = supplement::supplement(&mut completed, &supplement, document.operations)
        .map_err(|fault| in_file(file, fault))?;
    let idle = format!("{file} has every operation; {by_hand} is idle");
    Ok((completed, (!taken).then_some(idle)))
}

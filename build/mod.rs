//! From an OpenAPI document to the source of a client.
//!
//! The build script runs these steps on the documents in `specs/`, the tests on documents of their own:
//!
//! | step | module |
//! |---|---|
//! | read a document, and complete it from the one by hand | `read`, `supplement` |
//! | cut it to the wanted operations, and join what `allOf` composes | `select`, `all_of` |
//! | stop at everything that would be sent or read wrongly | `checks` |
//! | change what the generator would misread | `transform` |
//! | generate, and add what progenitor does not | `emit` |

use std::path::Path;
use std::thread::{scope, Builder};

pub mod all_of;
pub mod checks;
pub mod documentation;
pub mod documents;
pub mod emit;
pub mod fault;
pub mod read;
pub mod schema;
pub mod select;
pub mod supplement;
pub mod transform;

use serde_json::{json, Value};

use documents::Document;
use emit::generate::{message, Options};
use emit::Sources;
use fault::Fault;
use transform::{directions, own_types, secrets, texts};

/// Holds the recursion over 128 levels, which is as deep as the parsers read. One level takes about 45 KiB in
/// a debug build, and the main thread of Windows has 1 MiB.
const STACK: usize = 32 << 20;

/// Writes the sources for a document, or says in one sentence why there are none.
pub fn sources(document: &Document, options: &Options) -> Result<Sources, String> {
    let in_file = |fault: Fault| format!("{}: {fault}", document.file);
    let build = || {
        let completed = complete(document)?;
        let prepared = prepare(&completed, document.operations, document.module);
        let prepared = prepared.map_err(in_file)?;
        emit::sources(&prepared, document.module, options).map_err(in_file)
    };
    scope(|scope| {
        let thread = Builder::new().stack_size(STACK).spawn_scoped(scope, build);
        let thread =
            thread.map_err(|error| format!("no thread can be started: {error}; free memory"))?;
        thread.join().unwrap_or_else(|panic| {
            let problem = format!("the build panicked with \"{}\"", message(&*panic));
            Err(in_file(Fault::new(problem).hint("correct build/")))
        })
    })
}

/// Reads a document, and takes what it lacks and all texts from the one by hand.
pub fn complete(document: &Document) -> Result<Value, String> {
    let file = &*document.file;
    let in_file = |file: &str, fault: Fault| format!("{file}: {fault}");
    let mut completed = read::read(Path::new(file)).map_err(|fault| in_file(file, fault))?;
    if let Some(file_by_hand) = &document.by_hand {
        let by_hand = read::read(Path::new(&**file_by_hand));
        let by_hand = by_hand.map_err(|fault| in_file(file_by_hand, fault))?;
        supplement::supplement(&mut completed, &by_hand, document.operations)
            .map_err(|fault| in_file(file, fault))?;
        supplement::retell(&mut completed, &by_hand);
    }
    Ok(completed)
}

/// Prepares a document for generation of these operations, as part of `module`.
pub fn prepare(document: &Value, operations: &[&str], module: &str) -> Result<Value, Fault> {
    let mut document = describe(document, operations)?;
    directions::tell_directions_apart(&mut document);
    own_types::own_components(&mut document, module);
    texts::complete_texts(&mut document);
    Ok(document)
}

/// Returns what the document says of these operations, checked.
pub fn describe(document: &Value, operations: &[&str]) -> Result<Value, Fault> {
    let cut = select::select(document, operations)?;
    checks::check(&cut)?;
    // Written again, the document has every part in the form that the later steps know.
    let mut document = json!(read::openapi(&cut)?);
    secrets::mark_secrets(&mut document);
    Ok(document)
}

//! What a new edition of an OpenAPI document changes for users of this crate.
//!
//! ```sh
//! cargo run --example spec_update -- NEW.json
//! cargo run --example spec_update -- NEW.json --install [--from URL]
//! cargo run --example spec_update -- --accept
//! cargo run --example spec_update -- --check
//! ```
//!
//! The first says, line by line, what is breaking, additive, or a matter of documentation, and which
//! version of this crate comes next. The second also puts the file in place. The others are for
//! documents that were changed in place: `--accept` writes `specs/surface.txt` and the sums of
//! `specs/provenance.yaml` anew, `--check` says whether they are right.

pub mod accepted;
pub mod changes;
pub mod credentials;

pub mod generated;
pub mod package;
pub mod printable;
pub mod provenance;
// The build uses more of it.
#[allow(dead_code)]
#[path = "../../build/mod.rs"]
pub mod steps;
pub mod shapes;
pub mod surface;
pub mod update;
pub mod value;
pub mod value_verdict;
pub mod verdict;

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use update::Update;

const USAGE: &str = "\
spec_update NEW                       what a new edition of a document changes
spec_update NEW --install             the same, and puts it in place
spec_update NEW --install --from URL  the same, and records where it is from
spec_update --accept                  writes surface and records of the documents in place
spec_update --check                   says whether they are right";

fn main() -> ExitCode {
    let arguments: Result<Vec<String>, OsString> = std::env::args_os()
        .skip(1)
        .map(OsString::into_string)
        .collect();
    let done = match arguments {
        Ok(arguments) => {
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            let root = Path::new(env!("CARGO_MANIFEST_DIR"));
            run(root, &arguments, &mut io::stdout().lock())
        }
        Err(argument) => Err(format!("{argument:?} is not UTF-8; rename that file")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            // There is nobody left to tell that this cannot be told.
            let _ = writeln!(io::stderr(), "error: {sentence}");
            ExitCode::FAILURE
        }
    }
}

/// Does what the arguments say, in the package at `root`.
pub fn run(root: &Path, arguments: &[&str], out: &mut impl Write) -> Result<(), String> {
    let mut say = |text: &dyn std::fmt::Display| {
        writeln!(out, "{text}").map_err(|error| format!("the output cannot be written: {error}"))
    };
    match arguments {
        ["--help"] => say(&USAGE),
        ["--accept"] => say(&accepted::accept(root)?),
        ["--check"] => say(&accepted::check(root)?),
        [new, rest @ ..] if !new.starts_with('-') => {
            let from = match rest {
                [] | ["--install"] => None,
                ["--install", "--from", from] if !from.trim().is_empty() => Some(*from),
                _ => return Err(format!("these arguments are not understood\n\n{USAGE}")),
            };
            let update = Update::of(root, new)?;
            say(&update)?;
            if !rest.is_empty() {
                say(&update.install(from)?)?;
            }
            Ok(())
        }
        _ => Err(format!("these arguments are not understood\n\n{USAGE}")),
    }
}

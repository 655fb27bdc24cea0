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
pub mod error_bodies;
pub mod package;
pub mod provenance;
// The build uses more of it.
#[allow(dead_code)]
#[path = "../../build/mod.rs"]
pub mod steps;
pub mod surface;
pub mod update;
pub mod value;
pub mod value_verdict;
pub mod verdict;

use std::path::Path;
use std::process::ExitCode;

use update::Update;

const USAGE: &str =
    "give the file of a new document, and --install [--from URL] if it is to be put in place; \
                     or --accept, or --check";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(Path::new(""), &arguments) {
        Ok(said) => {
            print!("{said}");
            ExitCode::SUCCESS
        }
        Err(sentence) => {
            eprintln!("error: {sentence}");
            ExitCode::FAILURE
        }
    }
}

/// Does what the arguments say, in the package at `root`.
pub fn run(root: &Path, arguments: &[&str]) -> Result<String, String> {
    match arguments {
        ["--accept"] => accepted::accept(root),
        ["--check"] => accepted::check(root),
        [new, rest @ ..] if !new.starts_with('-') => {
            let update = Update::of(root, new)?;
            match rest {
                [] => Ok(update.to_string()),
                ["--install"] => Ok(format!("{update}{}", update.install(None)?)),
                ["--install", "--from", from] => {
                    Ok(format!("{update}{}", update.install(Some(from))?))
                }
                _ => Err(USAGE.to_owned()),
            }
        }
        _ => Err(USAGE.to_owned()),
    }
}

//! What a new edition of an OpenAPI document changes for users of this crate.
//!
//! ```sh
//! cargo run --example spec_update -- NEW.json [--document MODULE]
//! cargo run --example spec_update -- NEW.json [--document MODULE] --install [--from URL]
//! cargo run --example spec_update -- --accept
//! cargo run --example spec_update -- --check
//! ```
//!
//! The first prints, line by line, what is breaking, additive, or a matter of documentation, and which
//! version of this crate comes next. `NEW.json` is compared with the document that it is named after, as
//! `pandadoc-8.8.0.json` is named after `specs/pandadoc.json`. `--document` names another one by its module:
//! `pandadoc`, `pandadoc::oauth`, `ratepay` or `ratepay::oauth`.
//!
//! The second also compiles this crate with the file, and then puts it in place. The others are for documents
//! that were changed in place: `--accept` updates `specs/surface.txt` and the sums of `specs/provenance.yaml`,
//! `--check` says whether they are right.

pub mod accepted;
pub mod changes;
pub mod check;
pub mod choice;
pub mod credentials;
pub mod generated;
pub mod package;
pub mod printable;
pub mod provenance;
// The build uses more of it.
pub mod shapes;
#[allow(dead_code)]
#[path = "../../build/mod.rs"]
pub mod steps;
pub mod surface;
pub mod update;
pub mod value;
pub mod value_verdict;
pub mod verdict;

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use choice::choose;
use update::Update;

const USAGE: &str = "\
spec_update NEW [OPTIONS]  what a new edition of a document changes
spec_update --accept       writes surface and records of the documents in place
spec_update --check        says whether they are right

--document MODULE          the document that NEW replaces: pandadoc, pandadoc::oauth, ratepay or
                           ratepay::oauth; without it, the one that NEW is named after
--install                  compiles this crate with NEW, and puts it in place
--from URL                 with --install: records where NEW is from";

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
            let Some(options) = Options::of(rest) else {
                return Err(not_understood());
            };
            let document = choose(root, new, options.document)?;
            let update = Update::of_document(document, root, new)?;
            say(&update)?;
            if options.install {
                say(&"Compiling this crate with it. The first time takes a minute or two.")?;
                say(&update.install(options.from)?)?;
            }
            Ok(())
        }
        _ => Err(not_understood()),
    }
}

fn not_understood() -> String {
    format!("these arguments are not understood\n\n{USAGE}")
}

/// What is said beside the file.
#[derive(Default)]
struct Options<'a> {
    document: Option<&'a str>,
    install: bool,
    from: Option<&'a str>,
}

impl<'a> Options<'a> {
    /// The options in any order, each of them once.
    fn of(mut rest: &[&'a str]) -> Option<Self> {
        let mut options = Self::default();
        loop {
            rest = match rest {
                [] => return (options.install || options.from.is_none()).then_some(options),
                ["--document", module, rest @ ..] if options.document.is_none() => {
                    options.document = Some(module);
                    rest
                }
                ["--install", rest @ ..] if !options.install => {
                    options.install = true;
                    rest
                }
                ["--from", from, rest @ ..]
                    if options.from.is_none() && !from.trim().is_empty() =>
                {
                    options.from = Some(from);
                    rest
                }
                _ => return None,
            }
        }
    }
}

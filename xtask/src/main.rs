//! `cargo xtask`: tools for maintainers of `webhook-subscriptions`.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

/// Exits with 1 if the command failed. Clap exits with 2 if the arguments are wrong.
fn main() -> ExitCode {
    let arguments = xtask::Arguments::parse();
    match xtask::run(&xtask::root(), arguments, &mut io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            // If standard error is closed, nobody can be told.
            let _ = writeln!(io::stderr(), "error: {sentence}");
            ExitCode::FAILURE
        }
    }
}

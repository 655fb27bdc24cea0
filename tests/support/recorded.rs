//! Sentences of errors that are recorded in a file, one line each: the type, the situation and the sentence.

use std::any::type_name;
use std::error::Error;
use std::fmt::Display;
use std::{env, fs};

/// Returns the line of an error.
pub fn line<E: Error>(situation: impl Display, error: E) -> String {
    let name = type_name::<E>().rsplit("::").next().unwrap();
    format!("{name}, {situation}: {error}")
}

/// Asserts that the file has these lines, in any order. Lines that start with one of `not_here` aren't compared,
/// since this build can't make their errors.
pub fn assert_recorded(file: &str, mut said: Vec<String>, not_here: &[&str]) {
    let path = format!("{}/tests/{file}", env!("CARGO_MANIFEST_DIR"));
    let recorded = fs::read_to_string(&path).unwrap_or_default();
    let recorded: Vec<String> = recorded.lines().map(str::to_owned).collect();
    let is_kept = |line: &&String| not_here.iter().any(|start| line.starts_with(start));
    said.extend(recorded.iter().filter(is_kept).cloned());
    if env::var_os("UPDATE_SENTENCES").is_some() {
        fs::write(path, said.join("\n") + "\n").unwrap();
        return;
    }
    let gone = recorded.iter().filter(|line| !said.contains(line));
    let new = said.iter().filter(|line| !recorded.contains(line));
    let gone = gone.map(|line| format!("- {line}\n"));
    let difference: String = gone.chain(new.map(|line| format!("+ {line}\n"))).collect();
    assert!(
        difference.is_empty(),
        "{difference}Set `UPDATE_SENTENCES=1` for this test if the lines marked + are right."
    );
}

//! When the generator panics, the build says one sentence and the panic itself isn't printed.

use std::env;
use std::panic;
use std::process::Command;

use serde_json::json;

use crate::document::{answering, refusal, with};

/// Counts the panics that a test of this binary prints. A panic hook belongs to a whole process, so the test
/// runs in its own.
fn printed_by(test: &str) -> usize {
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", "--ignored", "--nocapture"])
        .arg(format!("silent_panics::{test}"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("1 passed"), "{said}");
    let printed = String::from_utf8_lossy(&output.stderr);
    printed.matches("panicked at").count()
}

/// Puts a document to the generator that it panics about.
fn generate() {
    let parameter = json!([{"name": "it", "in": "path", "schema": {"type": "string"}}]);
    let document = answering(json!({"type": "string"}));
    refusal(with(document, "/paths/~1it/get/parameters", parameter));
}

#[test]
#[ignore = "runs in a process of its own"]
fn generator() {
    generate();
}

#[test]
#[ignore = "runs in a process of its own"]
fn generator_and_then_a_test() {
    generate();
    panic::catch_unwind(|| panic!("a test")).unwrap_err();
}

#[test]
fn a_panic_of_the_generator_is_not_printed() {
    assert_eq!(printed_by("generator"), 0);
}

#[test]
fn a_panic_afterwards_is_printed() {
    assert_eq!(printed_by("generator_and_then_a_test"), 1);
}

//! Where the generator panics the build says one sentence, and the panic says nothing beside it.

use crate::document;

use std::cell::Cell;
use std::panic;
use std::sync::Once;

use document::{answering, refusal, with};
use serde_json::json;

thread_local! {
    static PRINTED: Cell<usize> = const { Cell::new(0) };
}

/// How many panics of this thread are printed while `run` runs.
fn printed(run: impl FnOnce()) -> usize {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| panic::set_hook(Box::new(|_| PRINTED.set(PRINTED.get() + 1))));
    let before = PRINTED.get();
    run();
    PRINTED.get() - before
}

/// Puts a document to the generator that it panics about.
fn generate() {
    let parameter = json!([{"name": "it", "in": "path", "schema": {"type": "string"}}]);
    let document = answering(json!({"type": "string"}));
    refusal(with(document, "/paths/~1it/get/parameters", parameter));
}

#[test]
fn a_panic_of_the_generator_is_not_printed() {
    assert_eq!(printed(generate), 0);
}

#[test]
fn a_panic_afterwards_is_printed() {
    let printed = printed(|| {
        generate();
        panic::catch_unwind(|| panic!("a test")).unwrap_err();
    });
    assert_eq!(printed, 1);
}

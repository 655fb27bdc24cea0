//! Runs what may panic, without the panic's own words beside the sentence that it becomes.

use std::any::Any;
use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    static IS_SILENT: Cell<bool> = const { Cell::new(false) };
}

/// Runs `run`, or returns the message that it panicked with. Other threads' panics are printed as ever.
pub fn silently<T>(run: impl FnOnce() -> T) -> Result<T, String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let outer = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if !IS_SILENT.get() {
                outer(panic);
            }
        }));
    });
    IS_SILENT.set(true);
    let outcome = panic::catch_unwind(AssertUnwindSafe(run));
    IS_SILENT.set(false);
    outcome.map_err(|panic| message(&*panic).to_owned())
}

fn message(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message")
}

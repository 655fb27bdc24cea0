//! An allocator that looks for secrets in each block before it frees it.
//!
//! The allocator records for each thread by itself, and only while [`record`] runs. A test that keeps its
//! server on another thread sees the memory of the client alone.

use std::alloc::{GlobalAlloc, Layout, System};
use std::backtrace::Backtrace;
use std::cell::{Cell, RefCell};
use std::slice;

/// The global allocator of a test.
pub struct RecordingAllocator;

/// The memory of one thread while [`record`] ran.
pub struct Record {
    /// The bytes of all blocks that were allocated. A block that grows counts again, with its new size.
    pub allocated: usize,
    /// One backtrace for each block that still held a secret when it was freed.
    pub exposed: Vec<String>,
}

thread_local! {
    /// The texts to look for: none while no test records.
    static SECRETS: Cell<&'static [&'static str]> = const { Cell::new(&[]) };
    static ALLOCATED: Cell<usize> = const { Cell::new(0) };
    static EXPOSED: RefCell<Vec<Backtrace>> = const { RefCell::new(Vec::new()) };
}

/// Runs this, and records what its thread allocates and frees meanwhile.
pub fn record<T>(secrets: &'static [&'static str], run: impl FnOnce() -> T) -> (T, Record) {
    let before = ALLOCATED.get();
    SECRETS.set(secrets);
    let result = run();
    SECRETS.set(&[]);
    let record = Record {
        allocated: ALLOCATED.get() - before,
        exposed: EXPOSED.take().iter().map(Backtrace::to_string).collect(),
    };
    (result, record)
}

// SAFETY: Every block is one of the system's allocator, with the layout that was asked for. `realloc` and
// `alloc_zeroed` are the default ones, which are made of the two methods here. So a block that grows is freed
// and looked into like any other.
unsafe impl GlobalAlloc for RecordingAllocator {
    /// Zeroed, so that a secret that an earlier owner left in the memory isn't found again in this block.
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATED.set(ALLOCATED.get() + layout.size());
        // SAFETY: The caller's promises are the same.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // The backtrace allocates and frees memory of its own.
        let secrets = SECRETS.replace(&[]);
        if !secrets.is_empty() {
            // SAFETY: The block is the caller's until it is freed below, and was zeroed when it was
            // allocated. Rust doesn't promise what padding inside it reads as; it is only compared.
            let bytes = unsafe { slice::from_raw_parts(block, layout.size()) };
            if secrets.iter().any(|secret| holds(bytes, secret)) {
                EXPOSED.with_borrow_mut(|exposed| exposed.push(Backtrace::force_capture()));
            }
        }
        SECRETS.set(secrets);
        // SAFETY: The caller's promises are the same.
        unsafe { System.dealloc(block, layout) }
    }
}

fn holds(bytes: &[u8], secret: &str) -> bool {
    bytes
        .windows(secret.len())
        .any(|window| window == secret.as_bytes())
}

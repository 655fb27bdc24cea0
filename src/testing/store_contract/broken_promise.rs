//! The error of the contract.

use std::error::Error;
use std::fmt;

/// A store breaks a promise of [`Store`](crate::rotate::Store).
///
/// Needs the feature `rotate`, besides `testing`.
///
/// `Display` and `Debug` print the promise, what was done, what was expected and what was found, each on its own line.
pub struct BrokenPromise {
    promise: &'static str,
    broken: Broken,
}

impl BrokenPromise {
    pub(super) fn new(promise: &'static str, broken: Broken) -> Self {
        Self { promise, broken }
    }

    /// Returns the promise, as a sentence without a full stop.
    #[must_use]
    pub fn promise(&self) -> &str {
        self.promise
    }
}

impl fmt::Display for BrokenPromise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Broken {
            done,
            expected,
            found,
        } = &self.broken;
        writeln!(f, "the store breaks a promise: {}", self.promise)?;
        writeln!(f, "  done:     {done}")?;
        writeln!(f, "  expected: {expected}")?;
        write!(f, "  found:    {found}")
    }
}

impl fmt::Debug for BrokenPromise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error for BrokenPromise {}

/// How a store breaks a promise.
pub(super) struct Broken {
    done: String,
    expected: String,
    found: String,
}

impl Broken {
    pub(super) fn new(
        done: impl Into<String>,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> Self {
        Self {
            done: done.into(),
            expected: expected.into(),
            found: found.into(),
        }
    }
}

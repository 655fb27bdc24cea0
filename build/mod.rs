//! From an OpenAPI document to the source of a client.
//!
//! [`read`](read::read), [`prepare`](prepare::prepare) and [`generate`](generate::generate) run in
//! this order; the other modules are the passes of `prepare`, one subject each. The build script
//! runs them on the documents in `specs/`, the tests on documents of their own.

pub mod distinct;
pub mod errors;
pub mod fault;
pub mod generate;
pub mod inline;
pub mod keep;
pub mod name;
pub mod prepare;
pub mod prune;
pub mod read;
pub mod secrets;
pub mod walk;

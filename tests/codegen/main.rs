//! The build: what becomes of an OpenAPI document, which documents stop it, and how the sources are layered.

mod document;
#[path = "../support/whole.rs"]
mod whole;

mod bad_documents;
mod compiled_documents;
mod directions;
mod layers;
mod nulls;
mod preparation;
mod references;
mod requests;
mod silent_panics;
mod successes;
mod supplement;
mod whole_document;

//! The build: what becomes of an OpenAPI document, and which documents stop it.

mod document;

mod bad_documents;
mod compiled_documents;
mod directions;
mod nulls;
mod preparation;
mod references;
mod requests;
mod silent_panics;
mod successes;
mod supplement;
mod whole_document;

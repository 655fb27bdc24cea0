//! The build: what becomes of an OpenAPI document, which documents stop it, and how the sources are layered.

mod document;
#[path = "../support/whole.rs"]
mod whole;

mod all_of;
mod arguments;
mod compiled_documents;
mod complete_enums;
mod components;
mod directions;
mod documentation;
mod error_types;
mod files;
mod layers;
mod methods;
mod own_types;
mod requests;
mod secrets;
mod selection;
mod successes;
mod supplement;
mod untrusted_documents;
mod whole_document;

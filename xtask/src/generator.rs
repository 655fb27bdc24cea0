//! Imports the steps of the build. No other module of this tool names one.

#[allow(dead_code)]
#[path = "../../build/mod.rs"]
mod build;

use serde_json::Value;

pub use build::documents::{Document, DOCUMENTS};
pub use build::emit::methods::ARGUMENTS;
pub use build::fault::Fault;
pub use build::read::{is_yaml, read};
pub use build::schema::{is, items, members, operations, text, Found};

use build::transform::directions::tell_directions_apart;

/// Reads a document, and adds the operations in use that it lacks from the document by hand.
pub fn complete(document: &Document) -> Result<Value, String> {
    build::complete(document)
}

/// Adds these operations from the document by hand.
pub fn supplement(document: &mut Value, by_hand: Value, lacking: &[&str]) -> Result<(), Fault> {
    build::supplement::supplement(document, &by_hand, lacking)
}

/// Returns the source of the client.
pub fn source(document: &Document) -> Result<String, String> {
    let options = build::emit::generate::Options::default();
    build::sources(document, &options).map(|sources| sources.client)
}

/// A document between two steps of the build.
pub struct Steps {
    /// The operations in use, as the document describes them.
    pub described: Value,
    /// Only the members that this crate insists on are required in answers.
    pub directed: Value,
    /// The component schemas that answers are made of.
    pub received: Vec<String>,
    /// The component schemas that requests are made of.
    pub sent: Vec<String>,
}

/// Runs the steps of the build as far as users see their results.
pub fn steps(document: &Value, operations: &[&str]) -> Result<Steps, Fault> {
    let described = build::describe(document, operations)?;
    let mut directed = described.clone();
    tell_directions_apart(&mut directed);
    Ok(Steps {
        received: build::schema::received(&described).into_iter().collect(),
        sent: build::schema::sent(&described).into_iter().collect(),
        described,
        directed,
    })
}

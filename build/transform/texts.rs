//! PandaDoc's published answers have members without a text, and so may those of other editions.
//!
//! A member that is a component has the first paragraph of that component's text. Any other says that it has none.

use serde_json::{json, Value};

use super::super::schema::{component, components, components_mut, members_mut, text};

/// Gives a text to every member of a type.
pub fn complete_texts(document: &mut Value) {
    let components = components(document);
    for (_, schema) in components_mut(document) {
        for (name, member) in members_mut(schema, "properties") {
            if text(member, "description").is_some() {
                continue;
            }
            let mut description = no_text(name);
            if let Some(of) = component(member) {
                let of = components.get(of);
                if let Some(text) = of.and_then(|of| text(of, "description")) {
                    description = first_paragraph(text).to_owned();
                }
                // A reference has no text of its own.
                *member = json!({"allOf": [member]});
            }
            member["description"] = description.into();
        }
    }
}

fn first_paragraph(text: &str) -> &str {
    text.split_once("\n\n").map_or(text, |(first, _)| first)
}

/// Returns the text of a member that the document says nothing about.
pub fn no_text(name: &str) -> String {
    format!("The document doesn't describe `{name}`.")
}

//! PandaDoc's published answers have members without a text, and so may those of other editions.
//!
//! A member that is a component has the text of that component. Any other says that it has none.

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
            let referred = component(member).map(str::to_owned);
            let description = referred
                .as_ref()
                .and_then(|of| text(&components[of], "description"));
            let description = description.map_or_else(|| no_text(name), str::to_owned);
            // A reference has no text of its own.
            if referred.is_some() {
                *member = json!({"allOf": [member]});
            }
            member["description"] = description.into();
        }
    }
}

/// Returns the text of a member that the document says nothing about.
pub fn no_text(name: &str) -> String {
    format!("The document doesn't describe `{name}`.")
}

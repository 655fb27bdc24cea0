//! Marks `shared_key` in PandaDoc's answer of `updateWebhookSubscriptionSharedKey`, and every other member
//! that holds key material.
//!
//! The documents describe keys, secrets and tokens as plain strings. Marked, they become the crate's secret
//! types.

use heck::ToSnakeCase;
use serde_json::{json, Value};

use super::super::schema::{components_mut, members_mut, text, type_of};

/// The last words of names of keys, tokens and credentials, whatever the case style of the name.
const SECRET_WORDS: [&str; 4] = ["key", "secret", "token", "password"];

const FORMAT: &str = "password";

/// Gives every secret member the format `password`.
pub fn mark_secrets(document: &mut Value) {
    for (_, schema) in components_mut(document) {
        let secrets = members_mut(schema, "properties").filter(|(name, _)| names_a_secret(name));
        secrets.for_each(|(_, member)| member["format"] = json!(FORMAT));
    }
}

/// Tells whether the schema is a secret.
pub fn is_secret(schema: &Value) -> bool {
    type_of(schema) == Some("string") && text(schema, "format") == Some(FORMAT)
}

/// Tells whether a member or parameter of this name holds a secret.
pub fn names_a_secret(name: &str) -> bool {
    let name = name.to_snake_case();
    // `key_2` is a key too.
    let unnumbered = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '_');
    let last = unnumbered.rsplit('_').next().unwrap_or_default();
    SECRET_WORDS.contains(&last)
}

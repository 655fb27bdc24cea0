//! Marks the members that hold key material, so that they become the crate's secret types.
//!
//! PandaDoc's document describes `shared_key` of `updateWebhookSubscriptionSharedKey` as a plain string, and so do the
//! others with their `secret`, `client_secret` and tokens.

use heck::ToSnakeCase;
use serde_json::{json, Map, Value};

use super::super::fault::Fault;
use super::super::schema::{
    components, described, each_part, each_schema, has, is, reference, remove, type_of, wrapped,
};

/// The last words of names of keys, tokens and credentials, whatever the case style of the name.
const SECRET_WORDS: [&str; 4] = ["key", "secret", "token", "password"];

/// Members, in snake case, that have such a name and don't hold a secret. There are none so far; a test checks that
/// each is in a document of `specs/`.
pub const NOT_SECRETS: [&str; 0] = [];

/// Ratepay rejects secrets that are shorter.
pub const SIGNING_SECRET_MIN_LENGTH: usize = 64;

/// Gives every secret member the format `password`.
pub fn mark_secrets(document: &mut Value) -> Result<(), Fault> {
    let components = components(document);
    each_schema(document, |schema| {
        each_part(schema, &mut |part| mark_members(part, &components))
    })
}

/// Tells whether the generator makes one of the crate's secret types of this schema.
pub fn is_secret(schema: &Value) -> bool {
    type_of(schema) == Some("string") && schema.get("format") == Some(&json!("password"))
}

/// Tells whether a member or parameter of this name holds a secret. `exceptions` don't.
pub fn names_a_secret(name: &str, exceptions: &[&str]) -> bool {
    let name = name.to_snake_case();
    // `key_2` is a key too.
    let unnumbered = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '_');
    let last = unnumbered.rsplit('_').next().unwrap_or_default();
    SECRET_WORDS.contains(&last) && !exceptions.contains(&name.as_str())
}

fn mark_members(schema: &mut Value, components: &Map<String, Value>) -> Result<(), Fault> {
    let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
    for (name, member) in properties.into_iter().flatten() {
        if names_a_secret(name, &NOT_SECRETS) {
            mark(member, components).map_err(|why| {
                Fault::new(format!(
                    "the member `{name}` holds a key and would be generated as plain text, since {why}"
                ))
                .hint("describe it as a plain string, or teach build/transform/secrets.rs about it")
            })?;
        }
    }
    Ok(())
}

fn mark(member: &mut Value, components: &Map<String, Value>) -> Result<(), &'static str> {
    let nullable = is(member, "nullable");
    let place = wrapped(member).map_or_else(|| member.clone(), reference);
    let described = described(&place, components);
    let mut secret = described
        .ok_or("it refers to nothing that is described")?
        .clone();
    match type_of(&secret) {
        Some("string") => {}
        Some("boolean" | "integer" | "number") => return Ok(()),
        // The members of an object are judged by their own names.
        Some("object") if has(&secret, "properties") => return Ok(()),
        _ => return Err("it is not a string"),
    }
    // `Secret` takes any string, `SigningSecret` one of 64 characters or more. There are no others.
    let shortest = secret.get("minLength");
    if has(&secret, "enum")
        || has(&secret, "maxLength")
        || shortest.is_some_and(|length| *length != json!(SIGNING_SECRET_MIN_LENGTH))
    {
        return Err("it has a limit that none of this crate's secret types checks");
    }
    // The server checks patterns. A default or an example would put a key into documentation.
    remove(&mut secret, &["pattern", "default", "example"]);
    secret["format"] = json!("password");
    if nullable {
        secret["nullable"] = json!(true);
    }
    *member = secret;
    Ok(())
}

//! Pass: write out what a reference into the middle of a schema names.
//!
//! A reference may name any place of the document (RFC 6901), and the generator knows components alone.
//! What leads nowhere, or into itself, is left as it is: if an operation reaches it, `prune` stops the build.

use openapiv3::OpenAPI;
use serde_json::Value;

use super::fault::Fault;

/// How many references one may lead through; more are taken for a circle.
const HOPS: u32 = 100;

/// Puts a copy in the place of every reference that names no whole component.
pub fn write_out_pointers(openapi: &mut OpenAPI) -> Result<(), Fault> {
    let document = serde_json::to_value(&*openapi)
        .map_err(|error| Fault::new(format!("the document cannot be walked: {error}")))?;
    let mut written_out = document.clone();
    write_out(&mut written_out, &document, &mut Vec::new());
    if written_out != document {
        *openapi = serde_json::from_value(written_out).map_err(|error| {
            Fault::new(format!(
                "a reference names what cannot stand in its place: {error}"
            ))
            .mend("correct the references that lead into the middle of something")
        })?;
    }
    Ok(())
}

/// `within` are the references whose copies this is a part of.
fn write_out(part: &mut Value, document: &Value, within: &mut Vec<String>) {
    if let Some(reference) = middle(part) {
        if within.contains(&reference) {
            return;
        }
        if let Some(target) = target(document, &reference, &mut { HOPS }) {
            *part = target.clone();
            within.push(reference);
            write_out(part, document, within);
            within.pop();
        }
        return;
    }
    match part {
        Value::Object(members) => members
            .values_mut()
            .for_each(|member| write_out(member, document, within)),
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| write_out(item, document, within)),
        _ => {}
    }
}

/// The reference that stands here, if it is one to something else than a component.
fn middle(part: &Value) -> Option<String> {
    let reference = part.get("$ref")?.as_str()?;
    let steps: Vec<_> = reference.strip_prefix("#/")?.split('/').collect();
    let is_component = matches!(steps[..], ["components", _, _]);
    (!is_component).then(|| reference.to_owned())
}

fn target<'a>(document: &'a Value, reference: &str, hops: &mut u32) -> Option<&'a Value> {
    let mut place = document;
    for step in reference.strip_prefix("#/")?.split('/') {
        while let Some(reference) = place.get("$ref").and_then(Value::as_str) {
            *hops = hops.checked_sub(1)?;
            place = target(document, reference, hops)?;
        }
        let step = step.replace("~1", "/").replace("~0", "~");
        place = match place {
            Value::Array(items) => items.get(step.parse::<usize>().ok()?)?,
            members => members.get(step)?,
        };
    }
    Some(place)
}

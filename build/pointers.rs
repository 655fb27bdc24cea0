//! Pass: write out what a reference into the middle of a schema names.
//!
//! A reference may name any place of the document (RFC 6901), and the generator knows components alone.
//! What leads nowhere, or into itself, is left as it is: if an operation reaches it, `prune` stops the build.

use openapiv3::OpenAPI;
use serde_json::Value;

use super::bounds::Bounds;
use super::fault::Fault;

/// How many references one may lead through; more are taken for a circle.
const HOPS: u32 = 100;

/// Puts a copy in the place of every reference that names no whole component.
pub fn write_out_pointers(openapi: &mut OpenAPI) -> Result<(), Fault> {
    let document = serde_json::to_value(&*openapi)
        .map_err(|error| Fault::new(format!("the document cannot be walked: {error}")))?;
    let mut written_out = document.clone();
    let mut writing = Writing {
        document: &document,
        bounds: Bounds::default(),
        within: Vec::new(),
    };
    if writing.write_out(&mut written_out, 1).is_err() {
        let fault = writing.bounds.fault();
        return Err(fault.unwrap_or_else(|| writing.bounds.too_large()));
    }
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

struct Writing<'a> {
    document: &'a Value,
    /// Counts the copies, which can double at each reference.
    bounds: Bounds,
    /// The references whose copies contain the current part.
    within: Vec<String>,
}

impl Writing<'_> {
    fn write_out(&mut self, part: &mut Value, level: usize) -> Result<(), &'static str> {
        self.bounds.count(level)?;
        if let Some(reference) = middle(part) {
            if self.within.contains(&reference) {
                return Ok(());
            }
            if let Some(target) = target(self.document, &reference, &mut { HOPS }) {
                *part = target.clone();
                self.within.push(reference);
                self.write_out(part, level)?;
                self.within.pop();
            }
            return Ok(());
        }
        match part {
            Value::Object(members) => members
                .values_mut()
                .try_for_each(|member| self.write_out(member, level + 1)),
            Value::Array(items) => items
                .iter_mut()
                .try_for_each(|item| self.write_out(item, level + 1)),
            _ => Ok(()),
        }
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

//! Pass: only request bodies that are sent as their document says.

use openapiv3::{OpenAPI, ReferenceOr, RequestBody};

use super::fault::Fault;
use super::walk::{operation_id, operations_mut};

/// What the runtime writes, the better first.
const WRITTEN: [&str; 2] = ["application/json", "application/x-www-form-urlencoded"];

/// Leaves one form of each body, the first that can be written, and stops the build where none can.
pub fn choose_bodies(openapi: &mut OpenAPI) -> Result<(), Fault> {
    for operation in operations_mut(openapi) {
        if let Some(ReferenceOr::Item(body)) = &mut operation.request_body {
            choose(body).map_err(|fault| fault.in_operation(operation_id(operation)))?;
        }
    }
    Ok(())
}

fn choose(body: &mut RequestBody) -> Result<(), Fault> {
    let Some(first) = body.content.keys().next().cloned() else {
        return Err(Fault::new("its body has no media type").mend("describe the body"));
    };
    let is = |key: &str, written| key.split(';').next().map(str::trim) == Some(written);
    let written = WRITTEN
        .into_iter()
        .find_map(|written| body.content.keys().find(|key| is(key, written)).cloned());
    let Some(written) = written else {
        return Err(Fault::new(format!(
            "its body is `{first}`, and only JSON and forms are written"
        ))
        .mend("take the operation from the list in build/documents.rs, or describe the body as JSON if it is that"));
    };
    body.content.retain(|media_type, _| *media_type == written);
    match body.content.values().all(|media| media.schema.is_some()) {
        true => Ok(()),
        false => Err(Fault::new("its body has no schema").mend("describe the body")),
    }
}

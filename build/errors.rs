//! Pass: take error responses out of the generator's sight.
//!
//! The generator decodes a documented error into the one type that it picked for the operation, and
//! loses status and body where that fails. Without documented errors it hands every response that is
//! no success to the runtime, whole, which is what this crate wants.

use std::collections::BTreeMap;

use openapiv3::{OpenAPI, ReferenceOr, StatusCode};

use super::fault::Fault;
use super::walk::{operation_id, operations_mut};

/// The errors that a document promises: by operation, each status with its description.
pub type Documented = BTreeMap<String, BTreeMap<u16, String>>;

/// The errors of all operations, before they are hidden.
pub fn documented_errors(openapi: &OpenAPI) -> Documented {
    let shared = openapi.components.as_ref().map(|all| &all.responses);
    let named = |reference: &str| shared?.get(reference.rsplit('/').next()?)?.as_item();
    let mut documented = Documented::new();
    for (_, _, operation) in openapi.operations() {
        let errors = documented.entry(operation_id(operation).to_owned());
        let errors = errors.or_default();
        for (status, response) in &operation.responses.responses {
            let response = match response {
                ReferenceOr::Item(response) => Some(response),
                ReferenceOr::Reference { reference } => named(reference),
            };
            if let (StatusCode::Code(code @ 300..), Some(response)) = (status, response) {
                errors.insert(*code, response.description.clone());
            }
        }
    }
    documented
}

/// Removes every response but the successes, `default` included.
pub fn hide_error_responses(openapi: &mut OpenAPI) -> Result<(), Fault> {
    for operation in operations_mut(openapi) {
        operation.responses.default = None;
        operation
            .responses
            .responses
            .retain(|status, _| is_success(status));
        if operation.responses.responses.is_empty() {
            return Err(Fault::new("no success response is documented")
                .in_operation(operation_id(operation))
                .mend("describe what the operation answers with a 2xx status"));
        }
    }
    Ok(())
}

fn is_success(status: &StatusCode) -> bool {
    matches!(status, StatusCode::Code(200..=299) | StatusCode::Range(2))
}

//! Pass: take error responses out of the generator's sight.
//!
//! The generator decodes a documented error into the one type that it picked for the operation, and
//! loses status and body where that fails. Without documented errors it hands every response that is
//! no success to the runtime, whole, which is what this crate wants.

use openapiv3::{OpenAPI, StatusCode};

use super::fault::Fault;
use super::walk::{operation_id, operations_mut};

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

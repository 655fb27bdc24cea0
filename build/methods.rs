//! Pass: only HTTP methods that the runtime has.

use openapiv3::{OpenAPI, ReferenceOr};

use super::fault::Fault;
use super::walk::operation_id;

/// Stops the build at a HEAD, OPTIONS or TRACE request, for which generated code would not compile.
pub fn check_methods(openapi: &OpenAPI) -> Result<(), Fault> {
    let items = openapi.paths.paths.values();
    for item in items.filter_map(ReferenceOr::as_item) {
        for (method, operation) in item.iter() {
            if matches!(method, "head" | "options" | "trace") {
                return Err(Fault::new(format!(
                    "it is a {} request, which this crate's clients do not make",
                    method.to_uppercase()
                ))
                .in_operation(operation_id(operation))
                .mend("take the operation from the list in build/documents.rs"));
            }
        }
    }
    Ok(())
}

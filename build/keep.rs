//! Pass: keep the wanted operations.

use openapiv3::{OpenAPI, Operation, PathItem, ReferenceOr};

use super::fault::Fault;
use super::walk::operation_slots;

/// Leaves only the operations whose `operationId` is in `wanted`; each must be there exactly once.
pub fn keep_operations(openapi: &mut OpenAPI, wanted: &[&str]) -> Result<(), Fault> {
    for id in wanted {
        match count(openapi, id) {
            1 => {}
            0 => {
                return Err(Fault::new("the document has no such operation")
                    .in_operation(id)
                    .mend("it was renamed or removed: change the list of operations in build/documents.rs"))
            }
            n => {
                return Err(
                    Fault::new(format!("the document has {n} operations of this id"))
                        .in_operation(id)
                        .mend("give each a unique operationId"),
                )
            }
        }
    }
    for (_, item) in &mut openapi.paths.paths {
        if let ReferenceOr::Item(item) = item {
            for slot in operation_slots(item) {
                let keep = slot
                    .as_ref()
                    .is_some_and(|operation| is_one_of(operation, wanted));
                if !keep {
                    *slot = None;
                }
            }
        }
    }
    openapi
        .paths
        .paths
        .retain(|_, item| matches!(item, ReferenceOr::Item(item) if has_operations(item)));
    Ok(())
}

fn count(openapi: &OpenAPI, id: &str) -> usize {
    openapi
        .operations()
        .filter(|(_, _, operation)| operation.operation_id.as_deref() == Some(id))
        .count()
}

fn is_one_of(operation: &Operation, wanted: &[&str]) -> bool {
    operation
        .operation_id
        .as_deref()
        .is_some_and(|id| wanted.contains(&id))
}

fn has_operations(item: &PathItem) -> bool {
    item.iter().next().is_some()
}

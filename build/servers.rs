//! Pass: every operation is at the servers of the whole document.
//!
//! A client has one base URL, and generated code puts every path behind it, wherever its document says that
//! the operation is.

use std::collections::BTreeSet;

use openapiv3::{OpenAPI, ReferenceOr, Server};

use super::fault::Fault;
use super::walk::operation_id;

/// Stops the build at an operation that has servers of its own, or of its path.
pub fn check_servers(openapi: &OpenAPI) -> Result<(), Fault> {
    let of_document = urls(&openapi.servers);
    let items = openapi.paths.paths.values();
    for item in items.filter_map(ReferenceOr::as_item) {
        for (_, operation) in item.iter() {
            let own = match operation.servers.is_empty() {
                true => urls(&item.servers),
                false => urls(&operation.servers),
            };
            if let Some(elsewhere) = own.difference(&of_document).next() {
                return Err(Fault::new(format!(
                    "it is at a server of its own, `{elsewhere}`, and a client calls one base URL"
                ))
                .in_operation(operation_id(operation))
                .mend("describe it in a document of its own, whose client gets that base URL"));
            }
        }
    }
    Ok(())
}

fn urls(servers: &[Server]) -> BTreeSet<&str> {
    let urls = servers
        .iter()
        .map(|server| server.url.trim_end_matches('/'));
    urls.collect()
}

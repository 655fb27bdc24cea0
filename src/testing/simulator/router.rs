//! Finds the operation of a request by its method and path.

use http::Method;

use crate::testing::operation::{Operation, Provider};

/// The result of looking up a method and a path.
pub(crate) enum Route<'a> {
    /// An operation, and the id in its path. The id is empty if the path has none.
    Operation(Operation, &'a str),
    /// A known path with another method than these.
    MethodNotAllowed(Provider, Vec<&'static str>),
    NotFound(Provider),
}

impl<'a> Route<'a> {
    pub(crate) fn find(method: &Method, path: &'a str) -> Self {
        let segments: Vec<&str> = path.split('/').skip(1).collect();
        let mut allowed = Vec::new();
        let mut provider = match segments.first() {
            Some(&("webhook" | "oauth")) => Provider::Ratepay,
            _ => Provider::PandaDoc,
        };
        for &operation in Operation::ALL {
            let Some(id) = id_in(&segments, operation.path()) else {
                continue;
            };
            if operation.method() == method {
                return Self::Operation(operation, id);
            }
            provider = operation.provider();
            allowed.push(operation.method().as_str());
        }
        match allowed.is_empty() {
            true => Self::NotFound(provider),
            false => Self::MethodNotAllowed(provider, allowed),
        }
    }

    pub(crate) fn operation(&self) -> Option<Operation> {
        match self {
            Self::Operation(operation, _) => Some(*operation),
            _ => None,
        }
    }

    pub(crate) fn provider(&self) -> Provider {
        match self {
            Self::Operation(operation, _) => operation.provider(),
            Self::MethodNotAllowed(provider, _) | Self::NotFound(provider) => *provider,
        }
    }
}

/// Returns the id in a path of this form, or an empty string if the form has no id.
///
/// An id has at least one character, so a path that ends with a slash matches no operation. Whether a
/// provider accepts such a path is not documented.
fn id_in<'a>(segments: &[&'a str], form: &[&str]) -> Option<&'a str> {
    if segments.len() != form.len() {
        return None;
    }
    let mut id = "";
    for (segment, expected) in segments.iter().zip(form) {
        match *expected {
            "{}" if !segment.is_empty() => id = segment,
            expected if expected == *segment => {}
            _ => return None,
        }
    }
    Some(id)
}

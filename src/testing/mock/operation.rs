//! An operation that can be mocked.

use http::StatusCode;
use serde::Serialize;

use super::clients::MockedClient;

/// An operation of a document. The build implements it for each operation.
pub trait MockedOperation: Sized + 'static {
    /// The generated client that has the operation.
    type Client: MockedClient;
    /// The result of the client's method.
    type Answer: Serialize;
    /// The errors that the document lists.
    type Error: DocumentedError;

    /// The operationId.
    const ID: &'static str;
    /// The name of the client's method, which is the operationId in snake case.
    const NAME: &'static str;
    /// The HTTP method (RFC 9110, section 9).
    const METHOD: &'static str;
    /// The path, with parameters in braces.
    const TEMPLATE: &'static str;
    /// The first documented status of success.
    const SUCCESS: u16;
}

/// An error that the document of an operation lists.
pub trait DocumentedError {
    /// Returns the status of the error.
    fn status(&self) -> StatusCode;
}

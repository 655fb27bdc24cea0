//! JSON that can't be read, described without quoting any of it.

use std::fmt;

use serde_json::error::Category;

/// The parts of serde_json's error other than its message, which quotes the text that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct JsonFault {
    category: Category,
    line: usize,
    column: usize,
}

impl From<&serde_json::Error> for JsonFault {
    fn from(error: &serde_json::Error) -> Self {
        Self {
            category: error.classify(),
            line: error.line(),
            column: error.column(),
        }
    }
}

impl fmt::Display for JsonFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            category,
            line,
            column,
        } = self;
        let what = match category {
            Category::Data => "JSON of another shape than documented",
            Category::Eof => "JSON that ends too early",
            // serde_json reports its limits as syntax errors.
            Category::Syntax | Category::Io => {
                "data that isn't JSON, or JSON with a number or a nesting beyond the supported range"
            }
        };
        write!(f, "{what} (line {line}, column {column})")
    }
}

/// The body of a delivery isn't JSON as the provider documents it. The message quotes nothing of the body.
///
/// JSON is also rejected if it nests deeper than 127 levels, or has a number too large for an [`f64`].
///
/// Keep a genuine delivery that can't be read, byte for byte: the provider may have changed its payloads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the body of the delivery is {0}; if it is genuine, keep it and check what the provider sends now")]
pub struct ParseError(JsonFault);

impl ParseError {
    pub(crate) fn new(error: serde_json::Error) -> Self {
        Self(JsonFault::from(&error))
    }
}

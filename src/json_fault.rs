//! What is wrong with JSON, without a word of it.

use std::fmt;

use serde_json::error::Category;

/// What serde_json's error says but for its message, which quotes what was read.
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
            // serde_json's limits are syntax to it.
            Category::Syntax | Category::Io => {
                "no JSON, or JSON with a number or a nesting beyond what is read"
            }
        };
        write!(f, "{what} (line {line}, column {column})")
    }
}

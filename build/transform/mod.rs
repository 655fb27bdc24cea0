//! Changes what the generator would misread, one pass a file. Each works on a cut and checked document.

pub mod compose;
pub mod directions;
pub mod names;
pub mod nulls;
pub mod open_enums;
pub mod rust_type;
pub mod secrets;

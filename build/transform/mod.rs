//! Changes what the generator would misread, one pass a file. Each works on a cut and checked document.

pub mod directions;
pub mod own_types;
pub mod secrets;
pub mod texts;

//! The reason why a build stops: one sentence that names the place, the problem and the fix.

use std::fmt;

/// A reason to stop the build. The caller adds the file in front.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    place: String,
    problem: String,
    hint: &'static str,
}

impl Fault {
    /// A fault in the document as a whole.
    pub fn new(problem: impl Into<String>) -> Self {
        Self {
            place: String::new(),
            problem: problem.into(),
            hint: "",
        }
    }

    /// The operation at fault.
    pub fn in_operation(self, operation_id: &str) -> Self {
        self.at("operation", operation_id)
    }

    /// The component schema at fault.
    pub fn in_schema(self, name: &str) -> Self {
        self.at("schema", name)
    }

    /// Says what to do about it.
    pub fn hint(self, hint: &'static str) -> Self {
        Self { hint, ..self }
    }

    fn at(mut self, kind: &str, name: &str) -> Self {
        if self.place.is_empty() {
            self.place = format!("{kind} `{name}`: ");
        }
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sentence = format!("{}{}; {}", self.place, self.problem, self.hint);
        // One line, because a line of a build script's output can be an instruction to Cargo.
        let words: Vec<_> = sentence.split_whitespace().collect();
        for character in words.join(" ").chars() {
            match character.is_control() {
                true => write!(f, "{}", character.escape_default())?,
                false => write!(f, "{character}")?,
            }
        }
        Ok(())
    }
}

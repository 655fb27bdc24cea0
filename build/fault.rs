//! What stops a build: one sentence that says where, what, and what to do.

use std::fmt;

/// A reason to stop the build. The caller adds the file in front.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    place: Option<String>,
    problem: String,
    hint: Option<&'static str>,
}

impl Fault {
    /// A fault in the document as a whole.
    pub fn new(problem: impl Into<String>) -> Self {
        Self {
            place: None,
            problem: problem.into(),
            hint: None,
        }
    }

    /// The operation at fault.
    pub fn in_operation(self, operation_id: &str) -> Self {
        self.at(format!("operation `{operation_id}`"))
    }

    /// The component schema at fault.
    pub fn in_schema(self, name: &str) -> Self {
        self.at(format!("schema `{name}`"))
    }

    /// Says what to do about it.
    pub fn hint(mut self, hint: &'static str) -> Self {
        self.hint = Some(hint);
        self
    }

    fn at(mut self, place: String) -> Self {
        self.place.get_or_insert(place);
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut sentence = String::new();
        if let Some(place) = &self.place {
            sentence += &format!("{place}: ");
        }
        sentence += &self.problem;
        if let Some(hint) = self.hint {
            sentence += &format!("; {hint}");
        }
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

impl std::error::Error for Fault {}

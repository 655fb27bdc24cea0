//! Text of a document, as a terminal or a review may show it.

/// The text with control characters, line breaks and invisible characters written as escapes: a name in a
/// document must not be able to overwrite a line, or to look like one.
pub fn printable(text: &str) -> String {
    let mut shown = String::new();
    for character in text.chars() {
        match character {
            '"' | '\'' | '\\' => shown.push(character),
            other => shown.extend(other.escape_debug()),
        }
    }
    shown
}

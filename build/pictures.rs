//! The pictures of the guides, for rustdoc, which doesn't copy them.
//!
//! Each becomes a link definition whose target is the picture itself. The modules that show one include the
//! definitions.

use std::fs;

/// Files in `docs/`. The label of a picture is the name of its file.
const PICTURES: [&str; 2] = ["rotation.svg", "verification.svg"];

pub fn definitions() -> Result<String, String> {
    let definition = |name| {
        let file = format!("docs/{name}");
        println!("cargo::rerun-if-changed={file}");
        let picture = fs::read_to_string(&file);
        let picture = picture.map_err(|error| format!("{file}: {error}; restore it"))?;
        Ok(format!(
            "[{name}]: <data:image/svg+xml,{}>\n",
            in_link(&picture)
        ))
    };
    PICTURES.into_iter().map(definition).collect()
}

/// Encodes what would end the link, and what Markdown or a URL would take for something else.
fn in_link(text: &str) -> String {
    let encode = |c: char| match c {
        '%' | '#' | '<' | '>' | '&' | '\\' | '\n' => format!("%{:02X}", u32::from(c)),
        _ => c.to_string(),
    };
    text.chars().map(encode).collect()
}

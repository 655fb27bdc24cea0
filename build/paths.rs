//! Passes: a path is sent as it is written, to the client's own server.
//!
//! Generated code appends the path to the base URL. A path without a leading `/` would change the host. A path with
//! `#`, `?`, `\` or segments of dots would be sent as another path.

use openapiv3::OpenAPI;

use super::fault::Fault;
use super::walk::operation_id;

/// Checks that the version can stand in a header: generated code makes one of it and panics if it can't.
pub fn check_version(openapi: &OpenAPI) -> Result<(), Fault> {
    let version = &openapi.info.version;
    match version
        .bytes()
        .all(|byte| byte.is_ascii_graphic() || byte == b' ')
    {
        true => Ok(()),
        false => Err(
            Fault::new(format!("its version {version:?} cannot stand in a header"))
                .mend("write `info.version` in visible ASCII characters"),
        ),
    }
}

/// Stops the build at the first path that would not be sent as it is written.
pub fn check_paths(openapi: &OpenAPI) -> Result<(), Fault> {
    for (path, _, operation) in openapi.operations() {
        if let Some(why) = what_is_wrong(path) {
            return Err(Fault::new(format!("the path `{path}` {why}"))
                .in_operation(operation_id(operation))
                .mend("write it as `/`, segments and `{parameters}`, percent-encoded (RFC 3986, section 3.3)"));
        }
    }
    Ok(())
}

fn what_is_wrong(path: &str) -> Option<&'static str> {
    let Some(rest) = path.strip_prefix('/') else {
        return Some("does not begin with `/`");
    };
    let Some(literal) = without_parameters(rest) else {
        return Some("has braces that do not pair");
    };
    if literal.contains(|c| !is_allowed(c)) {
        return Some("has a character that no path has");
    }
    let mut segments: Vec<_> = literal.split('/').collect();
    // A path may end with `/`.
    if segments.last().is_some_and(|last| last.is_empty()) {
        segments.pop();
    }
    if segments.iter().any(|segment| segment.is_empty()) {
        return Some("has an empty segment");
    }
    // URL parsers remove these segments, encoded or not (RFC 3986, section 5.2.4).
    let is_dots = |segment: &&str| {
        let dots = segment.to_ascii_lowercase().replace("%2e", ".");
        dots == "." || dots == ".."
    };
    segments
        .iter()
        .any(is_dots)
        .then_some("has a segment of dots")
}

/// Replaces each parameter by `*`. Returns `None` if the braces don't pair.
fn without_parameters(path: &str) -> Option<String> {
    let mut literal = String::new();
    let mut rest = path;
    while let Some((before, behind)) = rest.split_once('{') {
        let (name, after) = behind.split_once('}')?;
        if before.contains('}') || name.is_empty() || name.contains(['{', '/']) {
            return None;
        }
        literal += before;
        literal.push('*');
        rest = after;
    }
    literal += rest;
    (!rest.contains('}')).then_some(literal)
}

/// Tells whether a path may have this character (RFC 3986, section 3.3).
fn is_allowed(c: char) -> bool {
    c.is_ascii_alphanumeric() || "/-._~!$&'()*+,;=:@%".contains(c)
}

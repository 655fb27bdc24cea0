//! The page of the control API: one file without outside resources.

use std::sync::LazyLock;

use base64::prelude::{Engine, BASE64_STANDARD};
use http::header::{HeaderName, CONTENT_SECURITY_POLICY, REFERRER_POLICY};
use http::{HeaderValue, StatusCode};
use http_body_util::Either;
use sha2::{Digest, Sha256};

use super::answer::{answer, Answer};

const PAGE: &str = include_str!("page.html");

/// Allows the page's own script and style by their hashes, and requests to the simulator
/// (<https://www.w3.org/TR/CSP3/>).
static POLICY: LazyLock<String> = LazyLock::new(|| {
    format!(
        "default-src 'none'; script-src '{}'; style-src '{}'; connect-src 'self'; img-src data:; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        hash("script"),
        hash("style")
    )
});

pub(super) fn page() -> Answer {
    let mut page = answer(
        StatusCode::OK,
        "text/html; charset=utf-8",
        Either::Left(PAGE.into()),
    );
    let policy = HeaderValue::from_str(&POLICY).ok();
    let no_referrer = Some(HeaderValue::from_static("no-referrer"));
    let headers: [(HeaderName, _); 2] = [
        (CONTENT_SECURITY_POLICY, policy),
        (REFERRER_POLICY, no_referrer),
    ];
    for (name, value) in headers {
        page.headers_mut().extend(value.map(|value| (name, value)));
    }
    page
}

/// Returns the hash source of the page's one element with this name and no attributes.
fn hash(element: &str) -> String {
    let (start, end) = (format!("<{element}>"), format!("</{element}>"));
    let rest = PAGE.split_once(&start).map_or("", |(_, rest)| rest);
    let content = rest.split_once(&end).map_or("", |(content, _)| content);
    let digest = Sha256::digest(content.as_bytes());
    format!("sha256-{}", BASE64_STANDARD.encode(digest))
}

//! A request, as a provider's backend receives it.

use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::request::Parts;

use crate::testing::operation::Operation;

/// A complete request for one of a provider's operations.
pub(crate) struct ProviderRequest<'a> {
    pub(crate) operation: Operation,
    /// The id in the path, empty if the operation has none.
    pub(crate) id: &'a str,
    pub(crate) head: &'a Parts,
    pub(crate) body: &'a [u8],
}

impl ProviderRequest<'_> {
    /// Returns whether the body has this media type.
    pub(super) fn has_media_type(&self, media_type: &str) -> bool {
        let content_type = self.head.headers.get(CONTENT_TYPE);
        content_type
            .and_then(|it| it.to_str().ok())
            .is_some_and(|it| is_media_type(it, media_type))
    }

    /// Returns the credential of the `Authorization` header, if it has this scheme.
    ///
    /// Sources: RFC 9110, section 11.6.2; the scheme is case-insensitive by section 11.1.
    pub(super) fn credential(&self, scheme: &str) -> Option<&str> {
        let (found, credential) = self
            .head
            .headers
            .get(AUTHORIZATION)?
            .to_str()
            .ok()?
            .split_once(' ')?;
        found
            .eq_ignore_ascii_case(scheme)
            .then_some(credential.trim())
    }
}

/// Returns whether a media type is the expected one, whatever its parameters are.
pub(super) fn is_media_type(media_type: &str, expected: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default();
    essence.trim().eq_ignore_ascii_case(expected)
}

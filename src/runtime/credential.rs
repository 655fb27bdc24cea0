//! A credential, on its way into the `Authorization` header.

use http::HeaderValue;
use zeroize::Zeroizing;

use super::builder::BuildError;
use crate::secret::Secret;

/// An authentication scheme (RFC 9110, section 11.1) and what is sent with it.
#[derive(Debug)]
pub(crate) struct Credential {
    scheme: &'static str,
    secret: Secret,
}

impl Credential {
    pub(crate) fn new(scheme: &'static str, secret: Secret) -> Self {
        Self { scheme, secret }
    }

    /// The header's value, marked sensitive, so that nothing prints it.
    pub(super) fn into_authorization(self) -> Result<HeaderValue, BuildError> {
        let secret = self.secret.expose_secret();
        // Stricter than a header value must be. A line end that was read with a token from a file,
        // or the scheme pasted in front of it, would be sent and refused; better to hear it here.
        let refuse = |why| Err(BuildError::InvalidCredential(why));
        if secret.is_empty() {
            return refuse("it is empty");
        }
        if secret.contains(char::is_whitespace) {
            return refuse(
                "it contains white space; give the key or token alone, without line end or scheme",
            );
        }
        if !secret.bytes().all(|byte| byte.is_ascii_graphic()) {
            return refuse("it contains a character that is not visible ASCII");
        }
        let text = Zeroizing::new(format!("{} {secret}", self.scheme));
        let mut value = HeaderValue::from_str(&text)
            .map_err(|_| BuildError::InvalidCredential("it cannot stand in a header"))?;
        value.set_sensitive(true);
        Ok(value)
    }
}

//! The signature of a delivery.

use std::fmt;
use std::str::FromStr;

use hmac::digest::Output;

use super::error::{VerifyError, VerifyErrorKind};
use super::scheme::Scheme;

/// The signature of one delivery, read and not yet verified, or made by [`Key::sign`](super::Key::sign).
///
/// Parsed from hexadecimal digits in either case, and displayed in lower case, as the providers send it.
/// `Debug` does not print it.
///
/// The text of a signature isn't canonical: its digits can be in either case, and in a URL they can be
/// percent-encoded. Anybody who has seen a delivery can write its signature in another way, and it verifies.
/// Don't detect duplicates by that text, nor by the URL or header that holds it.
///
/// Two signatures can't be compared with `==`, since the time that takes would tell where they differ.
/// [`Key::verify`](super::Key::verify) compares them.
#[derive(Clone)]
pub struct Signature<S: Scheme>(pub(super) Output<S::Hmac>);

impl<S: Scheme> Signature<S> {
    /// Reads hexadecimal digits.
    pub(super) fn from_hex(text: &[u8]) -> Result<Self, VerifyError> {
        if text.len() != S::FORM.digits {
            return Err(VerifyError::new::<S>(VerifyErrorKind::Length(text.len())));
        }
        let mut bytes = Output::<S::Hmac>::default();
        match const_hex::decode_to_slice(text, &mut bytes) {
            Ok(_) => Ok(Self(bytes)),
            Err(_) => Err(VerifyError::new::<S>(VerifyErrorKind::Malformed)),
        }
    }
}

/// # Errors
///
/// It has another length than the scheme's signatures, or is not hexadecimal.
impl<S: Scheme> FromStr for Signature<S> {
    type Err = VerifyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::from_hex(text.as_bytes())
    }
}

/// Lower-case hexadecimal digits: what a sender puts into the request.
impl<S: Scheme> fmt::Display for Signature<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const_hex::display(&self.0).fmt(f)
    }
}

impl<S: Scheme> fmt::Debug for Signature<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signature({})", S::FORM.provider)
    }
}

//! A provider's way of signing, and a signature made that way.

use std::fmt;
use std::str::FromStr;

use hmac::digest::Output;
use hmac::{EagerHash, KeyInit, Mac};
use http::request::Parts;
use zeroize::ZeroizeOnDrop;

use super::error::{Form, VerifyError, VerifyErrorKind};

/// How a provider signs its deliveries: [`PandaDoc`](super::PandaDoc) or [`Ratepay`](super::Ratepay).
///
/// A key, a ring and a signature each belong to one scheme, so none can be used for the other's. There are no
/// other schemes, and code outside this crate can't add one.
pub trait Scheme: Sealed + fmt::Debug + Copy + Send + Sync + Unpin + 'static {}

/// The parts of a [`Scheme`], where no other crate sees them.
pub trait Sealed: Sized {
    type Hmac: Mac + KeyInit + Clone + Send + Sync + Unpin + 'static;

    const FORM: &'static Form;

    /// Reads the signature from the head of a request.
    fn find(head: &Parts) -> Result<Signature<Self>, VerifyError>
    where
        Self: Scheme;
}

/// Keys are erased because the hashes are, which a feature of theirs decides. This doesn't compile without that
/// feature. `Hmac`, which consists of hashes, doesn't say so itself.
const _: () = {
    const fn is_erased<H: EagerHash<Core: ZeroizeOnDrop>>() {}
    is_erased::<sha2::Sha256>();
    is_erased::<sha2::Sha512>();
};

/// The signature of one delivery: read and not yet verified, or made by [`Key::sign`](super::Key::sign).
///
/// A signature is parsed from hexadecimal digits in either case, and displayed in lower case, as the providers
/// send it. `Debug` doesn't print it.
///
/// The text of a signature isn't canonical: its digits can be in either case, and in a URL they can be
/// percent-encoded. Anybody who has seen a delivery can write its signature in another way, and it verifies.
/// Don't detect duplicates by that text, nor by the URL or header that holds it.
///
/// Signatures can't be compared with `==`, since the time it takes would tell where they differ.
/// [`Key::verify`](super::Key::verify) compares them.
#[derive(Clone)]
pub struct Signature<S: Scheme>(pub(super) Output<S::Hmac>);

impl<S: Scheme> Signature<S> {
    /// Reads the signature from the head of a request, where the provider puts it.
    ///
    /// ```
    /// use webhook_subscriptions::verify::{Key, PandaDoc, Ratepay, Signature};
    ///
    /// let key = Key::<PandaDoc>::new("abc123")?;
    /// let target = key.sign(b"[]").append_to("/hooks/pandadoc");
    /// let (head, _) = http::Request::post(target).body(())?.into_parts();
    ///
    /// let signature = Signature::<PandaDoc>::from_request(&head)?;
    /// assert!(key.verify(b"[]", &signature));
    /// assert!(Signature::<Ratepay>::from_request(&head).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if the signature is missing, duplicate or malformed; see
    /// [`VerifyErrorKind`](super::VerifyErrorKind).
    pub fn from_request(head: &Parts) -> Result<Self, VerifyError> {
        S::find(head)
    }

    /// Reads hexadecimal digits.
    pub(super) fn from_hex(text: &[u8]) -> Result<Self, VerifyError> {
        if text.len() != S::FORM.digits {
            let kind = VerifyErrorKind::Length(text.len());
            return Err(VerifyError::new(kind, S::FORM));
        }
        let mut bytes = Output::<S::Hmac>::default();
        match const_hex::decode_to_slice(text, &mut bytes) {
            Ok(_) => Ok(Self(bytes)),
            Err(_) => Err(VerifyError::new(VerifyErrorKind::Malformed, S::FORM)),
        }
    }
}

/// # Errors
///
/// Returns an error if the text isn't hexadecimal, or hasn't the length of the scheme's signatures.
impl<S: Scheme> FromStr for Signature<S> {
    type Err = VerifyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::from_hex(text.as_bytes())
    }
}

/// Writes lower-case hexadecimal digits, as a sender puts them into the request.
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

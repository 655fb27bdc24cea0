//! Why a delivery is not known to be genuine.

use std::fmt;

use super::scheme::{Form, Scheme};

/// Why a delivery is not known to be genuine. Do not act on it.
///
/// Its text names the usual causes and is for your log. It holds nothing of a key or of the
/// signature that would have been right, so that no harm is done where a sender sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerifyError {
    kind: VerifyErrorKind,
    form: &'static Form,
}

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum VerifyErrorKind {
    /// The request has no signature where the provider puts it.
    Missing,
    /// The request has more than one.
    Repeated,
    /// The signature has this many bytes, which is not the scheme's length.
    Length(usize),
    /// The signature has the right length and is not hexadecimal.
    Malformed,
    /// The signature is one of Ratepay's Hosted Payment Page, which is another product.
    /// Source: <https://docs.ratepay.com/docs/developer/hosted_payment_page/webhooks_signature>.
    HostedPaymentPage,
    /// The ring has no key that is valid now. This is the receiver's own fault.
    NoKeyInForce,
    /// None of the keys that are valid now made this signature of this body.
    NoMatch,
}

impl VerifyError {
    pub(super) fn new<S: Scheme>(kind: VerifyErrorKind) -> Self {
        Self {
            kind,
            form: S::FORM,
        }
    }

    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> VerifyErrorKind {
        self.kind
    }
}

impl std::error::Error for VerifyError {}

/// What happened, and what to look at.
impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Form {
            provider,
            place,
            digits,
            odd_length,
        } = self.form;
        match self.kind {
            VerifyErrorKind::Missing => write!(
                f,
                "no signature: {provider} sends it in the {place}; if this is from {provider}, \
                 check what removes it on the way"
            ),
            VerifyErrorKind::Repeated => write!(
                f,
                "more than one signature in the {place}; if this is from {provider}, check whether \
                 the registered URL has one of its own, and what adds one on the way"
            ),
            VerifyErrorKind::Length(length) => {
                write!(
                    f,
                    "a signature of {length} bytes in the {place}, where {provider} sends {digits} \
                     hexadecimal digits; "
                )?;
                f.write_str(match length {
                    64 => "64 are HMAC-SHA256, as PandaDoc signs: is this its URL?",
                    128 => "128 are HMAC-SHA512, as Ratepay signs: is this its URL?",
                    _ => odd_length,
                })
            }
            VerifyErrorKind::Malformed => write!(
                f,
                "a signature in the {place} that is not hexadecimal, as {provider}'s are; see what \
                 changes it before it gets here"
            ),
            VerifyErrorKind::HostedPaymentPage => f.write_str(
                "a signature of Ratepay's Hosted Payment Page (`t=…,v1=…`), another product with a \
                 secret and a scheme of its own, which this crate does not verify; have those \
                 webhooks sent to another URL",
            ),
            VerifyErrorKind::NoKeyInForce => write!(
                f,
                "no key for {provider} is in force; put one into the ring, or see when those in it \
                 are valid"
            ),
            VerifyErrorKind::NoMatch => write!(
                f,
                "the signature matches no valid key; if this is from {provider}, check that the body \
                 is the bytes that were received and not JSON that was parsed and serialized, that \
                 the key is this subscription's current one, and that it has no space or line break \
                 at its end"
            ),
        }
    }
}

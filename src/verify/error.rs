//! Why a delivery can't be verified.

use std::fmt;

/// A delivery that isn't verified as genuine. Don't act on it.
///
/// The message names the usual causes and is for your log. It holds nothing of a key or of the correct signature,
/// so it does no harm if a sender sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerifyError {
    kind: VerifyErrorKind,
    form: &'static Form,
}

/// The reason why a delivery isn't verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum VerifyErrorKind {
    /// The request has no signature where the provider puts it.
    Missing,
    /// The request has more than one signature.
    Duplicate,
    /// The signature has this many bytes, which isn't the length of the scheme's signatures.
    Length(usize),
    /// The signature has the right length and isn't hexadecimal.
    Malformed,
    /// The signature is one of Ratepay's Hosted Payment Page, which is another product.
    /// Source: <https://docs.ratepay.com/docs/developer/hosted_payment_page/webhooks_signature>.
    HostedPaymentPage,
    /// The ring has no key that is valid now. The receiver causes this, not the sender.
    NoActiveKey,
    /// None of the keys that are valid now made this signature of this body.
    NoMatch,
}

/// The words that describe a scheme's signatures in errors.
#[derive(Debug, PartialEq, Eq)]
pub struct Form {
    pub(super) provider: &'static str,
    /// The place of the signature in a request.
    pub(super) place: &'static str,
    /// The length of a signature, in hexadecimal digits.
    pub(super) digits: usize,
    /// The check to make if a signature has a length of neither scheme.
    pub(super) odd_length: &'static str,
}

impl VerifyError {
    pub(super) fn new(kind: VerifyErrorKind, form: &'static Form) -> Self {
        Self { kind, form }
    }

    /// Returns what is wrong.
    #[must_use]
    pub fn kind(&self) -> VerifyErrorKind {
        self.kind
    }
}

impl std::error::Error for VerifyError {}

/// Says what happened, and what to check.
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
                "the signature is missing: {provider} sends it in the {place}; if this is from \
                 {provider}, check what removes it on the way"
            ),
            VerifyErrorKind::Duplicate => write!(
                f,
                "the {place} has more than one signature; if this is from {provider}, check whether \
                 the registered URL has one of its own, and what adds one on the way"
            ),
            VerifyErrorKind::Length(length) => {
                write!(
                    f,
                    "the signature in the {place} has {length} bytes, but {provider} sends {digits} \
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
                "the signature in the {place} isn't hexadecimal, as {provider}'s are; check what \
                 changes it on the way"
            ),
            VerifyErrorKind::HostedPaymentPage => f.write_str(
                "the signature is one of Ratepay's Hosted Payment Page (`t=…,v1=…`), another product \
                 with a secret and a scheme of its own, which this crate doesn't verify; have those \
                 webhooks sent to another URL",
            ),
            VerifyErrorKind::NoActiveKey => write!(
                f,
                "no key for {provider} is valid now; add one to the ring, or check when its keys are \
                 valid"
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

//! What the two ways of signing have in common, and where they differ.

use std::fmt::Debug;

use hmac::{EagerHash, KeyInit, Mac};
use http::{HeaderMap, Uri};
use zeroize::ZeroizeOnDrop;

use super::error::VerifyError;
use super::signature::Signature;

/// How a provider signs its deliveries: [`PandaDoc`](super::PandaDoc) or [`Ratepay`](super::Ratepay).
///
/// A key, a ring and a signature each belong to one scheme, so that none is used for the other's. There
/// are no other schemes, and none can be added from outside.
pub trait Scheme: sealed::Sealed + Debug + Copy + Send + Sync + Unpin + 'static {
    #[doc(hidden)]
    type Hmac: Mac + KeyInit + Clone + Send + Sync + Unpin + 'static;

    #[doc(hidden)]
    const FORM: &'static Form;

    /// Takes the signature out of the head of a request.
    #[doc(hidden)]
    fn find(uri: &Uri, headers: &HeaderMap) -> Result<Signature<Self>, VerifyError>;
}

pub(super) mod sealed {
    pub trait Sealed {}
}

/// Keys are erased because the hashes are, which a feature of theirs decides: this does not compile
/// without it. `Hmac`, which is made of them, does not say so itself.
const _: () = {
    const fn is_erased<H: EagerHash<Core: ZeroizeOnDrop>>() {}
    is_erased::<sha2::Sha256>();
    is_erased::<sha2::Sha512>();
};

/// What a scheme says of itself in errors.
#[derive(Debug, PartialEq, Eq)]
pub struct Form {
    pub(super) provider: &'static str,
    /// Where a request has its signature.
    pub(super) place: &'static str,
    /// The length of a signature, in hexadecimal digits.
    pub(super) digits: usize,
    /// What to look at where a signature has a length of no scheme's.
    pub(super) odd_length: &'static str,
}

//! The text of a record's file: a header of one line, and the document.
//!
//! ```text
//! webhook-subscriptions-record 1 pandadoc-d173751d-0057-4d5c-ab75-49a670a4ca68 7 <checksum>
//! <document>
//! ```
//!
//! The fields of the header are the format, the subscription and the version. The checksum is the SHA-256 of all
//! of them and the document. It finds accidents, such as a file that was cut. Only a sealed record also finds a
//! change on purpose.

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::rotate::store::StoredRecord;
use crate::secret::Secret;

const NAME: &str = "webhook-subscriptions-record";
const FORMAT: u32 = 1;

/// A file that isn't the record of its subscription. Each continues a sentence that begins with the path.
#[derive(Debug, thiserror::Error)]
pub(super) enum FormatError {
    #[error("isn't a whole record: it is empty, cut or changed; restore it from a backup")]
    Damaged,
    #[error("has format {0}, and this version of the crate reads format {FORMAT}; use the version that wrote it")]
    OtherFormat(u32),
    #[error(
        "is the record of `{0}`; restore the record of the subscription that it is named after"
    )]
    OtherSubscription(String),
}

pub(super) fn encode(subscription: &str, record: &StoredRecord) -> Zeroizing<Vec<u8>> {
    let document = record.document.expose_secret();
    let header = header(subscription, record.version, document);
    // Allocated once, so that no copy of the document stays behind.
    [header.as_bytes(), b"\n", document.as_bytes()]
        .concat()
        .into()
}

pub(super) fn decode(subscription: &str, bytes: &[u8]) -> Result<StoredRecord, FormatError> {
    let text = std::str::from_utf8(bytes).map_err(|_| FormatError::Damaged)?;
    let (found, document) = text.split_once('\n').ok_or(FormatError::Damaged)?;
    let fields = Vec::from_iter(found.split(' '));
    let [NAME, format, fields @ ..] = fields.as_slice() else {
        return Err(FormatError::Damaged);
    };
    match format.parse() {
        Ok(FORMAT) => {}
        Ok(other) => return Err(FormatError::OtherFormat(other)),
        Err(_) => return Err(FormatError::Damaged),
    }
    let [owner, version, _] = *fields else {
        return Err(FormatError::Damaged);
    };
    let version = version.parse().map_err(|_| FormatError::Damaged)?;
    if found != header(owner, version, document) {
        return Err(FormatError::Damaged);
    }
    if owner != subscription {
        return Err(FormatError::OtherSubscription(owner.to_owned()));
    }
    Ok(StoredRecord {
        version,
        document: Secret::from(document),
    })
}

fn header(subscription: &str, version: u64, document: &str) -> String {
    let fields = format!("{NAME} {FORMAT} {subscription} {version}");
    let checksum = Sha256::new()
        .chain_update(&fields)
        .chain_update("\n")
        .chain_update(document);
    format!("{fields} {}", const_hex::encode(checksum.finalize()))
}

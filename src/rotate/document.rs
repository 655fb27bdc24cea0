//! The text that a store keeps of a record.

use serde::{Deserialize, Serialize};

use super::machine::record::{Record, Time};
use super::store::sealed::is_sealed;
use super::store::StoreError;
use crate::runtime::ErasedBuf;
use crate::secret::Secret;
use crate::verify::{Key, Scheme};

/// The version of the format. A reader rejects every other one, since it would lose what it doesn't know.
const FORMAT: u32 = 1;

/// The most keys that a record can have. Each is tried for each delivery, so a record that somebody else wrote must not
/// have a million.
const MOST_KEYS: usize = 64;

/// More than a record with a dozen keys needs.
const USUAL_SIZE: usize = 8 << 10;

/// A record, and since when it has been in its phase.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Document {
    pub(super) record: Record<Secret>,
    pub(super) entered: Time,
}

#[derive(Serialize)]
struct Written<'a> {
    format: u32,
    entered: Time,
    record: &'a Record<Secret>,
}

#[derive(Deserialize)]
struct Format {
    format: u32,
}

#[derive(Deserialize)]
struct Read {
    entered: Time,
    record: Record<Secret>,
}

impl Document {
    pub(super) fn write(&self) -> Result<Secret, StoreError> {
        let written = Written {
            format: FORMAT,
            entered: self.entered,
            record: &self.record,
        };
        let mut text = ErasedBuf::with_capacity(USUAL_SIZE);
        serde_json::to_writer(&mut text, &written).map_err(StoreError::new)?;
        let mut text = text.into_inner();
        String::from_utf8(std::mem::take(&mut *text))
            .map(Secret::from)
            .map_err(|_| StoreError::new("the record isn't UTF-8"))
    }

    /// Reads what [`write`](Self::write) wrote. A record that can't be used is an error, never a part of one.
    pub(super) fn read<S: Scheme>(text: &Secret) -> Result<Self, StoreError> {
        if is_sealed(text) {
            return Err(StoreError::new(
                "the record is sealed; give the store its sealing key, with `sealed` or `Sealed::new`",
            ));
        }
        let text = text.expose_secret();
        let Format { format } = serde_json::from_str(text).map_err(without_text)?;
        if format != FORMAT {
            return Err(StoreError::new(format!(
                "the record has format {format}, and this version of the crate reads format {FORMAT}; use the version \
                 that wrote it, or a newer one"
            )));
        }
        let Read { entered, record } = serde_json::from_str(text).map_err(without_text)?;
        if !(1..=MOST_KEYS).contains(&record.keys.len()) {
            return Err(StoreError::new(format!(
                "the record has {} keys, and this crate writes 1 to {MOST_KEYS}; restore it from a backup",
                record.keys.len()
            )));
        }
        for generation in &record.keys {
            Key::<S>::new(&generation.key).map_err(StoreError::new)?;
        }
        Ok(Self { record, entered })
    }
}

/// An error of serde's may quote the text that it reads, which has keys in it. Only the place is told.
fn without_text(error: serde_json::Error) -> StoreError {
    StoreError::new(format!(
        "the record isn't what this crate writes (line {}, column {}); restore it from a backup",
        error.line(),
        error.column()
    ))
}

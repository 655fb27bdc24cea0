//! The phases of a rotation, as they are shown.

use std::fmt;

use serde::Serialize;

use super::machine::record::{self, Reason, Record};
use crate::secret::Secret;

/// The phase of a rotation. The guide [Rotation](crate::docs::rotation#how-it-goes) has a diagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Phase {
    /// One key is accepted, and no rotation is under way.
    Steady,
    /// Ratepay only: the new secret is accepted here, and isn't sent before every replica accepts it.
    Prepared,
    /// A request to change the key is, or may be, under way.
    Calling,
    /// PandaDoc only: the answer was lost, and reads tell whether the key changed.
    Settling,
    /// The provider has a new key. Older ones are accepted until deliveries no longer match them.
    Overlap,
    /// The older keys are about to be dropped.
    Retiring,
    /// Somebody must look. Every key stays accepted.
    Attention,
}

impl Phase {
    pub(super) fn of(record: &Record<Secret>) -> Self {
        match record.phase {
            record::Phase::Steady => Self::Steady,
            record::Phase::Prepared => Self::Prepared,
            record::Phase::Calling(_) => Self::Calling,
            record::Phase::Settling(_) => Self::Settling,
            record::Phase::Overlap => Self::Overlap,
            record::Phase::Retiring { .. } => Self::Retiring,
            record::Phase::Attention(_) => Self::Attention,
        }
    }

    /// Returns the name as JSON has it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Steady => "steady",
            Self::Prepared => "prepared",
            Self::Calling => "calling",
            Self::Settling => "settling",
            Self::Overlap => "overlap",
            Self::Retiring => "retiring",
            Self::Attention => "attention",
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Returns why the rotation waits for somebody, and what to do.
pub(super) fn attention(record: &Record<Secret>) -> Option<&'static str> {
    let record::Phase::Attention(reason) = record.phase else {
        return None;
    };
    Some(match reason {
        Reason::Rejected => {
            "the provider rejected the change too often; look at the error of the provider, fix the cause, and resume"
        }
        Reason::Unanswered => {
            "the answers to too many requests were lost; look at the error of the provider, fix the cause, and resume"
        }
        Reason::NewKeyUnused => {
            "deliveries still match the old key, and none has matched the new one; look whether the provider has \
             the new key, and resume to wait for its first delivery again"
        }
        Reason::EchoDiffers => {
            "the provider answered with another secret than it was given; look at the subscription, and resume to accept \
             that"
        }
    })
}

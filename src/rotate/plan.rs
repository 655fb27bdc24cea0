//! A dry run: the next steps of a rotation.

use std::fmt;

use serde::Serialize;

use super::machine::record::{self, Record};
use super::phase::{attention, Phase};
use super::state::State;

use super::subscription::{Rotatable, Subscription};
use super::time::from_millis;
use crate::secret::Secret;

/// Tells what a rotation would do next. It has no key in it. `Display` writes one line for each step.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Plan {
    /// The phase of the rotation.
    pub phase: Phase,
    /// The provider's current key, as far as it could be read.
    pub current_key: CurrentKey,
    /// The steps from here to the end of the next rotation, in plain English.
    pub steps: Vec<String>,
}

/// The key that the provider has now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "is")]
#[non_exhaustive]
pub enum CurrentKey {
    /// The current key is accepted.
    Known {
        /// The number of the key.
        generation: u64,
    },
    /// The current key isn't accepted yet. The next read of the running rotation adds it.
    New,
    /// The provider has no way to read it.
    NotReadable,
    /// The read failed.
    NotRead {
        /// Why.
        reason: String,
    },
}

impl Plan {
    pub(super) async fn new<S: Rotatable>(state: &State<S>) -> Self {
        // The record in memory is the latest that could be loaded; a failure shows in the status.
        state.reload().await.ok();
        let current_key = match state.subscription.read().await {
            None => CurrentKey::NotReadable,
            Some(Err(failed)) => CurrentKey::NotRead {
                reason: failed.message,
            },
            Some(Ok(key)) => match state.record().generation_of(&key) {
                Some(generation) => CurrentKey::Known { generation },
                None => CurrentKey::New,
            },
        };
        let record = state.record();
        Self {
            phase: Phase::of(&record),
            current_key,
            steps: steps::<S>(&record),
        }
    }
}

fn steps<S: Rotatable>(record: &Record<Secret>) -> Vec<String> {
    let next = record.next_at.and_then(from_millis);
    let next = next.and_then(|time| jiff::Timestamp::try_from(time).ok());
    let due = match next {
        Some(time) => format!("wait until {time:.0}, or until somebody asks for a rotation"),
        None => "wait until somebody asks for a rotation".to_owned(),
    };
    let all = match S::Subscription::PROVIDER {
        "pandadoc" => &PANDADOC,
        _ => &RATEPAY,
    };
    let done = match record.phase {
        record::Phase::Steady => 0,
        record::Phase::Prepared => 1,
        record::Phase::Calling(_) => 2,
        record::Phase::Settling(_) => 3,
        record::Phase::Overlap => 4,
        record::Phase::Retiring { .. } => 5,
        record::Phase::Attention(_) => {
            return vec![format!(
                "nothing: {}",
                attention(record).unwrap_or_default()
            )]
        }
    };
    let first = (done == 0).then_some(due);
    let rest = all[done..].iter().filter(|step| !step.is_empty());
    first
        .into_iter()
        .chain(rest.map(|&step| step.to_owned()))
        .collect()
}

/// The steps of a rotation at PandaDoc. The third is taken only if the answer to the request is lost.
const PANDADOC: [&str; 6] = [
    "read the current key, and accept it if it is new",
    "store the intent to change the key",
    "send one request for a new key, and accept the key of its answer",
    "if the answer was lost, read the current key until the request can't arrive any more",
    "accept both keys until deliveries match the new one, and no longer the old one",
    "read the current key twice, a minute apart, and drop all others",
];

/// The steps of a rotation at Ratepay.
const RATEPAY: [&str; 6] = [
    "make a new secret, store it, and accept it",
    "wait until every replica accepts the new secret",
    "send the new secret, and again if the answer is lost",
    "",
    "accept both secrets until deliveries match the new one, and no longer the old one",
    "drop all secrets but the new one",
];

/// One line for each step.
impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.steps.iter().enumerate() {
            writeln!(f, "{}. {step}", index + 1)?;
        }
        Ok(())
    }
}

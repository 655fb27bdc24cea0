//! The status of the service, as it tells it.

use std::collections::BTreeSet;
use std::time::SystemTime;

use jiff::Timestamp;
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use webhook_subscriptions::testing::Provider;

/// The service's report about itself.
#[derive(Clone, Deserialize)]
pub struct Seen {
    pub pandadoc: Status,
    pub ratepay: Status,
    /// The documents that it found in PandaDoc's history.
    pub found: BTreeSet<String>,
}

/// The members of `rotate::Status` that are used here.
#[derive(Clone, Deserialize)]
pub struct Status {
    pub version: u64,
    pub phase: String,
    #[serde(deserialize_with = "time")]
    pub since: SystemTime,
    pub generations: Vec<Generation>,
    pub failed_attempts: u32,
    pub attention: Option<String>,
    pub unknown_signatures: UnknownSignatures,
}

#[derive(Clone, Deserialize)]
pub struct Generation {
    pub number: u64,
    #[serde(deserialize_with = "time")]
    pub learned: SystemTime,
    pub confirmed: bool,
}

#[derive(Clone, Default, Deserialize)]
pub struct UnknownSignatures {
    pub accepted: u64,
}

impl Seen {
    pub fn of(&self, provider: Provider) -> &Status {
        match provider {
            Provider::PandaDoc => &self.pandadoc,
            _ => &self.ratepay,
        }
    }
}

impl Status {
    /// Tells whether the provider is known to have the key with this number, or a newer one.
    pub fn has_rotated_to(&self, number: u64) -> bool {
        let mut keys = self.generations.iter();
        keys.any(|key| key.confirmed && key.number >= number)
    }

    /// Tells whether all keys before the one with this number are gone.
    pub fn has_retired_all_before(&self, number: u64) -> bool {
        let oldest = self.generations.first();
        oldest.is_some_and(|key| key.number >= number)
    }

    /// Tells whether an attempt failed, and the next one comes later.
    pub fn waits_after_failure(&self) -> bool {
        self.failed_attempts > 0 && ["steady", "prepared"].contains(&&*self.phase)
    }

    /// Returns the phase and the accepted keys, in words.
    pub fn told(&self) -> String {
        let keys: Vec<_> = self
            .generations
            .iter()
            .map(|key| key.number.to_string())
            .collect();
        let plural = if keys.len() == 1 { "" } else { "s" };
        let attention = self.attention.iter().map(|reason| format!(": {reason}"));
        let attention = String::from_iter(attention);
        format!(
            "{:<9} accepts key{plural} {}{attention}",
            self.phase,
            keys.join(" and ")
        )
    }
}

/// Reads a time as RFC 3339 writes it.
fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SystemTime, D::Error> {
    let time: Timestamp = String::deserialize(deserializer)?
        .parse()
        .map_err(D::Error::custom)?;
    SystemTime::try_from(time).map_err(D::Error::custom)
}

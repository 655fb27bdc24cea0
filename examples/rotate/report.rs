//! Prints as a table how each delivery ended.

use std::collections::BTreeSet;
use std::fmt;

use http::StatusCode;
use webhook_subscriptions::testing::{Provider, SteadyReport};

use super::providers::{Attempt, Delivered};

pub struct Report {
    pub pandadoc: Side,
    pub ratepay: Side,
}

/// The deliveries of one provider, and its keys.
pub struct Side {
    pub delivered: Vec<Delivered>,
    pub forged: Vec<Attempt>,
    /// The documents that the service found in the history.
    pub found: BTreeSet<String>,
    /// How often the service held a delivery and then accepted it.
    pub held: u64,
    /// How often the provider was asked for another key.
    pub requests: u64,
    /// How many other keys it had.
    pub changes: u64,
}

impl Report {
    pub fn of(&mut self, provider: Provider) -> &mut Side {
        match provider {
            Provider::PandaDoc => &mut self.pandadoc,
            _ => &mut self.ratepay,
        }
    }

    /// Returns how many genuine deliveries were lost.
    pub fn lost(&self) -> usize {
        let sides = [&self.pandadoc, &self.ratepay];
        sides.iter().map(|side| side.lost().count()).sum()
    }

    /// Returns how many forged deliveries were accepted.
    pub fn forged_accepted(&self) -> usize {
        let sides = [&self.pandadoc, &self.ratepay];
        sides.iter().map(|side| side.forged_accepted()).sum()
    }

    /// Fails if a genuine delivery was lost, or a forged one accepted.
    pub fn check(&self) -> Result<(), &'static str> {
        match (self.lost(), self.forged_accepted()) {
            (0, 0) => Ok(()),
            _ => Err("genuine deliveries were lost, or forged ones accepted; look at the table"),
        }
    }
}

impl Side {
    pub fn new(delivered: Vec<Delivered>, forged: SteadyReport) -> Self {
        let forged = forged.deliveries.into_iter().flat_map(|it| it.attempts);
        let forged = forged.map(|attempt| Attempt {
            at: attempt.at,
            generation: attempt.key_generation,
            status: attempt.result.ok(),
        });
        Self {
            delivered,
            forged: forged.collect(),
            found: BTreeSet::new(),
            held: 0,
            requests: 0,
            changes: 0,
        }
    }

    /// Returns the genuine deliveries that were neither accepted nor found in the history.
    pub fn lost(&self) -> impl Iterator<Item = &Delivered> {
        let lost = |it: &&Delivered| !it.is_accepted() && !self.found.contains(&it.document);
        self.delivered.iter().filter(lost)
    }

    fn forged_accepted(&self) -> usize {
        let accepted = self.forged.iter().filter(|attempt| attempt.is_accepted());
        accepted.count()
    }

    fn forged_answered(&self, status: StatusCode) -> usize {
        let answered = self.forged.iter().filter(|it| it.status == Some(status));
        answered.count()
    }

    fn rows(&self) -> Vec<(&'static str, u64)> {
        let all = &self.delivered;
        let accepted = all.iter().filter(|it| it.is_accepted()).count();
        let at_once = all.iter().filter(|it| it.is_accepted_at_once()).count();
        let lost = self.lost().count();
        let forbidden = self.forged_answered(StatusCode::FORBIDDEN);
        let not_decided = self.forged_answered(StatusCode::SERVICE_UNAVAILABLE);
        let others = self.forged.len() - self.forged_accepted() - forbidden - not_decided;
        let count = |count: usize| count as u64;
        vec![
            ("delivered", count(all.len())),
            ("  accepted at once", count(at_once)),
            ("  accepted on retry", count(accepted - at_once)),
            ("  found in the history", count(all.len() - accepted - lost)),
            ("  lost", count(lost)),
            ("held until the key was known", self.held),
            ("forged", count(self.forged.len())),
            ("  rejected with 403", count(forbidden)),
            ("  answered with 503", count(not_decided)),
            ("  not answered, as no service ran", count(others)),
            ("  accepted", count(self.forged_accepted())),
            ("requests to change the key", self.requests),
            ("changes applied", self.changes),
        ]
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<35}{:>9}{:>9}", "", "PandaDoc", "Ratepay")?;
        let rows = self.pandadoc.rows().into_iter().zip(self.ratepay.rows());
        for ((what, pandadoc), (_, ratepay)) in rows {
            writeln!(f, "{what:<35}{pandadoc:>9}{ratepay:>9}")?;
        }
        write!(
            f,
            "\nlost {}, forged accepted {}",
            self.lost(),
            self.forged_accepted()
        )
    }
}

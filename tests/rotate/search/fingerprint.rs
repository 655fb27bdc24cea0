//! A hash of all that matters for what may follow in a world.
//!
//! Times count from now and epochs from the last one, so worlds that differ only in when they are reached are one. So
//! are worlds in which the two processes have changed places.

use super::world::{bit, Budget, Key, Process, World};
use crate::machine::event::{Change, Event};
use crate::machine::record::{Claim, Phase, Time};

/// Greater ages make no difference: no time of the search's policy is longer.
const OLD: Time = 5;

pub fn fingerprint(world: &World, budget: &Budget) -> u64 {
    let mut hash = Hash(0);
    let relative = Relative(world);
    relative.add_record(&mut hash);
    relative.add_provider(&mut hash);
    let [first, second] = [0, 1].map(|p| relative.process(p));
    hash.add(first.min(second));
    hash.add(first.max(second));
    hash.add(u64::from_le_bytes([
        budget.faults,
        budget.dashboard,
        budget.matches,
        budget.forged,
        budget.rotate,
        budget.revoke,
        0,
        0,
    ]));
    hash.0
}

struct Relative<'a>(&'a World);

impl Relative<'_> {
    fn add_record(&self, hash: &mut Hash) {
        let now = self.0.now;
        let record = &self.0.record;
        let phase = match record.phase {
            Phase::Steady => 0,
            Phase::Prepared => 1,
            Phase::Calling(claim) => 2 | self.claim(claim) << 3,
            Phase::Settling(claim) => 3 | self.claim(claim) << 3,
            Phase::Overlap => 4,
            Phase::Retiring { first_read } => 5 | self.maybe(first_read) << 3,
            Phase::Attention(reason) => 6 | (reason as u64) << 3,
        };
        hash.add(
            phase
                | self.maybe(record.next_at.map(|at| at.max(now))) << 24
                | self.age(record.settle_until.max(now)) << 32
                | self.age(record.since) << 40
                | self.age(record.asked_at) << 48
                | u64::from(record.failures) << 56,
        );
        for key in &record.keys {
            let last_match = key.last_match.filter(|at| *at >= record.since);
            hash.add(
                u64::from(key.key)
                    | key.number << 8
                    | u64::from(key.confirmed) << 16
                    | u64::from(key.revoked) << 17
                    | self.maybe(last_match) << 24,
            );
        }
        let leaked = record.leaked.iter().fold(0, |keys, key| keys | bit(*key));
        hash.add(u64::from(leaked) | u64::from(self.0.banned) << 32);
        hash.add(self.behind(self.0.sent_epoch) | (record.keys.len() as u64) << 8);
    }

    fn add_provider(&self, hash: &mut Hash) {
        let provider = &self.0.provider;
        hash.add(
            u64::from(provider.current)
                | u64::from(provider.issued) << 8
                | u64::from(provider.dashboard) << 16
                | u64::from(provider.unreadable) << 40,
        );
        for (key, replaced) in provider.before.into_iter().flatten() {
            hash.add(u64::from(key) | self.age(replaced) << 8 | 1 << 63);
        }
        // The answers to these go nowhere, so it doesn't matter who sent them.
        let requests = self.0.requests.iter().flatten();
        for request in requests.filter(|request| !request.is_awaited) {
            hash.add(self.request(request.epoch, request.secret, request.sent_at, None));
        }
    }

    /// A hash of this process and of what is on its way from and to it.
    fn process(&self, p: usize) -> u64 {
        let mut hash = Hash(0);
        let process = &self.0.processes[p];
        let owns = matches!(self.0.record.phase, Phase::Calling(claim) if claim.owner == p as u64);
        hash.add(
            flags(process)
                | u64::from(owns) << 8
                | process.has_seen.unwrap_or(0) << 24
                | process.running.map_or(0, |epoch| 1 + self.behind(epoch)) << 16
                | u64::from(process.ring) << 32,
        );
        if let Some((claim, secret)) = process.to_send {
            hash.add(self.claim(claim) | u64::from(secret) << 32);
        }
        if let Some(reading) = process.reading {
            hash.add(
                self.read(reading.shows, reading.began)
                    | u64::from(reading.live) << 24
                    | u64::from(reading.is_stale) << 60,
            );
        }
        for event in &process.pending {
            hash.add(match event {
                Event::Changed { epoch, change } => self.behind(*epoch) << 8 | code(change) << 16,
                Event::Read { key, began, .. } => 1 | self.read(*key, *began) << 8,
                _ => 2,
            });
        }
        let requests = self.0.requests.iter().flatten();
        for request in requests.filter(|request| request.is_awaited) {
            if usize::from(request.from) == p {
                let applied = request.applied;
                hash.add(self.request(request.epoch, request.secret, request.sent_at, applied));
            }
        }
        if let Some(late) = self.0.late.filter(|late| usize::from(late.to) == p) {
            hash.add(3 | self.behind(late.epoch) << 8 | u64::from(late.key) << 16);
        }
        hash.0
    }

    fn age(&self, time: Time) -> u64 {
        let now = self.0.now;
        match time <= now {
            true => (now - time).min(OLD),
            false => OLD + time - now,
        }
    }

    fn maybe(&self, time: Option<Time>) -> u64 {
        time.map_or(0, |time| 1 + self.age(time))
    }

    fn behind(&self, epoch: u64) -> u64 {
        self.0.record.epoch.wrapping_sub(epoch) & 15
    }

    fn claim(&self, claim: Claim) -> u64 {
        claim.base | self.behind(claim.epoch) << 4 | self.age(claim.send_by) << 8
    }

    /// Even if it began long ago, it matters whether that was before a key was confirmed.
    fn read(&self, key: Key, began: Time) -> u64 {
        let is_news = began > self.0.record.since;
        u64::from(key) | self.age(began) << 8 | u64::from(is_news) << 16
    }

    fn request(&self, epoch: u64, secret: Key, sent_at: Time, applied: Option<Key>) -> u64 {
        let applied = applied.map_or(0, |key| 1 + u64::from(key));
        self.behind(epoch) | u64::from(secret) << 8 | self.age(sent_at) << 16 | applied << 24
    }
}

fn flags(process: &Process) -> u64 {
    u64::from(process.is_alive)
        | u64::from(process.has_store) << 1
        | u64::from(process.is_asked) << 2
        | u64::from(process.awaits) << 3
        | u64::from(process.begins) << 4
        | u64::from(process.to_send.is_some()) << 5
        | u64::from(process.reading.is_some()) << 6
        | (process.pending.len() as u64) << 48
}

fn code(change: &Change<Key>) -> u64 {
    match change {
        Change::Refused => 0,
        Change::Lost => 1,
        Change::Done(key) => 2 + u64::from(*key),
    }
}

/// Short, and quick without optimisation.
struct Hash(u64);

impl Hash {
    fn add(&mut self, word: u64) {
        let mixed = (self.0 ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mixed = (mixed ^ mixed >> 32).wrapping_mul(0xd6e8_feb8_6659_fd93);
        self.0 = mixed ^ mixed >> 32;
    }
}

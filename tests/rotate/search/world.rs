//! The world of the search: one provider, one store and two processes, in a few bytes.

use crate::machine::policy::Maker;
use crate::machine::record::{Claim, Phase, Record, Time};
use crate::machine::step::Event;

/// A key. The provider's first is 0, and each new one has the next number.
pub type Key = u8;

/// A set of keys, one bit each.
pub type Keys = u32;

/// How long after it was sent a request may arrive.
pub const LATE: Time = 1;
/// How long a read may show the key that was replaced.
pub const STALE: Time = 1;
/// How long a delivery may be on its way, retries included.
pub const LIFE: Time = 1;

/// What may still happen on a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Faults of any kind that `Action::is_fault` names.
    pub faults: u8,
    /// How many of them may be changes at the dashboard.
    pub dashboard: u8,
    /// Deliveries that match an accepted key and are recorded.
    pub matches: u8,
    /// Deliveries that nobody signed.
    pub forged: u8,
    /// Rotations that somebody asks for.
    pub rotate: u8,
    /// Keys that leak.
    pub revoke: u8,
}

#[derive(Debug, Clone)]
pub struct World {
    pub maker: Maker,
    pub now: Time,
    pub record: Record<Key>,
    pub provider: Provider,
    pub processes: [Process; 2],
    pub requests: [Option<Request>; 3],
    /// An answer that comes late or twice.
    pub late: Option<Late>,
    pub budget: Budget,
    /// The claim that was sent last.
    pub sent_epoch: u64,
    /// Keys that leaked and were dropped.
    pub banned: Keys,
}

#[derive(Debug, Clone, Copy)]
pub struct Provider {
    pub current: Key,
    /// How many keys there are.
    pub issued: Key,
    /// The keys before it, and when they were replaced. Only as long as that matters.
    pub before: [Option<(Key, Time)>; 2],
    /// Keys that were made at the dashboard.
    pub dashboard: Keys,
    /// Keys that nobody can ever read back: somebody changed the key at the dashboard before we read it.
    pub unreadable: Keys,
}

#[derive(Debug, Clone)]
pub struct Process {
    pub is_alive: bool,
    pub has_store: bool,
    pub ring: Keys,
    /// The request that it is about to send or waits for.
    pub running: Option<u64>,
    /// The claim that it is about to send, and for Ratepay the secret.
    pub to_send: Option<(Claim, Key)>,
    pub is_asked: bool,
    pub reading: Option<Reading>,
    /// It looks whether every replica accepts the newest key.
    pub awaits: bool,
    /// It makes a secret.
    pub begins: bool,
    /// Events that wait for the store.
    pub pending: [Option<Event<Key>>; 3],
}

/// A read on its way.
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    pub began: Time,
    pub shows: Key,
    /// Deliveries signed with these keys may have arrived before the read began.
    pub live: Keys,
    pub is_stale: bool,
}

/// A request on its way to the provider.
#[derive(Debug, Clone, Copy)]
pub struct Request {
    pub epoch: u64,
    pub from: u8,
    /// What a PUT sets.
    pub secret: Key,
    pub sent_at: Time,
    /// Whether its process waits for the answer.
    pub is_awaited: bool,
    /// The key that it made the current one.
    pub applied: Option<Key>,
}

#[derive(Debug, Clone, Copy)]
pub struct Late {
    pub to: u8,
    pub epoch: u64,
    pub key: Key,
}

impl World {
    pub fn new(maker: Maker, budget: Budget) -> Self {
        Self {
            maker,
            now: 10,
            record: Record::adopted(0, 0, Some(10)),
            provider: Provider {
                current: 0,
                issued: 1,
                before: [None; 2],
                dashboard: 0,
                unreadable: 0,
            },
            processes: [Process::started(1), Process::started(1)],
            requests: [None; 3],
            late: None,
            budget,
            sent_epoch: 0,
            banned: 0,
        }
    }

    /// The keys of deliveries that may be on their way.
    pub fn live(&self) -> Keys {
        let before = self.provider.before.iter().flatten();
        let on_their_way = before.filter(|(_, replaced)| replaced + LIFE >= self.now);
        on_their_way.fold(bit(self.provider.current), |keys, (key, _)| {
            keys | bit(*key)
        })
    }

    /// The key that a read may show though it was replaced.
    pub fn stale(&self) -> Option<Key> {
        let before = self.provider.before.iter().flatten();
        let mut stale = before.filter(|(_, replaced)| replaced + STALE >= self.now);
        stale.next().map(|(key, _)| *key)
    }

    pub fn known(&self) -> Keys {
        self.record
            .keys
            .iter()
            .fold(0, |keys, key| keys | bit(key.key))
    }

    pub fn accepted(&self) -> Keys {
        accepted(&self.record)
    }
}

impl Process {
    pub fn started(ring: Keys) -> Self {
        Self {
            is_alive: true,
            has_store: true,
            ring,
            running: None,
            to_send: None,
            is_asked: false,
            reading: None,
            awaits: false,
            begins: false,
            pending: [None, None, None],
        }
    }

    /// Whether a crash would lose nothing.
    pub fn is_idle(&self) -> bool {
        let is_busy = self.is_asked || self.awaits || self.begins;
        !is_busy && self.running.is_none() && self.reading.is_none() && self.pending[0].is_none()
    }
}

pub fn bit(key: Key) -> Keys {
    1 << key
}

pub fn accepted(record: &Record<Key>) -> Keys {
    record.accepted().fold(0, |keys, key| keys | bit(key.key))
}

/// Ages above this make no difference.
const OLD: Time = 8;

/// A hash of all that matters for what may follow. Times count from now, and epochs from the last one, so states
/// that differ only in when they are reached are one.
pub fn fingerprint(world: &World, budget: Budget) -> u64 {
    let mut hash = Hash(0);
    let age = |time: Time| match time <= world.now {
        true => (world.now - time).min(OLD),
        false => OLD + time - world.now,
    };
    let record = &world.record;
    let behind = |epoch: u64| record.epoch.wrapping_sub(epoch) & 15;
    let claim = |claim: Claim| {
        claim.owner | claim.base << 4 | behind(claim.epoch) << 8 | age(claim.send_by) << 12
    };
    let phase = match record.phase {
        Phase::Steady => 1,
        Phase::Prepared => 2,
        Phase::Calling(calling) => 3 | claim(calling) << 4,
        Phase::Settling(settling) => 4 | claim(settling) << 4,
        Phase::Overlap => 5,
        Phase::Retiring { first_read } => 6 | first_read.map_or(0, |first| 1 + age(first)) << 4,
        Phase::Attention(reason) => 7 | (reason as u64) << 4,
    };
    let next_at = record.next_at.map_or(0, |at| 1 + age(at.max(world.now)));
    let settle_until = age(record.settle_until.max(world.now));
    hash.add(
        phase
            | next_at << 32
            | settle_until << 38
            | age(record.since) << 44
            | age(record.asked_at) << 50
            | u64::from(record.failures) << 56,
    );
    for key in &record.keys {
        let last_match = match key.last_match {
            Some(at) if at >= record.since => 1 + age(at),
            _ => 0,
        };
        hash.add(
            u64::from(key.key)
                | key.number << 5
                | u64::from(key.confirmed) << 10
                | u64::from(key.revoked) << 11
                | last_match << 12,
        );
    }
    let provider = &world.provider;
    for (key, replaced) in provider.before.into_iter().flatten() {
        hash.add(u64::from(key) | age(replaced) << 8 | 1 << 16);
    }
    hash.add(
        u64::from(provider.current)
            | u64::from(provider.issued) << 8
            | u64::from(provider.dashboard) << 16
            | u64::from(provider.unreadable) << 40,
    );
    for process in &world.processes {
        hash.add(
            u64::from(process.is_alive)
                | u64::from(process.has_store) << 1
                | u64::from(process.is_asked) << 2
                | u64::from(process.awaits) << 3
                | u64::from(process.begins) << 4
                | process.running.map_or(0, |epoch| 1 + behind(epoch)) << 5
                | u64::from(process.ring) << 10,
        );
        if let Some((sends, key)) = process.to_send {
            hash.add(claim(sends) | u64::from(key) << 32 | 1 << 40);
        }
        if let Some(reading) = process.reading {
            hash.add(
                u64::from(reading.shows)
                    | age(reading.began) << 8
                    | u64::from(reading.live) << 16
                    | u64::from(reading.is_stale) << 48
                    | 1 << 49,
            );
        }
        for event in process.pending.iter().flatten() {
            hash.add(match event {
                Event::Changed { epoch, change } => {
                    1 | behind(*epoch) << 4 | change_code(change) << 8
                }
                Event::Read { key, began, .. } => 2 | u64::from(*key) << 4 | age(*began) << 12,
                _ => 3,
            });
        }
        hash.add(99);
    }
    for request in world.requests.iter().flatten() {
        hash.add(
            u64::from(request.from)
                | behind(request.epoch) << 1
                | u64::from(request.secret) << 8
                | age(request.sent_at) << 16
                | u64::from(request.is_awaited) << 24
                | request.applied.map_or(0, |key| 1 + u64::from(key)) << 25,
        );
    }
    if let Some(late) = world.late {
        hash.add(u64::from(late.to) | behind(late.epoch) << 1 | u64::from(late.key) << 8 | 1 << 24);
    }
    let Budget {
        faults,
        dashboard,
        matches,
        forged,
        rotate,
        revoke,
    } = budget;
    hash.add(u64::from_le_bytes([
        faults, dashboard, matches, forged, rotate, revoke, 0, 0,
    ]));
    hash.add(u64::from(world.banned) | behind(world.sent_epoch) << 32);
    hash.0
}

fn change_code(change: &crate::machine::step::Change<Key>) -> u64 {
    use crate::machine::step::Change;
    match change {
        Change::Done(key) => 3 + u64::from(*key),
        Change::Refused => 1,
        Change::Lost => 2,
    }
}

/// Short and quick without optimisation.
struct Hash(u64);

impl Hash {
    fn add(&mut self, word: u64) {
        let mixed = (self.0 ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ mixed >> 29;
    }
}

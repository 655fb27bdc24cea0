//! The world of the search: one provider, one store and two processes, in a few bytes.

use crate::machine::event::Event;
use crate::machine::policy::Maker;
use crate::machine::record::{Claim, Record, Time};

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

/// The faults that may still happen on a path.
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

impl Budget {
    pub const NONE: Self = Self {
        faults: 0,
        dashboard: 0,
        matches: 0,
        forged: 0,
        rotate: 0,
        revoke: 0,
    };
}

#[derive(Debug, Clone)]
pub struct World {
    pub maker: Maker,
    pub now: Time,
    pub record: Record<Key>,
    pub provider: Provider,
    pub processes: [Process; 2],
    pub requests: [Option<Request>; 4],
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
    /// The process looks whether every replica accepts the newest key.
    pub awaits: bool,
    /// The process has seen that every replica accepts the key of this generation.
    pub has_seen: Option<u64>,
    /// The process makes a secret.
    pub begins: bool,
    /// Events that wait for the store.
    pub pending: Vec<Event<Key>>,
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
    /// The secret that a PUT sets.
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
            requests: [None; 4],
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
        keys(&self.record)
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
            has_seen: None,
            begins: false,
            pending: Vec::new(),
        }
    }

    /// Whether a crash would lose nothing.
    pub fn is_idle(&self) -> bool {
        let is_busy = self.is_asked || self.awaits || self.has_seen.is_some() || self.begins;
        !is_busy && self.running.is_none() && self.reading.is_none() && self.pending.is_empty()
    }
}

pub fn bit(key: Key) -> Keys {
    1 << key
}

pub fn keys(record: &Record<Key>) -> Keys {
    record.keys.iter().fold(0, |keys, key| keys | bit(key.key))
}

pub fn accepted(record: &Record<Key>) -> Keys {
    record
        .keys
        .iter()
        .filter(|key| record.accepts(key))
        .fold(0, |keys, key| keys | bit(key.key))
}

//! One step of a rotation after another, with the times that are the defaults.

mod accepted_at_once;
mod attention;
mod backoff;
mod bounds;
mod clock;
mod late_answers;
mod pace;
mod retirement;
mod revocation;
mod set_back;
mod stored;
mod takeover;

use crate::machine::due::wake_at;
use crate::machine::event::{Change, Effect, Event};
use crate::machine::policy::{Maker, Policy};
use crate::machine::record::{Claim, Phase, Record, Time};
use crate::machine::step::step;

type Key = &'static str;

const SECOND: Time = 1000;
const MINUTE: Time = 60 * SECOND;
const HOUR: Time = 60 * MINUTE;
const DAY: Time = 24 * HOUR;

/// When each run begins.
const START: Time = 1000 * DAY;

/// This process.
const US: u64 = 1;
/// Another process.
const THEM: u64 = 2;

/// A rotation, with a clock that is set by hand.
struct Run {
    policy: Policy,
    record: Record<Key>,
    now: Time,
}

impl Run {
    /// The key is "old", and it is time to change it.
    fn due(maker: Maker) -> Self {
        let policy = Policy {
            every: Some(90 * DAY),
            ..Policy::new(maker)
        };
        Self {
            policy,
            record: Record::adopted("old", START - 90 * DAY, Some(START)),
            now: START,
        }
    }

    /// The key has just been changed from "old" to "new".
    fn changed(maker: Maker) -> Self {
        let mut run = Self::due(maker);
        let claim = run.claims();
        run.answers(claim.epoch, Change::Done("new"));
        run
    }

    fn happens(&mut self, event: Event<Key>) -> Vec<Effect> {
        let next = step(&self.policy, &self.record, event, self.now);
        self.record = next.record;
        next.effects
    }

    fn ticks(&mut self) -> Vec<Effect> {
        let (owner, running) = (US, None);
        self.happens(Event::Tick { owner, running })
    }

    fn waits(&mut self, time: Time) -> Vec<Effect> {
        self.now += time;
        self.ticks()
    }

    fn reads(&mut self, key: Key) -> Vec<Effect> {
        let (owner, began) = (US, self.now);
        self.happens(Event::Read { owner, key, began })
    }

    fn answers(&mut self, epoch: u64, change: Change<Key>) -> Vec<Effect> {
        self.happens(Event::Changed { epoch, change })
    }

    fn matches(&mut self, generation: u64) {
        let at = self.now;
        self.happens(Event::Matched { generation, at });
    }

    /// Goes on until this process may send a request, which must be at once.
    fn claims(&mut self) -> Claim {
        let effects = match self.policy.maker {
            Maker::Provider => self.reads("old"),
            Maker::Service => {
                self.happens(Event::Begin { key: "new" });
                let (owner, generation) = (US, self.record.generations);
                self.happens(Event::Acknowledged { owner, generation })
            }
        };
        match effects[..] {
            [Effect::Send(claim)] => claim,
            _ => panic!("{effects:?}: {:?}", self.record),
        }
    }

    /// Ticks when the machine says, until this time. Returns the times of these effects, counted from now.
    fn times_of(&mut self, effect: Effect, until: Time) -> Vec<Time> {
        let (start, mut times) = (self.now, Vec::new());
        let mut last = None;
        while let Some(at) = wake_at(&self.policy, &self.record, self.now) {
            self.now = self.now.max(at);
            assert!(
                last < Some(self.now),
                "two ticks at one time: {:?}",
                self.record
            );
            last = Some(self.now);
            if self.now > start + until {
                break;
            }
            if self.ticks().contains(&effect) {
                times.push(self.now - start);
            }
        }
        self.now = start + until;
        times
    }

    fn accepted(&self) -> Vec<Key> {
        let accepted = self
            .record
            .keys
            .iter()
            .filter(|key| self.record.accepts(key));
        accepted.map(|key| key.key).collect()
    }

    fn current(&self) -> Option<Key> {
        self.record.current().map(|current| current.key)
    }

    fn phase(&self) -> &Phase {
        &self.record.phase
    }
}

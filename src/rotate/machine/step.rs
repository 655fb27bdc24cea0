//! The next step of a rotation: a pure function, without I/O, clock or randomness.
//!
//! [`step`] takes what is stored and what happened. It returns what to store and what to do. A driver follows three
//! rules:
//!
//! 1. The driver accepts [`Step::accept`] in memory first, whether it can store anything or not.
//! 2. If [`Step::record`] differs, the driver swaps it for the version that it stepped from. On a conflict it
//!    loads and steps again with the same event. It does the same if the record may be stored. If it then loads
//!    this very record, the swap succeeded.
//! 3. Only when the record is durable does the driver execute [`Step::effects`].
//!
//! An unknown signature is rejected for good only after a read that shows no new key. The read must have begun after
//! the delivery arrived, and at or after [`Record::settle_until`]. A read that began before may show the key from
//! before a request of ours.

use super::clock::forget_future;
use super::due::{ask_at, attempt_at, begin_at, is_used, others_match, over_at, retire_at};
use super::event::{Change, Effect, Event};
use super::policy::{Maker, Policy};
use super::record::{Claim, Phase, Reason, Record, Time};

/// The work to do, in this order.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Step<K> {
    /// A key to accept at once.
    pub(crate) accept: Option<K>,
    /// The record to store.
    pub(crate) record: Record<K>,
    /// The effects to execute once that is durable.
    pub(crate) effects: Vec<Effect>,
}

/// Returns what to store and do after `event`, which happened at `now`.
pub(crate) fn step<K: Clone + PartialEq>(
    policy: &Policy,
    record: &Record<K>,
    event: Event<K>,
    now: Time,
) -> Step<K> {
    let mut next = Next {
        policy,
        now,
        accept: None,
        record: record.clone(),
        effects: Vec::new(),
    };
    forget_future(policy, &mut next.record, now);
    next.handle(event);
    Step {
        accept: next.accept,
        record: next.record,
        effects: next.effects,
    }
}

struct Next<'a, K> {
    policy: &'a Policy,
    now: Time,
    accept: Option<K>,
    record: Record<K>,
    effects: Vec<Effect>,
}

impl<K: Clone + PartialEq> Next<'_, K> {
    fn handle(&mut self, event: Event<K>) {
        match event {
            Event::Tick { owner, running } => self.tick(owner, running),
            Event::Rotate => self.rotate(),
            Event::Begin { key } => self.begin(key),
            Event::Acknowledged { owner, generation } => self.acknowledged(owner, generation),
            Event::Changed { epoch, change } => self.changed(epoch, change),
            Event::Read { owner, key, began } => self.read(owner, key, began),
            Event::Unknown if self.policy.maker == Maker::Provider => self.ask_after_pause(),
            Event::Unknown => {}
            Event::Matched { generation, at } => self.matched(generation, at),
            Event::Revoke { generation } => self.revoke(generation),
            Event::Resume => self.resume(),
        }
    }

    fn tick(&mut self, owner: u64, running: Option<u64>) {
        match self.record.phase {
            Phase::Calling(claim) if self.is_abandoned(claim, owner, running) => {
                match self.policy.maker {
                    Maker::Provider => self.record.phase = Phase::Settling(claim),
                    Maker::Service => self.claim(owner),
                }
            }
            Phase::Prepared if self.may_attempt() => self.effects.push(Effect::AwaitReplicas),
            Phase::Overlap if self.is_due(retire_at(self.policy, &self.record)) => self.retire(),
            Phase::Steady if self.record.failures == 0 => self.follow_period(),
            _ => {}
        }
        if self.is_due(ask_at(self.policy, &self.record)) {
            self.ask();
        }
    }

    /// Whether the request of this claim waits for nobody any more.
    fn is_abandoned(&self, claim: Claim, owner: u64, running: Option<u64>) -> bool {
        let forgot = claim.owner == owner && running != Some(claim.epoch);
        forgot || self.is_due(Some(over_at(self.policy, claim)))
    }

    /// Tells the driver to read the key, or to make one.
    fn ask(&mut self) {
        self.record.asked_at = self.now;
        self.effects.push(match self.policy.maker {
            Maker::Provider => Effect::Read,
            Maker::Service => Effect::Begin,
        });
    }

    fn ask_after_pause(&mut self) {
        let asked_at = self.record.asked_at;
        if self.is_due(Some(asked_at.saturating_add(self.policy.read_pause))) {
            self.ask();
        }
    }

    fn rotate(&mut self) {
        if let Phase::Steady | Phase::Prepared = self.record.phase {
            self.record.next_at = Some(self.now);
        }
    }

    fn begin(&mut self, key: K) {
        if self.policy.maker == Maker::Service && self.is_due(begin_at(&self.record)) {
            self.accept = Some(key.clone());
            self.record.add(key, self.now, false);
            self.record.failures = 0;
            self.record.phase = Phase::Prepared;
            self.effects.push(Effect::AwaitReplicas);
        }
    }

    fn acknowledged(&mut self, owner: u64, generation: u64) {
        let current = self.record.current().map(|current| current.number);
        if self.record.phase == Phase::Prepared && self.may_attempt() && current == Some(generation)
        {
            self.claim(owner);
        }
    }

    /// A secret that leaked before it was in use isn't sent. Another one is made.
    fn may_attempt(&self) -> bool {
        !self.record.is_forced() && self.is_due(attempt_at(&self.record))
    }

    fn claim(&mut self, owner: u64) {
        let settle_until = self.after(self.policy.settle_within);
        self.record.epoch += 1;
        self.record.settle_until = self.record.settle_until.max(settle_until);
        let claim = Claim {
            owner,
            epoch: self.record.epoch,
            base: self.record.generations,
            send_by: self.after(self.policy.send_within),
        };
        self.record.phase = Phase::Calling(claim);
        self.effects.push(Effect::Send(claim));
    }

    fn changed(&mut self, epoch: u64, change: Change<K>) {
        let ours = match self.record.phase {
            Phase::Calling(claim) | Phase::Settling(claim) if claim.epoch == epoch => Some(claim),
            _ => None,
        };
        match (change, self.policy.maker, ours) {
            // An answer with a key of before would otherwise be asked for again and again.
            (Change::Done(key), Maker::Provider, Some(claim)) if self.is_old(&key, claim) => {
                self.fail(claim, Reason::Rejected);
            }
            (Change::Done(key), Maker::Provider, Some(_)) => {
                self.learn(key, true);
                self.continue_with_keys();
            }
            // Even the late answer of a lost claim has a key that the provider may have used.
            (Change::Done(key), Maker::Provider, None) => self.learn(key, false),
            (Change::Done(key), Maker::Service, ours) => self.echoed(key, ours.is_some()),
            (_, _, None) => {}
            (Change::Refused, _, Some(claim)) => self.fail(claim, Reason::Rejected),
            (Change::Lost, Maker::Provider, Some(claim)) => {
                self.record.phase = Phase::Settling(claim);
            }
            // The same secret is sent again later.
            (Change::Lost, Maker::Service, Some(claim)) => self.fail(claim, Reason::Unanswered),
        }
    }

    /// Whether this key was known before the claim.
    fn is_old(&self, key: &K, claim: Claim) -> bool {
        match self.record.generation_of(key) {
            Some(number) => number <= claim.base,
            None => self.record.leaked.contains(key),
        }
    }

    /// The provider answered with this secret.
    fn echoed(&mut self, key: K, is_ours: bool) {
        let current = self.record.keys.last_mut();
        match current.filter(|current| current.key == key) {
            Some(current) if current.confirmed => {}
            Some(current) => {
                current.confirmed = true;
                self.schedule();
                self.record.since = self.now;
                self.continue_with_keys();
            }
            None if is_ours => {
                if self.record.generation_of(&key).is_none() {
                    self.accept = Some(key.clone());
                    self.record.add(key, self.now, true);
                }
                self.record.phase = Phase::Attention(Reason::EchoDiffers);
            }
            // A late answer to the request of an older generation.
            None => {}
        }
    }

    fn read(&mut self, owner: u64, key: K, began: Time) {
        // A read is old when it waited for the store. The key may have changed since.
        let is_fresh = self.now.saturating_sub(began) <= self.policy.between_reads;
        let may_begin = is_fresh && self.is_due(begin_at(&self.record));
        // A read that began before tells nothing of the order of the keys.
        let is_news = began > self.record.since;
        let Some(shown) = self.record.generation_of(&key) else {
            return self.learn(key, is_news);
        };
        if !is_news {
            return;
        }
        if self.record.make_current(shown) {
            // Both were about another key.
            if let Phase::Retiring { .. } | Phase::Attention(_) = self.record.phase {
                self.record.phase = Phase::Overlap;
            }
        }
        match self.record.phase {
            _ if may_begin && self.is_due(begin_at(&self.record)) => self.claim(owner),
            // Another process has stored the key that this request made.
            Phase::Settling(claim) if self.record.generations > claim.base => {
                self.continue_with_keys();
            }
            // The request can't arrive any more, and this read began afterwards: nothing was changed.
            Phase::Settling(claim) if began >= self.record.settle_until => {
                self.fail(claim, Reason::Unanswered);
            }
            Phase::Retiring { first_read: None } => {
                let first_read = Some(began);
                self.record.phase = Phase::Retiring { first_read };
            }
            Phase::Retiring {
                first_read: Some(first),
            } if began.saturating_sub(first) >= self.policy.between_reads => self.drop_others(),
            _ => {}
        }
    }

    /// The provider uses, or has used, this key.
    fn learn(&mut self, key: K, is_current: bool) {
        match self.record.generation_of(&key) {
            Some(number) if is_current => {
                self.record.make_current(number);
            }
            Some(_) => return,
            None if self.record.leaked.contains(&key) => return,
            None => {
                self.accept = Some(key.clone());
                self.record.add(key, self.now, true);
                if !is_current {
                    self.record.put_before_current();
                }
            }
        }
        if is_current {
            self.schedule();
        }
        match self.record.phase {
            // The request may still arrive: this key may be somebody else's.
            Phase::Calling(_) => {}
            Phase::Settling(_) if !is_current => {}
            _ => self.continue_with_keys(),
        }
    }

    /// The attempt changed nothing, unless the key was changed otherwise.
    fn fail(&mut self, claim: Claim, reason: Reason) {
        if self.record.generations > claim.base {
            return self.continue_with_keys();
        }
        let doublings = self.record.failures.min(16);
        let wait = self.policy.backoff.saturating_mul(1 << doublings);
        self.record.failures += 1;
        self.record.next_at = Some(self.after(wait.min(self.policy.max_backoff)));
        if self.record.failures >= self.policy.max_failures {
            self.record.phase = Phase::Attention(reason);
        } else {
            self.continue_with_keys();
        }
    }

    /// The key was changed, so the next rotation is due after the usual time.
    fn schedule(&mut self) {
        self.record.failures = 0;
        let every = self.policy.every;
        let period = every.map(|every| every.saturating_sub(self.policy.jitter));
        self.record.next_at = period.map(|period| self.after(period));
    }

    /// Follows a period that was changed since the last rotation. A rotation that is due stays so.
    fn follow_period(&mut self) {
        let latest = self.policy.every.map(|every| self.after(every));
        let is_due = self.is_due(self.record.next_at);
        if !is_due && (self.record.next_at.is_none() || self.record.next_at > latest) {
            self.schedule();
        }
    }

    /// The phase that follows from the keys alone.
    fn continue_with_keys(&mut self) {
        let is_confirmed = self
            .record
            .current()
            .is_some_and(|current| current.confirmed);
        self.record.phase = match self.record.keys.len() {
            _ if !is_confirmed => Phase::Prepared,
            1 => Phase::Steady,
            _ => Phase::Overlap,
        };
    }

    fn matched(&mut self, generation: u64, at: Time) {
        if let Some(matched) = self.record.generation_mut(generation) {
            matched.last_match = matched.last_match.max(Some(at));
        }
        if self.record.phase == Phase::Attention(Reason::NewKeyUnused) && is_used(&self.record) {
            self.continue_with_keys();
        }
    }

    fn revoke(&mut self, generation: u64) {
        let Some(revoked) = self.record.generation_mut(generation) else {
            return;
        };
        revoked.revoked = true;
        match self.record.phase {
            Phase::Attention(_) => self.resume(),
            Phase::Retiring { .. } => self.continue_with_keys(),
            // The provider isn't yet given the key that is to replace this one.
            Phase::Prepared => self.record.failures = 0,
            _ => {}
        }
        if self.record.is_forced() {
            self.record.failures = 0;
        }
        if self.is_due(begin_at(&self.record)) {
            self.ask_after_pause();
        }
    }

    fn resume(&mut self) {
        let Phase::Attention(reason) = self.record.phase else {
            return;
        };
        match reason {
            Reason::Rejected | Reason::Unanswered => self.record.next_at = Some(self.now),
            // The wait for the new key's first delivery starts again.
            Reason::NewKeyUnused => self.record.since = self.now,
            Reason::EchoDiffers => {}
        }
        self.record.failures = 0;
        self.continue_with_keys();
    }

    fn retire(&mut self) {
        let others_match = others_match(&self.record);
        let others_sign = others_match.is_some_and(|at| at > self.record.since);
        match self.policy.maker {
            _ if others_sign && !is_used(&self.record) => {
                self.record.phase = Phase::Attention(Reason::NewKeyUnused);
            }
            Maker::Provider => self.record.phase = Phase::Retiring { first_read: None },
            Maker::Service => self.drop_others(),
        }
    }

    /// Drops all keys but the current one, if the rule still allows it.
    fn drop_others(&mut self) {
        if self.is_due(retire_at(self.policy, &self.record)) {
            self.record.drop_keys(..self.record.keys.len() - 1);
        }
        self.continue_with_keys();
    }

    /// The time after this wait. Settings can be as long as never.
    fn after(&self, wait: Time) -> Time {
        self.now.saturating_add(wait)
    }

    fn is_due(&self, at: Option<Time>) -> bool {
        at.is_some_and(|at| at <= self.now)
    }
}

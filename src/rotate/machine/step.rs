//! What happens next in a rotation: a pure function, without I/O, clock or randomness.
//!
//! [`step`] takes what is stored and what happened. It returns what to store and what to do. A driver follows three
//! rules:
//!
//! 1. It accepts [`Step::accept`] in memory first, whether it can store anything or not.
//! 2. It stores [`Step::record`], if that differs, by swapping it for the version that it stepped from. On a
//!    conflict it loads and steps again with the same event.
//! 3. Only when that is durable, it does [`Step::effects`].

use super::record::{Claim, Generation, Phase, Reason, Record, Shown, Time};

/// Whether the provider or this service makes the key. All that differs between the providers follows from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Maker {
    /// The provider, in its answer. The request must not be repeated, and the current key can be read (PandaDoc).
    Provider,
    /// This service. The request may be repeated, and nothing can be read back (Ratepay).
    Service,
}

/// How long things take. All in milliseconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Policy {
    pub(crate) maker: Maker,
    /// From a claim until its request is sent no more.
    pub(crate) send_within: Time,
    /// From a claim until its request has arrived, or never will.
    pub(crate) settle_within: Time,
    /// The youngest age, since it was learned, at which a newer key may replace the ones before it.
    pub(crate) min_age: Time,
    /// How long the older keys must have matched nothing.
    pub(crate) silence: Time,
    /// The age of the newer key at which the ones before it go in any case.
    pub(crate) max_age: Time,
    /// Between the two reads that precede retirement.
    pub(crate) between_reads: Time,
    /// The wait after the first attempt that changed nothing. It doubles each time.
    pub(crate) backoff: Time,
    /// So many attempts that change nothing need somebody's attention.
    pub(crate) max_failures: u32,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Event<K> {
    /// Time passed, or a process has just started. `owner` is this process, and `running` the epoch of a request
    /// that it is about to send or waits for.
    Tick { owner: u64, running: Option<u64> },
    /// A rotation may begin: it is due, or somebody asked for it. A key that the provider makes was read just
    /// before; one that the service makes comes with the event.
    Begin { owner: u64, key: K },
    /// Every ready replica accepts the newest key, or its lease has expired.
    Acknowledged { owner: u64 },
    /// The answer to the request of this epoch, or none. `next_at` is when the next rotation is due if the key
    /// changed.
    Changed {
        epoch: u64,
        change: Change<K>,
        next_at: Option<Time>,
    },
    /// A read showed this key. It began at `began`.
    Read { key: K, began: Time },
    /// Deliveries matched the key of this generation.
    Matched { generation: u64, at: Time },
    /// The key of this generation leaked.
    Revoke { generation: u64 },
    /// Somebody has looked, and wants to go on.
    Resume,
}

/// What became of a request to change the key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Change<K> {
    /// The provider answered with this key.
    Done(K),
    /// Nothing was changed, for certain.
    Refused,
    /// The answer was lost.
    Lost,
}

/// What to do, in this order.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Step<K> {
    /// A key to accept at once.
    pub(crate) accept: Option<K>,
    /// What to store.
    pub(crate) record: Record<K>,
    /// What to do once that is durable.
    pub(crate) effects: Vec<Effect>,
}

/// Something to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Effect {
    /// Wait until every replica accepts the newest key.
    AwaitReplicas,
    /// Send the request of this claim, unless its time is over. The clock is asked immediately before.
    Send(Claim),
    /// Read the current key.
    Read,
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
        step: Step {
            accept: None,
            record: record.clone(),
            effects: Vec::new(),
        },
    };
    next.handle(event);
    next.step
}

struct Next<'a, K> {
    policy: &'a Policy,
    now: Time,
    step: Step<K>,
}

impl<K: Clone + PartialEq> Next<'_, K> {
    fn handle(&mut self, event: Event<K>) {
        match event {
            Event::Tick { owner, running } => self.tick(owner, running),
            Event::Begin { owner, key } => self.begin(owner, key),
            Event::Acknowledged { owner } => {
                if self.record().phase == Phase::Prepared && self.is_due() {
                    self.claim(owner);
                }
            }
            Event::Changed {
                epoch,
                change,
                next_at,
            } => self.changed(epoch, change, next_at),
            Event::Read { key, began } => self.read(key, began),
            Event::Matched { generation, at } => {
                let now = at;
                if let Some(matched) = self.generation(generation) {
                    matched.last_match = matched.last_match.max(Some(now));
                }
            }
            Event::Revoke { generation } => self.revoke(generation),
            Event::Resume => {
                if let Phase::Attention(_) = self.record().phase {
                    self.record_mut().failures = 0;
                    self.continue_with_keys();
                }
            }
        }
    }

    fn tick(&mut self, owner: u64, running: Option<u64>) {
        match self.record().phase.clone() {
            Phase::Steady if self.is_due() => self.read_if_possible(),
            Phase::Steady => {}
            Phase::Prepared if self.is_due() => self.step.effects.push(Effect::AwaitReplicas),
            Phase::Prepared => {}
            Phase::Calling(claim) if Some(claim.epoch) == running => {}
            // The request may have been sent by a process that died, or by another that is alive.
            Phase::Calling(claim) => match self.policy.maker {
                Maker::Provider => self.settle(claim),
                Maker::Service => self.claim(owner),
            },
            Phase::Settling(_) | Phase::Attention(_) => self.read_if_possible(),
            Phase::Overlap => self.retire_if_ready(),
            Phase::Retiring { .. } => match self.policy.maker {
                Maker::Provider => self.step.effects.push(Effect::Read),
                Maker::Service => self.drop_all_but(self.record().newest()),
            },
        }
    }

    fn begin(&mut self, owner: u64, key: K) {
        if self.record().phase != Phase::Steady || !self.is_settled() {
            return;
        }
        match self.policy.maker {
            // In this phase there is one key.
            Maker::Provider if self.record().generation_of(&key).is_some() => self.claim(owner),
            // Somebody else changed it, just now or long ago. That comes first.
            Maker::Provider => self.learn(key),
            Maker::Service => {
                let now = self.now;
                self.step.accept = Some(key.clone());
                self.record_mut().add(key, now, false);
                self.record_mut().phase = Phase::Prepared;
                self.step.effects.push(Effect::AwaitReplicas);
            }
        }
    }

    fn claim(&mut self, owner: u64) {
        let (now, policy) = (self.now, *self.policy);
        let record = self.record_mut();
        record.epoch += 1;
        record.settle_until = record.settle_until.max(now + policy.settle_within);
        let claim = Claim {
            owner,
            epoch: record.epoch,
            base: record.newest(),
            send_by: now + policy.send_within,
        };
        record.phase = Phase::Calling(claim);
        self.step.effects.push(Effect::Send(claim));
    }

    fn changed(&mut self, epoch: u64, change: Change<K>, next_at: Option<Time>) {
        let ours = match self.record().phase {
            Phase::Calling(claim) | Phase::Settling(claim) if claim.epoch == epoch => Some(claim),
            _ => None,
        };
        match (change, ours, self.policy.maker) {
            // Even the late answer of a lost claim holds a key that the provider may use.
            (Change::Done(key), ours, Maker::Provider) => {
                self.learn(key);
                if ours.is_some() {
                    self.schedule(next_at);
                    self.continue_with_keys();
                }
            }
            (Change::Done(key), _, Maker::Service) => self.echoed(key, next_at),
            (_, None, _) => {}
            (Change::Refused, Some(_), _) => self.fail(),
            (Change::Lost, Some(claim), Maker::Provider) => self.settle(claim),
            // The same secret is sent again, at the next tick.
            (Change::Lost, Some(_), Maker::Service) => {}
        }
    }

    /// The provider answered a request of ours with this secret.
    fn echoed(&mut self, key: K, next_at: Option<Time>) {
        let (newest, now) = (self.record().newest(), self.now);
        match self.record().generation_of(&key) {
            Some(number) if number == newest => {
                if let Some(generation) = self.generation(number) {
                    generation.confirmed = true;
                }
                self.schedule(next_at);
                self.continue_with_keys();
            }
            // A late answer to the request of an older generation.
            Some(_) => {}
            None => {
                self.step.accept = Some(key.clone());
                self.record_mut().add(key, now, true);
                self.record_mut().phase = Phase::Attention(Reason::EchoDiffers);
            }
        }
    }

    fn read(&mut self, key: K, began: Time) {
        let Some(shown) = self.record().generation_of(&key) else {
            self.learn(key);
            return;
        };
        match self.record().phase.clone() {
            // Another process has stored the key that this request made.
            Phase::Settling(claim) if self.record().newest() > claim.base => {
                self.continue_with_keys();
            }
            // The request can't arrive any more, and this read began afterwards: nothing was changed.
            Phase::Settling(_) if began >= self.record().settle_until => self.fail(),
            Phase::Retiring { shown: Some(first) } if first.generation == shown => {
                let apart = began.saturating_sub(first.began);
                if apart >= self.policy.between_reads {
                    self.drop_all_but(shown);
                }
            }
            Phase::Retiring { .. } => {
                let generation = shown;
                let shown = Some(Shown { generation, began });
                self.record_mut().phase = Phase::Retiring { shown };
            }
            _ => {}
        }
    }

    /// A key that the provider issued.
    fn learn(&mut self, key: K) {
        let now = self.now;
        self.step.accept = Some(key.clone());
        match self.record().generation_of(&key) {
            Some(_) => {}
            None => self.record_mut().add(key, now, true),
        }
        match self.record().phase {
            Phase::Attention(_) => {}
            // The request may still arrive: the key that was learned may be somebody else's.
            Phase::Calling(_) => {}
            _ => self.continue_with_keys(),
        }
    }

    fn settle(&mut self, claim: Claim) {
        self.record_mut().phase = Phase::Settling(claim);
        self.step.effects.push(Effect::Read);
    }

    /// The attempt changed nothing.
    fn fail(&mut self) {
        let (now, policy) = (self.now, *self.policy);
        let record = self.record_mut();
        record.failures += 1;
        let doublings = record.failures.saturating_sub(1).min(16);
        let wait = policy.backoff << doublings;
        record.next_at = Some(now + wait);
        if record.failures >= policy.max_failures {
            record.phase = Phase::Attention(Reason::Rejected);
        } else {
            self.continue_with_keys();
        }
    }

    fn schedule(&mut self, next_at: Option<Time>) {
        self.record_mut().failures = 0;
        self.record_mut().next_at = next_at;
    }

    /// The phase that follows from the keys alone.
    fn continue_with_keys(&mut self) {
        self.drop_revoked_keys();
        let record = self.record_mut();
        let is_confirmed = record.keys.last().is_none_or(|newest| newest.confirmed);
        record.phase = match (is_confirmed, record.keys.len()) {
            (false, _) => Phase::Prepared,
            (true, 0 | 1) => Phase::Steady,
            (true, _) => Phase::Overlap,
        };
    }

    fn revoke(&mut self, generation: u64) {
        if let Some(revoked) = self.generation(generation) {
            revoked.revoked = true;
        }
        match self.record().phase {
            Phase::Steady => {
                let now = self.now;
                self.record_mut().next_at = Some(now);
                self.read_if_possible();
            }
            Phase::Overlap | Phase::Retiring { .. } => self.continue_with_keys(),
            _ => {}
        }
    }

    /// A key that leaked goes as soon as the provider is known to use a newer one.
    fn drop_revoked_keys(&mut self) {
        let record = self.record_mut();
        let confirmed = record.keys.iter().rev().find(|key| key.confirmed);
        if let Some(newest) = confirmed.map(|newest| newest.number) {
            record
                .keys
                .retain(|key| !key.revoked || key.number >= newest);
        }
    }

    fn retire_if_ready(&mut self) {
        let (now, policy) = (self.now, self.policy);
        let Some((newest, older)) = self.record().keys.split_last() else {
            return;
        };
        let age = now.saturating_sub(newest.learned);
        let last_match = older.iter().filter_map(|key| key.last_match).max();
        // Before the new key was learned, silence meant nothing.
        let silent_since = last_match.unwrap_or(0).max(newest.learned);
        let is_silent = now.saturating_sub(silent_since) >= policy.silence;
        let has_matched = newest.last_match.is_some();
        let old_signs_still = last_match.is_some_and(|at| at > newest.learned);
        let phase = if !self.is_settled() {
            return;
        } else if age >= policy.max_age && old_signs_still && !has_matched {
            Phase::Attention(Reason::NewKeyUnused)
        } else if age >= policy.max_age || age >= policy.min_age && is_silent && has_matched {
            Phase::Retiring { shown: None }
        } else {
            return;
        };
        self.record_mut().phase = phase;
        self.read_if_possible();
    }

    fn drop_all_but(&mut self, generation: u64) {
        let record = self.record_mut();
        record.keys.retain(|key| key.number == generation);
        record.phase = Phase::Steady;
    }

    fn read_if_possible(&mut self) {
        if self.policy.maker == Maker::Provider {
            self.step.effects.push(Effect::Read);
        }
    }

    fn is_due(&self) -> bool {
        self.record()
            .next_at
            .is_some_and(|next_at| next_at <= self.now)
            || self.record().phase == Phase::Prepared && self.record().failures == 0
    }

    /// Whether no request that was sent can arrive any more.
    fn is_settled(&self) -> bool {
        self.record().settle_until <= self.now
    }

    fn generation(&mut self, number: u64) -> Option<&mut Generation<K>> {
        let mut keys = self.record_mut().keys.iter_mut();
        keys.find(|key| key.number == number)
    }

    fn record(&self) -> &Record<K> {
        &self.step.record
    }

    fn record_mut(&mut self) -> &mut Record<K> {
        &mut self.step.record
    }
}

pub(crate) fn wake_at<K: Clone + PartialEq>(
    _: &Policy,
    record: &Record<K>,
    now: Time,
) -> Option<Time> {
    match record.phase {
        Phase::Steady => record.next_at,
        _ => Some(now + 15_000),
    }
}

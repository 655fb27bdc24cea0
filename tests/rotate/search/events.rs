//! How the world changes by an action.

use super::actions::{is_ready, Action, Swap};
use super::checks;
use super::world::{accepted, bit, Key, Late, Process, Reading, Request, World, LATE, LIFE, STALE};
use super::{Rules, Without};
use crate::machine::policy::Maker;
use crate::machine::record::{Claim, Phase, Record, Time};
use crate::machine::step::{step, Change, Effect, Event};

/// The name of the promise that is broken, and how.
pub type Broken = String;

/// Returns the world after this action, or `None` if it changes nothing.
pub fn act(rules: &Rules, world: &World, action: Action) -> Result<Option<World>, Broken> {
    let mut next = world.clone();
    if action.is_fault() {
        next.budget.faults -= 1;
    }
    let mut acting = Acting {
        rules,
        world: &mut next,
    };
    let is_changed = acting.act(action)?;
    checks::world(rules, &next)?;
    Ok(is_changed.then_some(next))
}

struct Acting<'a> {
    rules: &'a Rules,
    world: &'a mut World,
}

impl Acting<'_> {
    fn act(&mut self, action: Action) -> Result<bool, Broken> {
        match action {
            Action::Wait | Action::Stall => self.wait(),
            Action::Tick(p, swap) => return self.tick(p, swap),
            Action::Load(p) => self.world.processes[p].ring = self.world.accepted(),
            Action::Begin(p, swap) => {
                self.world.processes[p].begins = false;
                let key = self.world.provider.issued;
                if self.handle(p, Event::Begin { key }, swap)? {
                    self.world.provider.issued += 1;
                }
            }
            Action::Await(p) => self.look_at_replicas(p),
            Action::Acknowledge(p, swap) => {
                let owner = p as u64;
                if let Some(generation) = self.world.processes[p].has_seen.take() {
                    self.handle(p, Event::Acknowledged { owner, generation }, swap)?;
                }
            }
            Action::Send(p) => self.send(p)?,
            Action::StartRead(p) => self.start_read(p, self.world.provider.current, false),
            Action::StartStaleRead(p) => {
                if let Some(key) = self.world.stale() {
                    self.start_read(p, key, true);
                }
            }
            Action::FailRead(p) => self.world.processes[p].is_asked = false,
            Action::EndRead(p, swap) => return self.end_read(p, swap),
            Action::Retry(p, swap) => {
                let pending = &mut self.world.processes[p].pending;
                let event = pending[0].take();
                pending.rotate_left(1);
                if let Some(event) = event {
                    self.handle(p, event, swap)?;
                }
            }
            Action::Crash(p) => self.crash(p),
            Action::Start(p) => self.world.processes[p] = Process::started(self.world.accepted()),
            Action::LoseStore(p) => self.world.processes[p].has_store = false,
            Action::FindStore(p) => {
                self.world.processes[p].has_store = true;
                self.world.processes[p].ring |= self.world.accepted();
            }
            Action::Arrive(number) => self.arrive(number)?,
            Action::Answer(number, swap) => return self.answer(number, swap),
            Action::AnswerTwice(number) => {
                self.remember(number);
                self.answer(number, Swap::Stored)?;
            }
            Action::AnswerLate(number) => {
                self.remember(number);
                self.end(number, Change::Lost)?;
                self.world.requests[number] = None;
            }
            Action::LoseAnswer(number) => self.end(number, Change::Lost)?,
            Action::Refuse(number) => {
                self.end(number, Change::Refused)?;
                self.world.requests[number] = None;
            }
            Action::Late => {
                if let Some(Late { to, epoch, key, .. }) = self.world.late.take() {
                    let change = Change::Done(key);
                    self.handle(
                        usize::from(to),
                        Event::Changed { epoch, change },
                        Swap::Stored,
                    )?;
                }
            }
            Action::Dashboard => {
                self.world.budget.dashboard -= 1;
                let key = self.new_key();
                self.world.provider.dashboard |= bit(key);
                self.replace(key, true)?;
            }
            Action::Unknown(p) => return self.unknown(p),
            Action::Forged(p) => {
                self.world.budget.forged -= 1;
                return self.unknown(p);
            }
            Action::Match(key) => {
                self.world.budget.matches -= 1;
                let generation = self.world.record.generation_of(&key).unwrap_or(0);
                let at = self.world.now;
                return self.handle_somewhere(Event::Matched { generation, at });
            }
            Action::Rotate => {
                self.world.budget.rotate -= 1;
                return self.handle_somewhere(Event::Rotate);
            }
            Action::Revoke(generation) => {
                self.world.budget.revoke -= 1;
                return self.handle_somewhere(Event::Revoke { generation });
            }
            Action::Resume => return self.handle_somewhere(Event::Resume),
        }
        Ok(true)
    }

    fn wait(&mut self) {
        let world = &mut *self.world;
        world.now += 1;
        let now = world.now;
        for request in &mut world.requests {
            request.take_if(|request| request.sent_at + LATE < now);
        }
        for before in &mut world.provider.before {
            before.take_if(|(_, replaced)| *replaced + LIFE.max(STALE) < now);
        }
    }

    fn tick(&mut self, p: usize, swap: Swap) -> Result<bool, Broken> {
        let running = self.world.processes[p].running;
        let owner = p as u64;
        self.handle(p, Event::Tick { owner, running }, swap)
    }

    fn unknown(&mut self, p: usize) -> Result<bool, Broken> {
        let arrived = self.world.now;
        self.handle(p, Event::Unknown { arrived }, Swap::Stored)
    }

    fn handle_somewhere(&mut self, event: Event<Key>) -> Result<bool, Broken> {
        let p = (0..2).find(|p| is_ready(self.world, *p)).unwrap_or(0);
        self.handle(p, event, Swap::Stored)
    }

    /// What a driver does with an event: accept, store, then the effects. Tells whether anything came of it.
    fn handle(&mut self, p: usize, event: Event<Key>, swap: Swap) -> Result<bool, Broken> {
        let mut record = self.world.record.clone();
        if self.rules.without == Some(Without::Settling) {
            forget_settling(&mut record, &event, self.world.now);
        }
        let next = step(&self.rules.policy, &record, event.clone(), self.world.now);
        let process = &mut self.world.processes[p];
        if let Some(key) = next.accept {
            process.ring |= bit(key);
        }
        if !process.has_store {
            if let (Event::Begin { key }, Some(Without::DurableFirst)) =
                (&event, self.rules.without)
            {
                let claim = self.early_claim(p);
                self.world.processes[p].to_send = Some((claim, *key));
                return Ok(true);
            }
            let process = &mut self.world.processes[p];
            if matches!(event, Event::Changed { .. } | Event::Read { .. }) {
                let free = process.pending.iter_mut().find(|pending| pending.is_none());
                *free.ok_or("the search has too little room for events")? = Some(event);
            }
            return Ok(true);
        }
        let is_changed = next.record != self.world.record;
        if swap == Swap::Unknown && !is_changed
            || swap == Swap::StoredThenCrash && next.effects.is_empty()
        {
            return Ok(false);
        }
        checks::change(self.rules, self.world, &next.record, &next.effects)?;
        self.store(p, next.record);
        match swap {
            Swap::Stored => self.start(p, &self.world.record.clone(), &next.effects),
            Swap::StoredThenCrash => self.crash(p),
            Swap::Unknown => {
                self.handle(p, event, Swap::Stored)?;
            }
        }
        Ok(is_changed || !next.effects.is_empty())
    }

    /// The claim of a request that is sent without being stored.
    fn early_claim(&self, p: usize) -> Claim {
        Claim {
            owner: p as u64,
            epoch: self.world.record.epoch + 1,
            base: self.world.record.generations,
            send_by: self.world.now + 1,
        }
    }

    fn store(&mut self, p: usize, record: Record<Key>) {
        let world = &mut *self.world;
        for key in &world.record.keys {
            if key.revoked && record.generation_of(&key.key).is_none() {
                world.banned |= bit(key.key);
            }
        }
        world.record = record;
        let accepted = accepted(&world.record);
        for (number, process) in world.processes.iter_mut().enumerate() {
            // Only Ratepay's replicas must have a key before something is done, so only theirs may lag here.
            let hears = number == p || world.maker == Maker::Provider;
            if hears && process.is_alive && process.has_store {
                process.ring = accepted;
            }
        }
    }

    fn start(&mut self, p: usize, record: &Record<Key>, effects: &[Effect]) {
        let process = &mut self.world.processes[p];
        for effect in effects {
            match effect {
                Effect::Begin => process.begins = true,
                Effect::AwaitReplicas => process.awaits = true,
                Effect::Read => process.is_asked = true,
                Effect::Send(claim) => {
                    let secret = record.current().map_or(0, |current| current.key);
                    process.running = Some(claim.epoch);
                    process.to_send = Some((*claim, secret));
                }
            }
        }
    }

    fn crash(&mut self, p: usize) {
        let process = Process::started(0);
        self.world.processes[p] = Process {
            is_alive: false,
            ..process
        };
        for request in &mut self.world.requests {
            let is_mine = |request: &Request| usize::from(request.from) == p;
            request.take_if(|request| is_mine(request) && request.applied.is_some());
            if let Some(request) = request.as_mut().filter(|request| is_mine(request)) {
                request.is_awaited = false;
            }
        }
        self.world.late.take_if(|late| usize::from(late.to) == p);
    }

    fn look_at_replicas(&mut self, p: usize) {
        self.world.processes[p].awaits = false;
        if let Some(current) = self.world.record.current() {
            let lacks = |process: &Process| {
                process.is_alive && process.has_store && process.ring & bit(current.key) == 0
            };
            if !self.world.processes.iter().any(lacks) {
                self.world.processes[p].has_seen = Some(current.number);
            }
        }
    }

    fn send(&mut self, p: usize) -> Result<(), Broken> {
        let Some((claim, secret)) = self.world.processes[p].to_send.take() else {
            return Ok(());
        };
        if self.world.now >= claim.send_by {
            self.world.processes[p].running = None;
            let (epoch, change) = (claim.epoch, Change::Refused);
            self.handle(p, Event::Changed { epoch, change }, Swap::Stored)?;
            return Ok(());
        }
        checks::send(self.rules, self.world, claim, secret)?;
        self.world.sent_epoch = claim.epoch;
        let free = self
            .world
            .requests
            .iter_mut()
            .find(|request| request.is_none());
        *free.ok_or("the search has too little room for requests")? = Some(Request {
            epoch: claim.epoch,
            from: p as u8,
            secret,
            sent_at: self.world.now,
            is_awaited: true,
            applied: None,
        });
        Ok(())
    }

    fn start_read(&mut self, p: usize, shows: Key, is_stale: bool) {
        let reading = Reading {
            began: self.world.now,
            shows,
            live: self.world.live(),
            is_stale,
        };
        let process = &mut self.world.processes[p];
        process.is_asked = false;
        process.reading = Some(reading);
    }

    fn end_read(&mut self, p: usize, swap: Swap) -> Result<bool, Broken> {
        let Some(reading) = self.world.processes[p].reading.take() else {
            return Ok(false);
        };
        let (owner, key, began) = (p as u64, reading.shows, reading.began);
        let is_changed = self.handle(p, Event::Read { owner, key, began }, swap)?;
        if swap == Swap::Stored {
            checks::verdict(self.rules, self.world, p, reading)?;
        }
        Ok(is_changed || swap == Swap::Stored)
    }

    fn new_key(&mut self) -> Key {
        let key = self.world.provider.issued;
        self.world.provider.issued += 1;
        key
    }

    fn arrive(&mut self, number: usize) -> Result<(), Broken> {
        let Some(request) = self.world.requests[number] else {
            return Ok(());
        };
        let key = match self.world.maker {
            Maker::Provider => self.new_key(),
            Maker::Service => request.secret,
        };
        self.replace(key, false)?;
        let applied = Request {
            applied: Some(key),
            ..request
        };
        self.world.requests[number] = request.is_awaited.then_some(applied);
        Ok(())
    }

    fn replace(&mut self, key: Key, at_dashboard: bool) -> Result<(), Broken> {
        checks::replacement(self.world, key, at_dashboard)?;
        let replaced_at = self.world.now;
        let provider = &mut self.world.provider;
        if provider.current == key {
            return Ok(());
        }
        let by_hand = at_dashboard || provider.dashboard & bit(provider.current) != 0;
        if by_hand && self.world.record.generation_of(&provider.current).is_none() {
            provider.unreadable |= bit(provider.current);
        }
        provider.before = [Some((provider.current, replaced_at)), provider.before[0]];
        provider.current = key;
        Ok(())
    }

    /// Keeps the answer to come later too.
    fn remember(&mut self, number: usize) {
        let Some(request) = self.world.requests[number] else {
            return;
        };
        self.world.late = request.applied.map(|key| Late {
            to: request.from,
            epoch: request.epoch,
            key,
        });
    }

    fn answer(&mut self, number: usize, swap: Swap) -> Result<bool, Broken> {
        let Some(Request {
            applied: Some(key),
            epoch,
            from,
            ..
        }) = self.world.requests[number].take()
        else {
            return Ok(false);
        };
        let p = usize::from(from);
        self.world.processes[p].running = None;
        let change = Change::Done(key);
        let is_changed = self.handle(p, Event::Changed { epoch, change }, swap)?;
        Ok(is_changed || swap == Swap::Stored)
    }

    /// The process that waits for this request hears that. The request may go on its way.
    fn end(&mut self, number: usize, change: Change<Key>) -> Result<(), Broken> {
        let Some(request) = &mut self.world.requests[number] else {
            return Ok(());
        };
        request.is_awaited = false;
        let (epoch, p) = (request.epoch, usize::from(request.from));
        if request.applied.is_some() {
            self.world.requests[number] = None;
        }
        self.world.processes[p].running = None;
        let is_lost = change == Change::Lost;
        self.handle(p, Event::Changed { epoch, change }, Swap::Stored)?;
        if is_lost && self.rules.without == Some(Without::NoRepeat) {
            self.repeat(p);
        }
        Ok(())
    }

    /// Sends a request of which the answer was lost again.
    fn repeat(&mut self, p: usize) {
        if let Phase::Settling(claim) = self.world.record.phase {
            let record = self.world.record.clone();
            self.start(p, &record, &[Effect::Send(claim)]);
        }
    }
}

/// A read of the old key is taken for a proof that the request changed nothing and never will.
fn forget_settling(record: &mut Record<Key>, event: &Event<Key>, now: Time) {
    if let (Phase::Settling(_), Event::Read { .. }) = (&record.phase, event) {
        record.phase = Phase::Steady;
        record.settle_until = now;
        record.next_at = Some(now);
    }
}

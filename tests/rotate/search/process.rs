//! The processes: they take in events as a driver must, and execute effects.

use super::actions::Swap;
use super::checks;
use super::events::{Acting, Broken};
use super::world::{accepted, bit, Key, Process, Reading, Request};
use super::Without;
use crate::machine::event::{Change, Effect, Event};
use crate::machine::policy::Maker;
use crate::machine::record::{Claim, Phase, Record, Time};
use crate::machine::step::step;

impl Acting<'_> {
    /// Takes in an event as a driver does: accept, store, then the effects. Tells whether anything came of
    /// it.
    pub fn handle(&mut self, p: usize, event: Event<Key>, swap: Swap) -> Result<bool, Broken> {
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
            match event {
                // The secret is sent though it isn't stored.
                Event::Begin { key } if self.rules.without == Some(Without::DurableFirst) => {
                    process.to_send = Some((unstored_claim(p, &record, self.world.now), key));
                }
                Event::Changed { .. } | Event::Read { .. } => process.pending.push(event),
                _ => {}
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

    pub fn start(&mut self, p: usize, record: &Record<Key>, effects: &[Effect]) {
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

    pub fn crash(&mut self, p: usize) {
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

    pub fn look_at_replicas(&mut self, p: usize) {
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

    pub fn send(&mut self, p: usize) -> Result<(), Broken> {
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
        let mut requests = self.world.requests.iter_mut();
        let free = requests.find(|request| request.is_none());
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

    pub fn start_read(&mut self, p: usize, shows: Key, is_stale: bool) {
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

    pub fn end_read(&mut self, p: usize, swap: Swap) -> Result<bool, Broken> {
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
}

/// A read of the old key is taken for a proof that the request changed nothing and never will.
fn forget_settling(record: &mut Record<Key>, event: &Event<Key>, now: Time) {
    if let (Phase::Settling(_), Event::Read { .. }) = (&record.phase, event) {
        record.phase = Phase::Steady;
        record.settle_until = now;
        record.next_at = Some(now);
    }
}

fn unstored_claim(p: usize, record: &Record<Key>, now: Time) -> Claim {
    Claim {
        owner: p as u64,
        epoch: record.epoch + 1,
        base: record.generations,
        send_by: now + 1,
    }
}

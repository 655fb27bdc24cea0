//! The ways of requests, and changes of the key.

use super::actions::Swap;
use super::checks;
use super::events::{Acting, Broken};
use super::world::{bit, Key, Late, Request};
use super::Without;
use crate::machine::event::{Change, Effect, Event};
use crate::machine::policy::Maker;
use crate::machine::record::Phase;

impl Acting<'_> {
    pub fn new_key(&mut self) -> Key {
        let key = self.world.provider.issued;
        self.world.provider.issued += 1;
        key
    }

    pub fn arrive(&mut self, number: usize) -> Result<(), Broken> {
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

    pub fn replace(&mut self, key: Key, at_dashboard: bool) -> Result<(), Broken> {
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
    pub fn remember(&mut self, number: usize) {
        let Some(request) = self.world.requests[number] else {
            return;
        };
        self.world.late = request.applied.map(|key| Late {
            to: request.from,
            epoch: request.epoch,
            key,
        });
    }

    pub fn answer(&mut self, number: usize, swap: Swap) -> Result<bool, Broken> {
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
    pub fn end(&mut self, number: usize, change: Change<Key>) -> Result<(), Broken> {
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

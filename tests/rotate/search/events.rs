//! How the world changes by an action.

use super::actions::{is_ready, Action, Swap};
use super::checks;
use super::world::{bit, Key, Late, Process, World, LATE, LIFE, STALE};
use super::Rules;
use crate::machine::event::{Change, Event};

/// The name of the promise that is broken, and how.
pub type Broken = String;

/// Returns the world after this action, or `None` if it changes nothing.
pub fn act(rules: &Rules, world: &World, action: Action) -> Result<Option<Box<World>>, Broken> {
    let mut next = Box::new(world.clone());
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

/// Changes a world. `process` has what a process does, and `network` what becomes of its requests.
pub struct Acting<'a> {
    pub rules: &'a Rules,
    pub world: &'a mut World,
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
                let event = self.world.processes[p].pending.remove(0);
                self.handle(p, event, swap)?;
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
            }
            Action::LoseAnswer(number) => self.end(number, Change::Lost)?,
            Action::Refuse(number) => {
                self.end(number, Change::Refused)?;
                self.world.requests[number] = None;
            }
            Action::Late => {
                if let Some(Late { to, epoch, key }) = self.world.late.take() {
                    let change = Change::Done(key);
                    let answer = Event::Changed { epoch, change };
                    self.handle(usize::from(to), answer, Swap::Stored)?;
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
        self.handle(p, Event::Unknown, Swap::Stored)
    }

    fn handle_somewhere(&mut self, event: Event<Key>) -> Result<bool, Broken> {
        let p = (0..2).find(|p| is_ready(self.world, *p)).unwrap_or(0);
        self.handle(p, event, Swap::Stored)
    }
}

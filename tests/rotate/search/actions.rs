//! The actions in the world of the search.

use super::world::{bit, Key, World, LATE};
use super::Rules;
use crate::machine::due::wake_at;
use crate::machine::event::Event;
use crate::machine::policy::Maker;
use crate::machine::record::{Phase, Time};
use crate::machine::step::step;

/// Something that happens. Numbers are those of processes, requests, keys or generations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Time passes, once everybody has done what is due.
    Wait,
    /// Time passes though somebody has something to do.
    Stall,
    Tick(usize, Swap),
    /// A process loads the keys.
    Load(usize),
    /// A process makes a secret.
    Begin(usize, Swap),
    /// A process looks whether every replica accepts the newest key.
    Await(usize),
    Acknowledge(usize, Swap),
    Send(usize),
    StartRead(usize),
    StartStaleRead(usize),
    FailRead(usize),
    EndRead(usize, Swap),
    /// The store is back, and takes an event that waited for it.
    Retry(usize, Swap),
    Crash(usize),
    Start(usize),
    LoseStore(usize),
    FindStore(usize),
    /// The provider changes the key.
    Arrive(usize),
    Answer(usize, Swap),
    AnswerTwice(usize),
    AnswerLate(usize),
    LoseAnswer(usize),
    Refuse(usize),
    /// The late answer comes.
    Late,
    /// Somebody changes the key at PandaDoc's dashboard.
    Dashboard,
    /// A genuine delivery comes whose key isn't accepted.
    Unknown(usize),
    /// A delivery comes that nobody signed.
    Forged(usize),
    /// A delivery comes that this key signed, and is recorded.
    Match(Key),
    Rotate,
    Revoke(u64),
    Resume,
}

/// How storing the record goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Swap {
    Stored,
    /// The record is stored, and the process dies before it does anything more.
    StoredThenCrash,
    /// The record is stored, but the process isn't told so and finds another record on top. So it steps
    /// again.
    Unknown,
}

impl Action {
    pub fn is_fault(self) -> bool {
        use Action::*;
        match self {
            Tick(_, swap)
            | Begin(_, swap)
            | Acknowledge(_, swap)
            | EndRead(_, swap)
            | Retry(_, swap)
            | Answer(_, swap) => swap != Swap::Stored,
            Stall | StartStaleRead(_) | FailRead(_) | Crash(_) | LoseStore(_) | AnswerTwice(_)
            | AnswerLate(_) | LoseAnswer(_) | Refuse(_) | Dashboard => true,
            _ => false,
        }
    }
}

/// Calls `add` with whatever may happen now. Some of it changes nothing.
///
/// The action that a run without further faults needs first comes first.
pub fn actions(rules: &Rules, world: &World, add: &mut impl FnMut(Action)) {
    let faults = world.budget.faults > 0;
    of_the_network(world, faults, add);
    let is_calling = matches!(world.record.phase, Phase::Calling(_));
    let [first, second] = &world.processes;
    let are_alike = first.is_idle()
        && second.is_idle()
        && first.is_alive
        && second.is_alive
        && first.has_store
        && second.has_store
        && first.ring == second.ring;
    let number = if are_alike && !is_calling { 1 } else { 2 };
    for p in 0..number {
        of_a_process(rules, world, p, faults, add);
    }
    of_the_world(rules, world, faults, add);
}

fn of_the_network(world: &World, faults: bool, add: &mut impl FnMut(Action)) {
    if world.late.is_some() {
        add(Action::Late);
    }
    for (number, request) in world.requests.iter().enumerate() {
        let Some(request) = request else { continue };
        if request.applied.is_none() {
            add(Action::Arrive(number));
        } else {
            with_swaps(faults, |swap| add(Action::Answer(number, swap)));
        }
        if faults && request.is_awaited {
            add(Action::LoseAnswer(number));
            match request.applied {
                None => add(Action::Refuse(number)),
                Some(_) if world.late.is_none() => {
                    add(Action::AnswerTwice(number));
                    add(Action::AnswerLate(number));
                }
                Some(_) => {}
            }
        }
    }
}

fn of_a_process(
    rules: &Rules,
    world: &World,
    p: usize,
    faults: bool,
    add: &mut impl FnMut(Action),
) {
    let process = &world.processes[p];
    if !process.is_alive {
        return add(Action::Start(p));
    }
    if !process.has_store {
        add(Action::FindStore(p));
    } else if !process.pending.is_empty() {
        with_swaps(faults, |swap| add(Action::Retry(p, swap)));
    }
    if process.begins {
        with_swaps(faults, |swap| add(Action::Begin(p, swap)));
    }
    if world.maker == Maker::Service && process.has_store && process.ring != world.accepted() {
        add(Action::Load(p));
    }
    if process.awaits {
        add(Action::Await(p));
    }
    if process.has_seen.is_some() {
        with_swaps(faults, |swap| add(Action::Acknowledge(p, swap)));
    }
    if process.to_send.is_some() {
        add(Action::Send(p));
    }
    if process.is_asked {
        add(Action::StartRead(p));
        if faults {
            add(Action::FailRead(p));
            if world.stale().is_some() {
                add(Action::StartStaleRead(p));
            }
        }
    }
    if process.reading.is_some() {
        with_swaps(faults, |swap| add(Action::EndRead(p, swap)));
    }
    if is_ready(world, p) {
        if is_tick_of_use(rules, world, p) {
            with_swaps(faults, |swap| add(Action::Tick(p, swap)));
        }
        if world.maker == Maker::Provider && world.record.asked_at < world.now {
            if world.live() & !world.accepted() != 0 {
                add(Action::Unknown(p));
            }
            if world.budget.forged > 0 {
                add(Action::Forged(p));
            }
        }
    }
    if faults && !process.is_idle() {
        add(Action::Crash(p));
    }
    if faults && process.has_store {
        add(Action::LoseStore(p));
    }
}

fn of_the_world(rules: &Rules, world: &World, faults: bool, add: &mut impl FnMut(Action)) {
    let budget = &world.budget;
    if (0..2).any(|p| is_ready(world, p)) {
        let on_their_way = world.live() & world.accepted();
        for key in &world.record.keys {
            if budget.matches > 0 && on_their_way & bit(key.key) != 0 {
                add(Action::Match(key.key));
            }
            if budget.revoke > 0 && !key.revoked {
                add(Action::Revoke(key.number));
            }
        }
        if budget.rotate > 0 {
            add(Action::Rotate);
        }
        if let Phase::Attention(_) = world.record.phase {
            add(Action::Resume);
        }
    }
    if faults && budget.dashboard > 0 {
        add(Action::Dashboard);
    }
    match is_quiet(rules, world) {
        _ if is_overdue(world) => {}
        true => add(Action::Wait),
        false if faults => add(Action::Stall),
        false => {}
    }
}

fn with_swaps(faults: bool, mut add: impl FnMut(Swap)) {
    add(Swap::Stored);
    if faults {
        add(Swap::StoredThenCrash);
        add(Swap::Unknown);
    }
}

fn is_tick_of_use(rules: &Rules, world: &World, p: usize) -> bool {
    let (owner, running) = (p as u64, world.processes[p].running);
    let tick = Event::Tick { owner, running };
    let next = step(&rules.policy, &world.record, tick, world.now);
    !next.effects.is_empty() || next.record != world.record
}

/// Whether this process can take in an event.
pub fn is_ready(world: &World, p: usize) -> bool {
    let process = &world.processes[p];
    process.is_alive && process.has_store && process.pending.is_empty()
}

/// Whether everybody has done what is due. A process that is down, or without the store, is excused.
fn is_quiet(rules: &Rules, world: &World) -> bool {
    let is_awake =
        wake_at(&rules.policy, &world.record, world.now).is_some_and(|at| at <= world.now);
    let is_busy = |p: usize| {
        let process = &world.processes[p];
        let is_late = match process.has_store {
            true => {
                let has_other_keys =
                    world.maker == Maker::Service && process.ring != world.accepted();
                is_awake || !process.pending.is_empty() || has_other_keys
            }
            false => false,
        };
        let is_busy = process.is_asked
            || process.awaits
            || process.has_seen.is_some()
            || process.begins
            || process.reading.is_some();
        process.is_alive && (is_late || is_busy || process.to_send.is_some())
    };
    let is_answered = |request: &super::world::Request| request.applied.is_some();
    !is_busy(0) && !is_busy(1) && !world.requests.iter().flatten().any(is_answered)
}

/// Whether a request must arrive before time passes: nothing went wrong with it.
fn is_overdue(world: &World) -> bool {
    let mut requests = world.requests.iter().flatten();
    requests.any(|request| request.is_awaited && is_last_moment(request.sent_at, world.now))
}

fn is_last_moment(sent_at: Time, now: Time) -> bool {
    sent_at + LATE <= now
}

//! The search: every world that can be reached, depth first.

use std::collections::HashSet;
use std::fmt::{self, Write};
use std::hash::{BuildHasherDefault, Hasher};

use super::actions::{actions, is_ready, Action, Swap};
use super::events::{act, Broken};
use super::fingerprint::fingerprint;
use super::world::{bit, Budget, World};
use super::Rules;
use crate::machine::due::wake_at;
use crate::machine::record::{Phase, Record};

/// The promise that was broken, and what led to it.
#[derive(Debug)]
pub struct Violation {
    pub promise: Broken,
    trace: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}{}", self.promise, self.trace, self.promise)
    }
}

type Seen = HashSet<u64, BuildHasherDefault<Same>>;

struct Frame {
    world: Box<World>,
    /// The actions that led here.
    by: Option<Action>,
    actions: Vec<Action>,
}

/// Visits every world. Returns how many there are.
pub fn explore(rules: &Rules, start: World) -> Result<usize, Violation> {
    let mut seen = Seen::default();
    let mut live = Seen::default();
    seen.insert(fingerprint(&start, &start.budget));
    let mut path = vec![frame(rules, Box::new(start), None)];
    while let Some(last) = path.last_mut() {
        let Some(action) = last.actions.pop() else {
            path.pop();
            continue;
        };
        let next = match act(rules, &last.world, action) {
            Ok(None) => continue,
            Ok(Some(next)) => next,
            Err(promise) => return Err(violation(promise, &path, Some(action))),
        };
        if !seen.insert(fingerprint(&next, &next.budget)) {
            continue;
        }
        let outcome = comes_to_rest(rules, &next, &mut live);
        path.push(frame(rules, next, Some(action)));
        if let Err((promise, run)) = outcome {
            path.extend(run);
            return Err(violation(promise, &path, None));
        }
    }
    Ok(seen.len())
}

fn frame(rules: &Rules, world: Box<World>, by: Option<Action>) -> Frame {
    let mut all = Vec::new();
    actions(rules, &world, &mut |action| all.push(action));
    Frame {
        world,
        by,
        actions: all,
    }
}

/// So many steps must suffice.
const BOUND: usize = 300;

/// Checks promise 8, and promise 6 for the current key's deliveries. Runs on without further faults until nothing
/// is left to be done. A delivery that comes then is accepted.
fn comes_to_rest(
    rules: &Rules,
    world: &World,
    live: &mut Seen,
) -> Result<(), (Broken, Vec<Frame>)> {
    let mut world = Box::new(world.clone());
    world.budget = Budget::NONE;
    let mut run = Vec::new();
    loop {
        let here = fingerprint(&world, &Budget::NONE);
        if live.contains(&here) || is_at_rest(&world) && is_current_accepted(&world) {
            live.extend(
                run.iter()
                    .map(|frame: &Frame| fingerprint(&frame.world, &Budget::NONE)),
            );
            return Ok(());
        }
        let next = fair(rules, &world);
        run.push(Frame {
            world,
            by: None,
            actions: Vec::new(),
        });
        world = match next {
            Ok(_) if run.len() > BOUND => {
                return Err((format!("8: it doesn't end within {BOUND} steps"), run));
            }
            Ok(next) => next,
            Err(promise) => return Err((promise, run)),
        };
    }
}

/// Does as a driver: all that is due, then it sleeps until the next time at which a tick does something.
fn fair(rules: &Rules, world: &World) -> Result<Box<World>, Broken> {
    let mut all = Vec::new();
    actions(rules, world, &mut |action| all.push(action));
    let is_down = !world.processes.iter().any(|process| process.is_alive);
    all.retain(|action| match action {
        Action::Start(_) => is_down,
        // The rotation must get there without help. Only then comes a delivery.
        Action::Unknown(_) => is_at_rest(world),
        Action::Resume | Action::Wait | Action::Tick(..) => false,
        _ => true,
    });
    for action in all {
        if let Some(next) = act(rules, world, action)? {
            return Ok(next);
        }
    }
    let wake_at = wake_at(&rules.policy, &world.record, world.now);
    let mut waited = None;
    if wake_at.is_none_or(|at| at > world.now) {
        waited = act(rules, world, Action::Wait)?;
    }
    let world = waited.as_deref().unwrap_or(world);
    if wake_at.is_some_and(|at| at <= world.now) {
        let p = usize::from(!is_ready(world, 0));
        let ticked = act(rules, world, Action::Tick(p, Swap::Stored))?;
        return ticked.ok_or("8: a tick does nothing at the time at which it should".to_owned());
    }
    waited.ok_or("8: no time passes".to_owned())
}

fn is_at_rest(world: &World) -> bool {
    let record = &world.record;
    let is_quiet = world.requests.iter().all(Option::is_none) && world.late.is_none();
    match record.phase {
        Phase::Attention(_) => is_quiet,
        Phase::Steady => is_quiet && record.next_at.is_none() && !record.keys[0].revoked,
        _ => false,
    }
}

fn is_current_accepted(world: &World) -> bool {
    world.accepted() & bit(world.provider.current) != 0
}

fn violation(promise: Broken, path: &[Frame], last: Option<Action>) -> Violation {
    let mut trace = String::new();
    for frame in path {
        if let Some(action) = frame.by {
            let _ = writeln!(trace, "{action:?}");
        }
        let _ = writeln!(trace, "    {}", describe(&frame.world));
    }
    if let Some(action) = last {
        let _ = writeln!(trace, "{action:?}");
    }
    Violation { promise, trace }
}

fn describe(world: &World) -> String {
    let Record {
        phase,
        keys,
        settle_until,
        since,
        asked_at,
        next_at,
        failures,
        ..
    } = &world.record;
    let keys = keys.iter().map(|key| {
        let marks = [
            (key.confirmed, '+'),
            (key.revoked, '!'),
            (key.last_match.is_some(), 'm'),
        ];
        let marks = marks
            .iter()
            .filter(|(is_set, _)| *is_set)
            .map(|(_, mark)| *mark);
        format!("{}{}", key.key, String::from_iter(marks))
    });
    let keys = Vec::from_iter(keys).join(" ");
    format!(
        "{}: {phase:?} [{keys}] settle {settle_until} since {since} asked {asked_at} next {next_at:?} \
         failures {failures}; provider {}; rings {:b} {:b}",
        world.now, world.provider.current, world.processes[0].ring, world.processes[1].ring,
    )
}

/// A fingerprint is a hash already.
#[derive(Default)]
struct Same(u64);

impl Hasher for Same {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {}

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

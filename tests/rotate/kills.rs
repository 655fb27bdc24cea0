//! The process of a service can be killed at any time. No delivery is lost, no forged one is accepted,
//! PandaDoc regenerates the key once, and the rotation completes.
//!
//! A child process runs the service: this test binary once more, with another test. The parent runs the simulator,
//! sends deliveries, and kills the child with SIGKILL. The clock stands still while the child works, so a slow
//! machine changes nothing.
//!
//! `ROTATION_KILLS=5000` kills so many more processes at random, in schedules that differ each time.
//! `ROTATION_SEED` makes the same run again.

mod child;
mod plan;
mod process;
mod report;
mod run;
mod traffic;

use std::collections::BTreeMap;
use std::env;
use std::str::FromStr;
use std::time::Duration;

use fastrand::Rng;
use http::StatusCode;
use webhook_subscriptions::testing::{Fault, Operation, Provider};

use self::plan::{Kill, Met, Plan, Trouble};
use self::process::Boundary;
use self::run::run;
use self::traffic::Victim;
use crate::service::Way;
use crate::world::{for_both_providers, MINUTE, SECOND};

/// The operation that reads PandaDoc's current key.
const READ: Operation = Operation::DetailsWebhookSubscription;

/// How many processes each provider's random test kills. Each other test kills at least one process in each of its
/// runs, so all of them together kill more than 200.
const RANDOM_KILLS: usize = 40;

/// The seed of these. A plain run meets the same plans each time, so it fails because of a change and not by chance.
/// With `ROTATION_KILLS` the seed is drawn, to find more.
const SEED: u64 = 16_269_790_167_048_916;

/// Every fault of requests that can happen to this operation, each once.
fn faults(operation: Operation) -> Vec<Fault> {
    let mut faults = vec![
        Fault::cut_before_applying(),
        Fault::cut_after_applying(),
        Fault::cut_inside_answer(),
        // A request of a claim is sent within 10 seconds, and must have arrived within 130.
        Fault::apply_late(100 * SECOND),
        Fault::delay(5 * SECOND),
        Fault::delay(Duration::MAX),
        // The client waits for this long in real time.
        Fault::too_many_requests(Some(1.into())),
        Fault::service_unavailable(None),
        Fault::answer(StatusCode::BAD_REQUEST),
        Fault::answer_after_applying(StatusCode::INTERNAL_SERVER_ERROR),
        Fault::answer_after_applying(StatusCode::BAD_REQUEST),
        Fault::html_in_front(StatusCode::FORBIDDEN),
    ];
    if operation == READ {
        faults.push(Fault::stale_read(Duration::MAX));
    }
    let here = |fault: Fault| fault.on(operation).once();
    faults.into_iter().map(here).collect()
}

/// A fault that no service can expect: the request arrives when the next one may have been sent. A service that isn't
/// asked to hurry waits for an hour, and finds the new key then.
fn too_late(operation: Operation) -> Fault {
    Fault::apply_late(5 * MINUTE).on(operation).once()
}

/// The operations that a rotation at this provider needs.
fn operations<S: Victim>() -> Vec<Operation> {
    match S::CHANGE.provider() {
        Provider::PandaDoc => vec![S::CHANGE, READ],
        _ => vec![S::CHANGE],
    }
}

fn plan(troubles: Vec<Trouble>, kills: impl Into<Vec<Kill>>, number: usize) -> Plan {
    Plan {
        troubles,
        kills: kills.into(),
        insists: number.is_multiple_of(3),
        sealed: number.is_multiple_of(2),
        way: Way::ALL[number / 2 % 2],
    }
}

/// Kills a child at this boundary, and the next two at one of their first boundaries.
fn kills_at(boundary: Boundary, number: usize) -> Vec<Kill> {
    let later = |nth| Boundary { name: None, nth };
    let all = [boundary, later(1 + number % 3), later(1 + number % 4)];
    all.map(Kill::AtBoundary).to_vec()
}

/// Kills a service at each boundary of a rotation.
async fn at_every_boundary<S: Victim>() {
    let mut total = Total::default();
    for (number, name) in S::BOUNDARIES.iter().enumerate() {
        let boundary = Boundary {
            name: Some((*name).to_owned()),
            nth: 1,
        };
        total.add(run_and_kill_at::<S>(vec![], boundary, number).await);
    }
    // A rotation comes to some of them again, as often as matches of deliveries are stored. So one run kills at the
    // first boundary of all, the next one at the second, until a run has come to its end before.
    for nth in 1.. {
        let kills = kills_at(Boundary { name: None, nth }, nth);
        let met = run::<S>(plan(vec![], kills, nth)).await;
        if met.killed.is_empty() {
            break;
        }
        total.add(met);
    }
    total.check(2 * S::BOUNDARIES.len());
}

/// Has a run meet this trouble, and checks that it killed its first child at this boundary.
async fn run_and_kill_at<S: Victim>(
    troubles: Vec<Trouble>,
    boundary: Boundary,
    number: usize,
) -> Met {
    let name = boundary.name.clone();
    let met = run::<S>(plan(troubles, kills_at(boundary, number), number)).await;
    assert_eq!(met.killed.first(), name.as_ref());
    met
}

/// The points at which a child is killed while a request to change the key, or a read, fails.
fn around<S: Victim>(operation: Operation) -> Vec<Boundary> {
    let request = format!("at a request, {}", operation.id());
    let boundaries = [
        (&*request, 1),
        S::CLAIMED,
        ("before a swap, calling", 1),
        ("after a swap, calling", 1),
    ];
    let named = |(name, nth): (&str, _)| Boundary {
        name: Some(name.to_owned()),
        nth,
    };
    boundaries.map(named).to_vec()
}

/// Has each fault happen to each operation, and kills the service around the time of the fault.
async fn with_every_fault<S: Victim>() {
    let mut total = Total::default();
    for operation in operations::<S>() {
        let around = around::<S>(operation);
        let numbered = faults(operation).into_iter().enumerate();
        for (number, fault) in numbered.chain([(1, too_late(operation))]) {
            // At the request itself, and at another boundary.
            for boundary in [0, 1 + number % 3] {
                let trouble = Trouble::Fault(fault.clone());
                let boundary = around[boundary].clone();
                let met = run_and_kill_at::<S>(vec![trouble], boundary, number).await;
                assert_ne!(met.hits, [0], "{fault:?}");
                total.add(met);
            }
        }
    }
    let claimed = around::<S>(S::CHANGE).remove(1);
    total.add(run_and_kill_at::<S>(vec![Trouble::Refusal], claimed, 0).await);
    total.check(total.runs);
    assert_eq!(total.missed > 0, S::HAS_HISTORY, "{total:#?}");
}

/// Kills services at random moments, with random faults.
async fn at_random<S: Victim>() {
    let kills: Option<usize> = variable("ROTATION_KILLS");
    let drawn = kills.map_or(SEED, |_| fastrand::u64(..));
    let seed = variable("ROTATION_SEED").unwrap_or(drawn);
    println!("ROTATION_SEED={seed}");
    let least = kills.map_or(RANDOM_KILLS, |all| all / 2);
    let mut total = Total::default();
    let mut random = Rng::with_seed(seed);
    while total.kills() < least {
        let troubles = (0..random.usize(0..4)).map(|_| {
            let operation = random.choice(operations::<S>()).unwrap();
            Trouble::Fault(random.choice(faults(operation)).unwrap())
        });
        let troubles = troubles.collect();
        let kills: Vec<_> = (0..random.usize(1..9))
            .map(|_| match random.bool() {
                true => Kill::AtBoundary(Boundary {
                    name: None,
                    nth: random.usize(1..20),
                }),
                false => Kill::After(Duration::from_millis(random.u64(0..200))),
            })
            .collect();
        total.add(run::<S>(plan(troubles, kills, random.usize(0..12))).await);
    }
    println!("{} kills: {total:#?}", total.kills());
}

for_both_providers! { at_every_boundary with_every_fault at_random }

fn variable<T: FromStr>(name: &str) -> Option<T> {
    let value = env::var(name).ok()?;
    Some(value.parse().ok().expect("a number"))
}

/// The events that several runs met together.
#[derive(Debug, Default)]
struct Total {
    runs: usize,
    /// How many children were killed where.
    killed: BTreeMap<String, usize>,
    boundaries: usize,
    deliveries: usize,
    accepted_later: usize,
    missed: usize,
    forged: usize,
}

impl Total {
    fn add(&mut self, met: Met) {
        self.runs += 1;
        for name in met.killed {
            *self.killed.entry(name).or_default() += 1;
        }
        self.boundaries += met.passed.len();
        self.deliveries += met.deliveries;
        self.accepted_later += met.accepted_later;
        self.missed += met.missed;
        self.forged += met.forged;
    }

    fn kills(&self) -> usize {
        self.killed.values().sum()
    }

    /// Checks that the runs met what they are for.
    fn check(&self, least_kills: usize) {
        println!("{} kills: {self:#?}", self.kills());
        assert!(self.kills() >= least_kills, "{self:#?}");
        assert!(self.accepted_later > 0 && self.forged > 0, "{self:#?}");
    }
}

//! A rotation keeps its promises in every state that it can reach, with everything against it.

mod actions;
mod checks;
mod events;
mod explore;
mod fingerprint;
mod world;

use std::time::Instant;

use crate::machine::policy::{Maker, Policy};
use explore::explore;
use world::{Budget, World, LATE, STALE};

/// A rule that the models found necessary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Without {
    /// A PATCH whose answer was lost isn't sent again.
    NoRepeat,
    /// No rotation begins while a request may still arrive.
    Settling,
    /// An unknown signature is looked up before it is rejected.
    Reread,
    /// What a request depends on is durable before it is sent.
    DurableFirst,
    /// Who has lost the store rejects nothing for good.
    StoreNeeded,
    /// No secret is retired, and none is made, while an older one may arrive.
    RetireSettled,
    /// While a request may arrive, nothing is rejected for good.
    Unsettled503,
}

pub struct Rules {
    pub policy: Policy,
    pub without: Option<Without>,
}

/// Times as short as they can be and still differ.
fn rules(maker: Maker, without: Option<Without>) -> Rules {
    let send_within = 1;
    let settle_within = match (maker, without) {
        (_, Some(Without::RetireSettled)) => 0,
        (Maker::Provider, _) => send_within + LATE + STALE,
        (Maker::Service, _) => send_within + LATE,
    };
    let policy = Policy {
        maker,
        every: None,
        send_within,
        answer_within: 1,
        settle_within,
        settle_reads: [0, 1, 1],
        read_pause: 1,
        between_reads: STALE + 1,
        read_every: 3,
        poll: 1,
        min_age: 2,
        silence: 2,
        max_age: 4,
        backoff: 1,
        max_backoff: 2,
        max_failures: 2,
    };
    Rules { policy, without }
}

fn every_state(name: &str, rules: &Rules, budget: Budget) {
    let began = Instant::now();
    match explore(rules, World::new(rules.policy.maker, budget)) {
        Ok(states) => println!(
            "{name}: {states} states in {:.1} s",
            began.elapsed().as_secs_f64()
        ),
        Err(violation) => panic!("{}\n{}", violation.promise, violation.trace),
    }
}

const ONE: Budget = Budget {
    faults: 1,
    dashboard: 1,
    matches: 1,
    forged: 1,
    rotate: 1,
    revoke: 1,
};

#[test]
fn pandadoc_one() {
    every_state("PandaDoc, one fault", &rules(Maker::Provider, None), ONE);
}

#[test]
fn ratepay_one() {
    every_state(
        "Ratepay, one fault",
        &rules(Maker::Service, None),
        Budget {
            dashboard: 0,
            ..ONE
        },
    );
}

#[test]
fn pandadoc_two() {
    every_state(
        "PandaDoc, two faults",
        &rules(Maker::Provider, None),
        Budget {
            faults: 2,
            matches: 1,
            forged: 0,
            rotate: 0,
            revoke: 0,
            ..ONE
        },
    );
}

#[test]
fn ratepay_two() {
    every_state(
        "Ratepay, two faults",
        &rules(Maker::Service, None),
        Budget {
            faults: 2,
            matches: 1,
            forged: 0,
            rotate: 0,
            revoke: 0,
            dashboard: 0,
        },
    );
}

fn broken(maker: Maker, without: Without) {
    let rules = rules(maker, Some(without));
    let budget = Budget {
        faults: 1,
        dashboard: 0,
        matches: 0,
        forged: 0,
        rotate: 0,
        revoke: 1,
    };
    match explore(&rules, World::new(maker, budget)) {
        Ok(states) => panic!("{without:?} {states}"),
        Err(violation) => println!("{without:?}: {}\n{}", violation.promise, violation.trace),
    }
}

#[test]
fn w_norepeat() {
    broken(Maker::Provider, Without::NoRepeat);
}
#[test]
fn w_settling() {
    broken(Maker::Provider, Without::Settling);
}
#[test]
fn w_reread() {
    broken(Maker::Provider, Without::Reread);
}
#[test]
fn w_durable() {
    broken(Maker::Service, Without::DurableFirst);
}
#[test]
fn w_store() {
    broken(Maker::Provider, Without::StoreNeeded);
}
#[test]
fn w_retire() {
    broken(Maker::Service, Without::RetireSettled);
}
#[test]
fn w_unsettled() {
    broken(Maker::Provider, Without::Unsettled503);
}

#[test]
fn zz() {
    let b = |faults, dashboard, matches, forged, rotate, revoke| Budget {
        faults,
        dashboard,
        matches,
        forged,
        rotate,
        revoke,
    };
    for budget in [
        b(1, 0, 1, 0, 0, 1),
        b(1, 0, 0, 0, 1, 1),
        b(2, 0, 1, 0, 0, 0),
        b(2, 0, 0, 0, 0, 1),
        b(2, 0, 0, 0, 1, 0),
    ] {
        every_state(
            &format!("ratepay {budget:?}"),
            &rules(Maker::Service, None),
            budget,
        );
    }
    for budget in [
        b(1, 1, 1, 0, 0, 1),
        b(1, 1, 0, 1, 1, 1),
        b(2, 1, 1, 0, 0, 0),
        b(2, 1, 0, 0, 0, 1),
        b(2, 1, 0, 1, 0, 0),
        b(3, 1, 0, 0, 0, 0),
    ] {
        every_state(
            &format!("pandadoc {budget:?}"),
            &rules(Maker::Provider, None),
            budget,
        );
    }
}

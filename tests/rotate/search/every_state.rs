//! Every state that a rotation can reach keeps the promises of a rotation, and leads to its end.
//!
//! The more faults, the less else may happen, so that each search ends in well under a minute.

use std::time::Instant;

use super::explore::explore;
use super::rules;
use super::world::{Budget, World};
use crate::machine::policy::Maker;

#[track_caller]
fn search(maker: Maker, budget: Budget) {
    let began = Instant::now();
    match explore(&rules(maker, None), World::new(maker, budget)) {
        Ok(states) => println!("{states} states in {:.1} s", began.elapsed().as_secs_f64()),
        Err(violation) => panic!("{violation}"),
    }
}

#[test]
fn pandadoc_with_one_fault_and_all_that_people_do() {
    let budget = Budget {
        faults: 1,
        dashboard: 1,
        matches: 1,
        forged: 1,
        rotate: 1,
        revoke: 1,
    };
    search(Maker::Provider, budget);
}

#[test]
fn pandadoc_with_two_faults_and_traffic() {
    let budget = Budget {
        faults: 2,
        dashboard: 1,
        matches: 1,
        ..Budget::NONE
    };
    search(Maker::Provider, budget);
}

#[test]
fn pandadoc_with_two_faults_and_a_leak() {
    let budget = Budget {
        faults: 2,
        dashboard: 1,
        revoke: 1,
        ..Budget::NONE
    };
    search(Maker::Provider, budget);
}

#[test]
fn pandadoc_with_three_faults() {
    let budget = Budget {
        faults: 3,
        dashboard: 1,
        ..Budget::NONE
    };
    search(Maker::Provider, budget);
}

#[test]
fn ratepay_with_one_fault_traffic_and_a_leak() {
    let budget = Budget {
        faults: 1,
        matches: 1,
        revoke: 1,
        ..Budget::NONE
    };
    search(Maker::Service, budget);
}

#[test]
fn ratepay_with_one_fault_a_leak_and_a_rotation_on_demand() {
    let budget = Budget {
        faults: 1,
        rotate: 1,
        revoke: 1,
        ..Budget::NONE
    };
    search(Maker::Service, budget);
}

#[test]
fn ratepay_with_two_faults_and_traffic() {
    let budget = Budget {
        faults: 2,
        matches: 1,
        ..Budget::NONE
    };
    search(Maker::Service, budget);
}

#[test]
fn ratepay_with_two_faults_and_a_leak() {
    let budget = Budget {
        faults: 2,
        revoke: 1,
        ..Budget::NONE
    };
    search(Maker::Service, budget);
}

#[test]
fn ratepay_with_three_faults() {
    let budget = Budget {
        faults: 3,
        ..Budget::NONE
    };
    search(Maker::Service, budget);
}

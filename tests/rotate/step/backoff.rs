//! Attempts that change nothing wait longer each time, and in the end for somebody.

use super::{Change, Effect, Event, Run, DAY, HOUR, MINUTE};
use crate::machine::policy::Maker;
use crate::machine::record::{Phase, Reason, Time};

/// Has an attempt fail as soon as there may be one. Returns how long the next one waits.
fn fails(run: &mut Run) -> Option<Time> {
    let claim = match run.policy.maker {
        Maker::Service if run.record.keys.len() > 1 => {
            let (owner, generation) = (super::US, 2);
            match run.happens(Event::Acknowledged { owner, generation })[..] {
                [Effect::Send(claim)] => claim,
                _ => panic!("{:?}", run.record),
            }
        }
        _ => run.claims(),
    };
    run.answers(claim.epoch, Change::Refused);
    run.record.next_at.map(|at| at - run.now)
}

#[test]
fn the_wait_doubles_up_to_a_day() {
    for maker in [Maker::Provider, Maker::Service] {
        let mut run = Run::due(maker);
        run.policy.max_failures = 9;
        let waits = [1, 2, 4, 8, 16, 24, 24].map(|hours| Some(hours * HOUR));
        let found = waits.map(|wait| {
            let found = fails(&mut run);
            run.now += wait.unwrap_or(0);
            found
        });
        assert_eq!(found, waits, "{maker:?}");
    }
}

#[test]
fn nothing_is_done_before() {
    for maker in [Maker::Provider, Maker::Service] {
        let mut run = Run::due(maker);
        fails(&mut run);
        assert_eq!(run.waits(HOUR - 1), [], "{maker:?}");
    }
}

#[test]
fn the_fifth_failure_waits_for_somebody() {
    let mut run = Run::due(Maker::Provider);
    for _ in 0..5 {
        fails(&mut run);
        run.now += DAY;
    }
    assert_eq!(run.phase(), &Phase::Attention(Reason::Rejected));
}

#[test]
fn a_read_that_still_shows_the_old_key_once_the_request_cannot_arrive_is_a_failure() {
    let mut run = Run::due(Maker::Provider);
    run.policy.max_failures = 1;
    let claim = run.claims();
    run.answers(claim.epoch, Change::Lost);
    run.now = run.record.settle_until;
    run.reads("old");
    assert_eq!(run.phase(), &Phase::Attention(Reason::Unanswered));
}

#[test]
fn a_read_that_shows_the_old_key_before_proves_nothing() {
    let mut run = Run::due(Maker::Provider);
    let claim = run.claims();
    run.answers(claim.epoch, Change::Lost);
    run.now = run.record.settle_until - 1;
    run.reads("old");
    assert_eq!(run.phase(), &Phase::Settling(claim));
}

#[test]
fn a_put_whose_answer_was_lost_is_repeated_after_a_wait() {
    let mut run = Run::due(Maker::Service);
    let claim = run.claims();
    run.answers(claim.epoch, Change::Lost);
    assert_eq!(
        (run.ticks(), run.waits(HOUR)),
        (vec![], vec![Effect::AwaitReplicas])
    );
}

#[test]
fn somebody_who_asks_for_a_rotation_need_not_wait() {
    let cases = [
        (Maker::Provider, Effect::Read),
        (Maker::Service, Effect::AwaitReplicas),
    ];
    for (maker, effect) in cases {
        let mut run = Run::due(maker);
        fails(&mut run);
        run.now = run.record.settle_until + MINUTE;
        run.happens(Event::Rotate);
        assert_eq!(run.ticks(), [effect], "{maker:?}");
    }
}

#[test]
fn a_change_forgets_the_failures() {
    let mut run = Run::due(Maker::Provider);
    fails(&mut run);
    run.now += HOUR;
    let claim = run.claims();
    run.answers(claim.epoch, Change::Done("new"));
    assert_eq!(
        (run.record.failures, run.record.next_at),
        (0, Some(run.now + 90 * DAY))
    );
}

#[test]
fn a_request_that_is_rejected_because_somebody_else_changed_the_key_is_no_failure() {
    let mut run = Run::due(Maker::Provider);
    let claim = run.claims();
    run.now += MINUTE;
    run.reads("new");
    run.answers(claim.epoch, Change::Refused);
    assert_eq!((run.record.failures, run.phase()), (0, &Phase::Overlap));
}

#[test]
fn an_answer_with_the_old_key_is_a_failure() {
    let mut run = Run::due(Maker::Provider);
    let claim = run.claims();
    run.answers(claim.epoch, Change::Done("old"));
    assert_eq!((run.record.failures, run.phase()), (1, &Phase::Steady));
}

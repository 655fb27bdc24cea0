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

/// The first wait, and how many failures in a row wait for somebody.
const RULES: [(Maker, Time, usize); 2] = [
    (Maker::Provider, HOUR, 5),
    // The same secret may be sent again.
    (Maker::Service, MINUTE, 11),
];

#[test]
fn the_wait_doubles_up_to_a_day() {
    for (maker, first, _) in RULES {
        let mut run = Run::due(maker);
        run.policy.max_failures = u32::MAX;
        for doublings in 0..13 {
            let wait = (first << doublings).min(DAY);
            assert_eq!(fails(&mut run), Some(wait), "{maker:?}");
            run.now += wait;
        }
    }
}

#[test]
fn nothing_is_done_before() {
    for (maker, first, _) in RULES {
        let mut run = Run::due(maker);
        fails(&mut run);
        assert_eq!(run.waits(first - 1), [], "{maker:?}");
    }
}

#[test]
fn so_many_failures_in_a_row_wait_for_somebody() {
    for (maker, _, most) in RULES {
        let mut run = Run::due(maker);
        let needs_somebody = (0..most).map(|_| {
            fails(&mut run);
            run.now += DAY;
            run.phase() == &Phase::Attention(Reason::Rejected)
        });
        let found: Vec<_> = needs_somebody.collect();
        let expected: Vec<_> = (1..=most).map(|failures| failures == most).collect();
        assert_eq!(found, expected, "{maker:?}");
    }
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
fn a_put_whose_answer_was_lost_is_repeated_after_a_minute() {
    let mut run = Run::due(Maker::Service);
    let claim = run.claims();
    run.answers(claim.epoch, Change::Lost);
    assert_eq!(
        (run.ticks(), run.waits(MINUTE)),
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

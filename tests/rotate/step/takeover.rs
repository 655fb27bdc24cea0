//! A process that dies during a request is replaced, by itself at once or by others when the request is over.

use super::{Claim, Event, Phase, Run, SECOND, THEM, US};
use crate::machine::policy::Maker;
use crate::machine::record::Time;

/// Returns the claim, and what becomes of it when this process looks so long after the claim.
fn looks(maker: Maker, owner: u64, running: Option<u64>, after: Time) -> (Claim, Phase) {
    let mut run = Run::due(maker);
    let claim = run.claims();
    run.now += after;
    run.happens(Event::Tick { owner, running });
    (claim, run.record.phase)
}

/// The claim's request is sent for 10 s, and its answer comes within 30 s more.
const OVER: Time = 40 * SECOND;

#[test]
fn a_request_is_left_alone_while_its_process_waits_for_it() {
    for maker in [Maker::Provider, Maker::Service] {
        let (claim, phase) = looks(maker, US, Some(1), OVER - 1);
        assert_eq!(phase, Phase::Calling(claim), "{maker:?}");
    }
}

#[test]
fn other_processes_leave_it_alone_until_it_is_over() {
    for maker in [Maker::Provider, Maker::Service] {
        let (claim, phase) = looks(maker, THEM, None, OVER - 1);
        assert_eq!(phase, Phase::Calling(claim), "{maker:?}");
    }
}

#[test]
fn pandadocs_key_is_read_at_once_by_its_process_and_later_by_others() {
    for (owner, after) in [(US, 0), (THEM, OVER)] {
        let (claim, phase) = looks(Maker::Provider, owner, None, after);
        assert_eq!(phase, Phase::Settling(claim), "{owner}");
    }
}

#[test]
fn ratepays_secret_is_sent_again_at_once_by_its_process_and_later_by_others() {
    for (owner, after) in [(US, 0), (THEM, OVER)] {
        let (claim, phase) = looks(Maker::Service, owner, None, after);
        let repeated = Claim {
            owner,
            epoch: claim.epoch + 1,
            send_by: claim.send_by + after,
            ..claim
        };
        assert_eq!(phase, Phase::Calling(repeated), "{owner}");
    }
}

#[test]
fn a_secret_that_is_sent_again_may_arrive_later() {
    let mut run = Run::due(Maker::Service);
    run.claims();
    let before = run.record.settle_until;
    run.waits(OVER);
    assert_eq!(run.record.settle_until, before + OVER);
}

#[test]
fn a_key_that_another_process_has_stored_ends_the_search_for_it() {
    let mut run = Run::due(Maker::Provider);
    run.claims();
    // Somebody else's read shows it while the request is under way, and then the process dies.
    run.now += SECOND;
    run.reads("new");
    run.ticks();
    run.now += SECOND;
    run.reads("new");
    assert_eq!(
        (run.phase(), run.accepted()),
        (&Phase::Overlap, vec!["old", "new"])
    );
}

//! An exhaustive search: every state that the machine can reach, with everything against it.
//!
//! One provider, one store and two processes act in any order. A budget bounds the faults. Requests, answers and
//! reads are late, lost, doubled or out of date. A process crashes after any change. The store is gone, or doesn't
//! say whether it stored. Keys change at the dashboard, or leak. Deliveries are forged. `checks` has the promises.

mod actions;
mod checks;
mod events;
mod every_state;
mod explore;
mod fingerprint;
mod network;
mod process;
mod switched_off;
mod world;

use crate::machine::policy::{Maker, Policy};
use world::{LATE, STALE};

struct Rules {
    policy: Policy,
    without: Option<Without>,
}

/// A rule of the driver or the machine, switched off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Without {
    /// A PATCH whose answer was lost isn't sent again.
    NoRepeat,
    /// A read of the old key doesn't prove that the PATCH failed: it may arrive later.
    Settling,
    /// An unknown signature is looked up before it is rejected.
    Reread,
    /// A secret is durable before it is sent.
    DurableFirst,
    /// A replica that has lost the store rejects nothing for good.
    StoreNeeded,
    /// While an old PUT may arrive, no secret is dropped and none is made.
    Settled,
    /// While a request may arrive, nothing is rejected for good.
    Unsettled503,
}

/// Times as short as they can be and still differ.
fn rules(maker: Maker, without: Option<Without>) -> Rules {
    let send_within = 1;
    let settle_within = match maker {
        _ if without == Some(Without::Settled) => 0,
        Maker::Provider => send_within + LATE + STALE,
        Maker::Service => send_within + LATE,
    };
    let policy = Policy {
        maker,
        every: None,
        jitter: 0,
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

//! The difference between the providers, and how long things take.

use super::record::Time;

const SECOND: Time = 1000;
const MINUTE: Time = 60 * SECOND;
const HOUR: Time = 60 * MINUTE;
const DAY: Time = 24 * HOUR;

/// Whether the provider or this service makes the key. All that differs between the providers follows from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Maker {
    /// The provider, in its answer. The request must not be sent again, and the current key can be read
    /// (PandaDoc).
    Provider,
    /// This service. The request may be sent again, and nothing can be read back (Ratepay).
    Service,
}

/// How long things take. All in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Policy {
    pub(crate) maker: Maker,
    /// From one change of the key to the next rotation. `None` rotates on demand only.
    pub(crate) every: Option<Time>,
    /// How much earlier the next rotation comes, by chance.
    pub(crate) jitter: Time,
    /// From a claim until its request is sent no more.
    pub(crate) send_within: Time,
    /// From then until its sender has the answer or has given up, so that another process may take over.
    pub(crate) answer_within: Time,
    /// From a claim until its request has arrived or never will, and reads show it.
    pub(crate) settle_within: Time,
    /// When the key is read after an answer was lost, counted from the last time at which the request could be sent.
    /// One more read follows when the request can't arrive any more.
    pub(crate) settle_reads: [Time; 3],
    /// The shortest time between two reads, in all processes together.
    pub(crate) read_pause: Time,
    /// Between two reads when something waits for their result. It must be longer than a read is out of date.
    pub(crate) between_reads: Time,
    /// Between two reads when nothing waits for their result.
    pub(crate) read_every: Time,
    /// Between two looks at whether every replica accepts the new key.
    pub(crate) poll: Time,
    /// The youngest age, since it was confirmed, at which a newer key may replace the ones before it.
    pub(crate) min_age: Time,
    /// How long the other keys must have matched nothing.
    pub(crate) silence: Time,
    /// The age of the newer key at which the others go in any case.
    pub(crate) max_age: Time,
    /// The wait after the first attempt that changed nothing. It doubles each time.
    pub(crate) backoff: Time,
    /// The longest wait after an attempt that changed nothing.
    pub(crate) max_backoff: Time,
    /// So many attempts in a row that change nothing need somebody's attention.
    pub(crate) max_failures: u32,
}

impl Policy {
    /// Returns the defaults. Deliveries are kept in PandaDoc's history, and can be resent by hand, for 15 days, so
    /// an old key has no use after 16.
    ///
    /// A secret of ours may be sent again, so the next attempt comes soon. Either way, attempts go on for some 16 hours.
    pub(crate) const fn new(maker: Maker) -> Self {
        let (backoff, max_failures) = match maker {
            Maker::Provider => (HOUR, 5),
            Maker::Service => (MINUTE, 11),
        };
        Self {
            maker,
            every: None,
            jitter: 0,
            send_within: 10 * SECOND,
            answer_within: 30 * SECOND,
            settle_within: 10 * SECOND + 2 * MINUTE,
            settle_reads: [0, 15 * SECOND, MINUTE],
            read_pause: 10 * SECOND,
            between_reads: MINUTE,
            read_every: HOUR,
            poll: 5 * SECOND,
            min_age: DAY,
            silence: 3 * DAY,
            max_age: 16 * DAY,
            backoff,
            max_backoff: DAY,
            max_failures,
        }
    }
}

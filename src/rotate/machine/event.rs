//! The events that a driver tells the machine, and the effects that the machine asks for.

use super::record::{Claim, Time};

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Event<K> {
    /// Time passed, or a process has just started. `owner` is this process, and `running` the epoch of a request
    /// that it is about to send or waits for.
    Tick { owner: u64, running: Option<u64> },
    /// Somebody asked for a rotation. It is due now, unless one is under way.
    Rotate,
    /// The secret that [`Effect::Begin`] asked for.
    Begin { key: K },
    /// Every ready replica accepts the key of this generation, or its lease has expired.
    Acknowledged { owner: u64, generation: u64 },
    /// The answer to the request of this epoch, or none.
    Changed { epoch: u64, change: Change<K> },
    /// A read showed this key. It began at `began`. If a rotation is due, `owner` claims it.
    Read { owner: u64, key: K, began: Time },
    /// A delivery is held that no key matches, and that arrived after the last read began.
    Unknown,
    /// A delivery, or an entry of the provider's history, matched the key of this generation at `at`.
    Matched { generation: u64, at: Time },
    /// The key of this generation leaked.
    Revoke { generation: u64 },
    /// Somebody has looked, and wants to go on.
    Resume,
}

/// The result of a request to change the key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Change<K> {
    /// The provider answered with this key.
    Done(K),
    /// The request certainly changed nothing: it wasn't sent, or it was rejected.
    Refused,
    /// The answer was lost.
    Lost,
}

/// Something to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Effect {
    /// Make a secret, and step with [`Event::Begin`]. Only for [`Maker::Service`].
    Begin,
    /// Look whether every ready replica accepts the current key of the record, and if so step with
    /// [`Event::Acknowledged`]. If not, a later tick asks again.
    AwaitReplicas,
    /// Send the request of this claim, unless its time is over: [`Change::Refused`] then. The clock is asked
    /// immediately before. [`Maker::Service`] sends the current key of the record.
    Send(Claim),
    /// Read the current key, and step with [`Event::Read`]. If that fails, a later tick asks again.
    Read,
}

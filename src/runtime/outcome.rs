//! What a caller may conclude about the server.

/// What a failed call may have changed at the server.
///
/// Every [`Error`](crate::Error) has one. The rules follow RFC 9110, section 15. Where it leaves room, they
/// take the safe side: what might have been done counts as [`Unknown`](Self::Unknown).
///
/// | answer | outcome |
/// |---|---|
/// | none, since nothing was sent | `NotSent` |
/// | 307, 308, and 4xx except 408 and 499 | `Rejected` |
/// | 408, 499, every other 3xx, every 5xx, and an answer that never came | `Unknown` |
/// | 2xx that cannot be used | `Applied` |
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The request wasn't sent: it was rejected in this process, no credential or connection was
    /// available, or the client was rate-limited.
    ///
    /// *Has the server acted?* No. *Safe to call again?* Yes, once the cause is fixed; for a
    /// connection that failed, at once or after a pause.
    NotSent,

    /// The request was refused: status 307, 308, or 4xx except 408 and 499.
    ///
    /// *Has the server acted?* No. That rests on who sends these statuses. Either the provider itself
    /// refused, or something in front of it did that did not forward the request: a gateway that
    /// limits rates, checks credentials or knows no such path. A gateway that forwards a request and
    /// then answers 4xx on its own would break this rule. 408 and 499 are not in it, since gateways use
    /// them for answers that came too late.
    ///
    /// *Safe to call again?* Yes. It only helps once the cause is fixed, or, for 429, once the time it
    /// names has passed.
    Rejected,

    /// The request was sent, and nothing that came back tells whether the server acted: a time-out, a
    /// connection closed before the response, an answer that isn't HTTP, or a status that leaves it
    /// open. Of several attempts, one is enough.
    ///
    /// Every 5xx is such a status, 503 with `Retry-After` included: gateways answer it by themselves when
    /// the server's answer is late or malformed, after the server has acted. So are 303, which means
    /// "done, look there", and the other redirects that a server may send once it has acted.
    ///
    /// *Has the server acted?* Perhaps. *Safe to call again?* Where the call is idempotent: yes for
    /// Ratepay's `update_subscription`, which puts the same values again. Not for PandaDoc's
    /// `update_webhook_subscription_shared_key`: a second call makes a second key, and if the first
    /// arrives late the caller holds one key and the server another. Read the current key back, with
    /// `details_webhook_subscription`.
    Unknown,

    /// The server answered with success, and the body was cut short, too large, or not what it must
    /// be.
    ///
    /// *Has the server acted?* Yes. *Safe to call again?* As for [`Unknown`](Self::Unknown): where
    /// the call is idempotent. Otherwise read back what the server holds now; for PandaDoc's shared
    /// key, the old key no longer counts.
    Applied,
}

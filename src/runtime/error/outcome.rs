//! The conclusion that a caller may draw about the server.

/// Tells whether a failed call may have changed anything at the server.
///
/// Every [`Error`](crate::Error) has an outcome. There are these four and no others, so the enum is exhaustive
/// and a `match` needs no arm for the rest. The rules follow RFC 9110, section 15. If the RFC leaves room,
/// they take the safe side: an action that may have happened is [`Unknown`](Self::Unknown).
///
/// | answer | outcome |
/// |---|---|
/// | none, since nothing was sent | `NotSent` |
/// | 307, 308, and 4xx except 408 and 499 | `Rejected` |
/// | 408, 499, every other 3xx, every 5xx, and an answer that never came | `Unknown` |
/// | 2xx that can't be used | `Applied` |
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The request wasn't sent: it was rejected in this process, no credential or connection was
    /// available, or the client was rate-limited.
    ///
    /// *Has the server acted?* No. *Safe to call again?* Yes, once the cause is fixed. For a connection that
    /// failed, call again at once or after a pause.
    NotSent,

    /// The request was rejected: status 307, 308, or 4xx except 408 and 499.
    ///
    /// *Has the server acted?* No. This relies on who sends these statuses. The provider itself rejected the
    /// request, or a gateway in front of it did and didn't forward it. Such a gateway limits rates, checks
    /// credentials or doesn't know the path. A gateway that forwards a request and then answers 4xx on its
    /// own would break this rule. 408 and 499 aren't included, since gateways use them for answers that came
    /// too late.
    ///
    /// *Safe to call again?* Yes. It only helps once the cause is fixed, or, for 429, once the time it names
    /// has passed.
    Rejected,

    /// The request was sent, and no answer tells whether the server acted. The reason is a time-out, a
    /// connection closed before the response, an answer that isn't HTTP, or a status that leaves it open. One
    /// such attempt makes the whole call `Unknown`.
    ///
    /// Every 5xx is such a status, 503 with `Retry-After` included. Gateways send it when the server's answer
    /// is late or malformed, after the server has acted. So are 303, which means "done, look there", and the
    /// other redirects that a server may send once it has acted.
    ///
    /// *Has the server acted?* Perhaps. *Safe to call again?* If the call is idempotent. Ratepay's
    /// `update_subscription` is: it puts the same values again. PandaDoc's
    /// `update_webhook_subscription_shared_key` isn't: a second call makes a second key, and if the first
    /// arrives late the caller holds one key and the server another. Read the current key back, with
    /// `details_webhook_subscription`.
    Unknown,

    /// The server answered with success, and the body was cut short, too large, or not what it must be.
    ///
    /// *Has the server acted?* Yes. *Safe to call again?* As for [`Unknown`](Self::Unknown), if the call is
    /// idempotent. Otherwise read back what the server holds now. For PandaDoc's shared key, the old key is
    /// no longer valid.
    Applied,
}

//! What a caller may conclude about the server.

/// What a failed call may have changed at the server.
///
/// Every [`Error`](crate::Error) has one. The rules rest on RFC 9110 (section 15: what the classes
/// of status codes mean; section 10.2.3: `Retry-After`), and where those leave room, on the safe
/// side: what might have been done counts as [`Unknown`](Self::Unknown).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The request never left: it was refused in this process, there was no credential or no
    /// connection to be had, or the server's wait held it back.
    ///
    /// *Has the server acted?* No. *Safe to call again?* Yes, once the cause is mended; for a
    /// connection that failed, at once or after a pause.
    NotSent,

    /// The server answered that it did not act: a 3xx or 4xx status, or 503 with a `Retry-After`
    /// that can be read.
    ///
    /// *Has the server acted?* It says no. *Safe to call again?* Yes; it only helps once what the
    /// server objects to is mended, or, for 429 and 503, once the time it names has passed.
    Rejected,

    /// The request was sent, and nothing that came back tells what became of it: a time-out, a
    /// connection closed before the response, an answer that is no HTTP, or any other status that is
    /// no success. Of several attempts, one is enough.
    ///
    /// *Has the server acted?* Perhaps. *Safe to call again?* Where the call is idempotent: yes for
    /// Ratepay's `update_subscription`, which puts the same values again. Not for PandaDoc's
    /// `update_webhook_subscription_shared_key`: a second call makes a second key, and if the first
    /// arrives late the caller holds one key and the server another. Read the present key back, with
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

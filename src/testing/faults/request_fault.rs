//! Faults of requests.

use std::fmt;
use std::time::{Duration, SystemTime};

use http::{HeaderValue, StatusCode};

use crate::testing::operation::Operation;

/// The operations that a stale read can happen to.
const READS_OF_SUBSCRIPTIONS: [Operation; 3] = [
    Operation::ListWebhookSubscriptions,
    Operation::DetailsWebhookSubscription,
    Operation::ListSubscriptions,
];

/// A fault of requests, for [`Simulator::inject`](crate::testing::Simulator::inject).
///
/// The fault applies to every request of every operation, unless [`on`](Self::on), [`once`](Self::once) or
/// [`times`](Self::times) limits it. If several faults match a request, the one that was injected first
/// applies. To get a sequence, inject several faults that each happen once.
///
/// Connection refusal isn't tied to an operation, because no request has been read yet. See
/// [`Simulator::refuse_connections`](crate::testing::Simulator::refuse_connections).
///
/// ```
/// # use webhook_subscriptions::testing::{Fault, Operation, Simulator};
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let simulator = Simulator::start().await?;
/// let lost = simulator.inject(
///     Fault::cut_after_applying()
///         .on(Operation::UpdateWebhookSubscriptionSharedKey)
///         .once(),
/// );
/// // ... call the code under test ...
/// assert_eq!(lost.hits().len(), 0, "nothing was regenerated yet");
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct Fault {
    pub(crate) kind: FaultKind,
    pub(crate) operation: Option<Operation>,
    pub(crate) times: Option<u32>,
}

#[derive(Debug, Clone)]
pub(crate) enum FaultKind {
    CutBeforeApplying,
    CutAfterApplying,
    CutInsideAnswer,
    ApplyLate(Duration),
    StaleRead(Duration),
    Delay(Duration),
    Answer(StatusCode, Option<HeaderValue>),
    AnswerAfterApplying(StatusCode),
    Html(StatusCode),
}

impl Fault {
    fn new(kind: FaultKind) -> Self {
        Self {
            kind,
            operation: None,
            times: None,
        }
    }

    /// Reads the request and closes the connection without applying anything.
    #[must_use]
    pub fn cut_before_applying() -> Self {
        Self::new(FaultKind::CutBeforeApplying)
    }

    /// Applies the request and closes the connection without a response.
    #[must_use]
    pub fn cut_after_applying() -> Self {
        Self::new(FaultKind::CutAfterApplying)
    }

    /// Applies the request and closes the connection after half of the response's body.
    ///
    /// A response without a body, such as that of a deletion, can't be cut. It arrives complete, and the
    /// fault doesn't use up one of its times.
    #[must_use]
    pub fn cut_inside_answer() -> Self {
        Self::new(FaultKind::CutInsideAnswer)
    }

    /// Closes the connection without a response, and applies the request after this much time by the
    /// simulator's clock.
    ///
    /// The fault models a request that a gateway still holds when the client gives up. The provider handles
    /// it as if it had arrived only then, so the credential and the rate limit are those of that time. The
    /// hit tells whether it was applied yet, and when: [`FaultEffect::NotYetApplied`] becomes
    /// [`FaultEffect::AppliedLate`]. Requests that are still to be applied end with the simulator.
    #[must_use]
    pub fn apply_late(by: Duration) -> Self {
        Self::new(FaultKind::ApplyLate(by))
    }

    /// Responds to a read of subscriptions with their state of this long ago, by the simulator's clock, like
    /// a replica that lags behind. With [`Duration::MAX`] it is the oldest state.
    ///
    /// The fault applies to PandaDoc's details and list, and to Ratepay's list. A read whose response is the
    /// same either way doesn't use up one of the fault's times. A subscription that is younger is shown as it
    /// was created. One that was deleted since is missing. Neither provider documents such reads.
    #[must_use]
    pub fn stale_read(age: Duration) -> Self {
        Self::new(FaultKind::StaleRead(age))
    }

    /// Applies the request at once, and responds after this much time by the simulator's clock. With
    /// [`Duration::MAX`] it never responds.
    #[must_use]
    pub fn delay(by: Duration) -> Self {
        Self::new(FaultKind::Delay(by))
    }

    /// Responds with 429 and applies nothing.
    ///
    /// `retry_after` is sent unchanged as the `Retry-After` header: `Some(30.into())`, or
    /// `Some(HeaderValue::from_static("soon"))`.
    #[must_use]
    pub fn too_many_requests(retry_after: Option<HeaderValue>) -> Self {
        Self::new(FaultKind::Answer(
            StatusCode::TOO_MANY_REQUESTS,
            retry_after,
        ))
    }

    /// Responds with 503 and applies nothing. `retry_after` is sent unchanged as the `Retry-After`
    /// header.
    #[must_use]
    pub fn service_unavailable(retry_after: Option<HeaderValue>) -> Self {
        Self::new(FaultKind::Answer(
            StatusCode::SERVICE_UNAVAILABLE,
            retry_after,
        ))
    }

    /// Responds with this status and the provider's body for it, and applies nothing.
    ///
    /// Ratepay's 400 has the documented example as its body: a token that fails validation.
    ///
    /// # Panics
    ///
    /// Panics if the status is below 200. Such a response isn't final (RFC 9110, section 15.2).
    #[must_use]
    #[track_caller]
    pub fn answer(status: StatusCode) -> Self {
        check_final(status);
        Self::new(FaultKind::Answer(status, None))
    }

    /// Applies the request and responds with this status anyway, like a server that fails too late.
    ///
    /// # Panics
    ///
    /// Panics if the status is below 200. Such a response isn't final (RFC 9110, section 15.2).
    #[must_use]
    #[track_caller]
    pub fn answer_after_applying(status: StatusCode) -> Self {
        check_final(status);
        Self::new(FaultKind::AnswerAfterApplying(status))
    }

    /// Responds with an HTML page and applies nothing, like a CDN that blocks a request.
    ///
    /// # Panics
    ///
    /// Panics if the status is below 200. Such a response isn't final (RFC 9110, section 15.2).
    #[must_use]
    #[track_caller]
    pub fn html_in_front(status: StatusCode) -> Self {
        check_final(status);
        Self::new(FaultKind::Html(status))
    }

    /// Limits the fault to one operation.
    #[must_use]
    pub fn on(mut self, operation: Operation) -> Self {
        self.operation = Some(operation);
        self
    }

    /// Limits the fault to one time.
    #[must_use]
    pub fn once(self) -> Self {
        self.times(1)
    }

    /// Limits the fault to this many times.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    pub(crate) fn matches(&self, operation: Operation) -> bool {
        let can_happen = match self.kind {
            FaultKind::StaleRead(_) => READS_OF_SUBSCRIPTIONS.contains(&operation),
            _ => true,
        };
        can_happen && self.operation.is_none_or(|only| only == operation)
    }

    /// Returns whether the response decides if this fault can happen.
    pub(crate) fn needs_response(&self) -> bool {
        matches!(
            self.kind,
            FaultKind::CutInsideAnswer | FaultKind::StaleRead(_)
        )
    }
}

#[track_caller]
fn check_final(status: StatusCode) {
    assert!(
        !status.is_informational(),
        "{status} isn't the status of a final response; use 200 or above"
    );
}

/// One request that a [`Fault`] applied to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FaultHit {
    /// The operation that was requested.
    pub operation: Operation,
    /// When it happened, by the simulator's clock.
    pub at: SystemTime,
    /// The effect of the fault.
    pub effect: FaultEffect,
}

/// The effect of a [`Fault`] on one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FaultEffect {
    /// The connection was closed. Nothing was applied.
    CutBeforeApplying,
    /// The connection was closed in place of a response. The request was applied if `lost` is a success.
    CutAfterApplying {
        /// The status of the lost response.
        lost: StatusCode,
    },
    /// The connection was closed in the middle of the response body.
    CutInsideAnswer {
        /// The status of the response.
        status: StatusCode,
        /// The number of body bytes that were sent.
        sent: usize,
        /// The number of bytes in `Content-Length`.
        of: usize,
    },
    /// The connection was closed. The request will be applied when this much time has passed since
    /// [`FaultHit::at`].
    NotYetApplied {
        /// The time between the request and its application.
        by: Duration,
    },
    /// The connection was closed. The request was handled later, and was applied if `lost` is a success.
    AppliedLate {
        /// When the request was handled, by the simulator's clock.
        at: SystemTime,
        /// The status of the lost response.
        lost: StatusCode,
    },
    /// The response had an earlier state of the subscriptions.
    StaleRead {
        /// How long before the request this state was current.
        age: Duration,
    },
    /// The response was delayed.
    Delayed {
        /// The status of the response.
        status: StatusCode,
        /// The delay.
        by: Duration,
    },
    /// The response had this status. Nothing was applied.
    Answered {
        /// The status of the response.
        status: StatusCode,
    },
    /// The response had another status than the request's result. The request was applied if `lost` is a
    /// success.
    AnsweredAfterApplying {
        /// The status of the response.
        status: StatusCode,
        /// The status of the lost response.
        lost: StatusCode,
    },
    /// The response was an HTML page. Nothing was applied.
    HtmlInFront {
        /// The status of the response.
        status: StatusCode,
    },
}

impl fmt::Display for FaultEffect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CutBeforeApplying => write!(f, "cut before applying"),
            Self::CutAfterApplying { lost } => write!(f, "cut after applying, {lost} lost"),
            Self::CutInsideAnswer { status, sent, of } => {
                write!(f, "{status}, cut after {sent} of {of} bytes")
            }
            Self::NotYetApplied { by } => write!(f, "cut, applied {} ms later", by.as_millis()),
            Self::AppliedLate { lost, .. } => write!(f, "cut, applied later, {lost} lost"),
            Self::StaleRead { age } => write!(f, "state of {} ms before", age.as_millis()),
            Self::Delayed { status, by } => write!(f, "{status}, {} ms late", by.as_millis()),
            Self::Answered { status } => write!(f, "{status} by a fault"),
            Self::AnsweredAfterApplying { status, lost } => {
                write!(f, "{status} by a fault, {lost} lost")
            }
            Self::HtmlInFront { status } => write!(f, "{status} by a fault, HTML"),
        }
    }
}

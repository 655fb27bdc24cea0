//! What can go wrong with a request.

use std::fmt;
use std::time::{Duration, SystemTime};

use http::{HeaderValue, StatusCode};

use super::operation::Operation;

/// Something that goes wrong with a request, by name.
///
/// It concerns every request of every operation until it is told otherwise, by [`on`](Self::on) and by
/// [`once`](Self::once) or [`times`](Self::times). Where several concern a request, the one that was
/// injected first has it; so a sequence is a row of faults that happen once.
///
/// A connection that is refused is no fault of one operation: nobody knows yet what is to be asked.
/// See [`Simulator::refuse_connections`](super::Simulator::refuse_connections).
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
/// // ... what is tested ...
/// assert_eq!(lost.hits().len(), 0, "nothing was regenerated yet");
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct Fault {
    pub(super) kind: Kind,
    pub(super) operation: Option<Operation>,
    pub(super) times: Option<u32>,
}

#[derive(Debug, Clone)]
pub(super) enum Kind {
    CutBeforeApplying,
    CutAfterApplying,
    CutInsideAnswer,
    Delay(Duration),
    Answer(StatusCode, Option<HeaderValue>),
    AnswerAfterApplying(StatusCode),
    Html(StatusCode),
}

impl Fault {
    fn new(kind: Kind) -> Self {
        Self {
            kind,
            operation: None,
            times: None,
        }
    }

    /// Reads the request and closes the connection, and nothing was done.
    #[must_use]
    pub fn cut_before_applying() -> Self {
        Self::new(Kind::CutBeforeApplying)
    }

    /// Does what the request asks, and closes the connection without an answer.
    #[must_use]
    pub fn cut_after_applying() -> Self {
        Self::new(Kind::CutAfterApplying)
    }

    /// Does what the request asks, and closes the connection after half of the answer's body. An
    /// answer without a body, as that of a deletion, has no inside: it arrives whole, and this does not
    /// count as having happened.
    #[must_use]
    pub fn cut_inside_answer() -> Self {
        Self::new(Kind::CutInsideAnswer)
    }

    /// Does what the request asks at once, and answers after so much time by the simulator's clock; with
    /// [`Duration::MAX`] never.
    #[must_use]
    pub fn delay(by: Duration) -> Self {
        Self::new(Kind::Delay(by))
    }

    /// Answers 429 without doing anything; with `Retry-After` if one is given, whatever it says:
    /// `Some(30.into())`, or `Some(HeaderValue::from_static("soon"))`.
    #[must_use]
    pub fn too_many_requests(retry_after: Option<HeaderValue>) -> Self {
        Self::new(Kind::Answer(StatusCode::TOO_MANY_REQUESTS, retry_after))
    }

    /// Answers 503 without doing anything, with `Retry-After` if one is given.
    #[must_use]
    pub fn service_unavailable(retry_after: Option<HeaderValue>) -> Self {
        Self::new(Kind::Answer(StatusCode::SERVICE_UNAVAILABLE, retry_after))
    }

    /// Answers with this status, and the body that the provider has for it, without doing anything. A
    /// 400 of Ratepay is its documented example: a token that does not validate.
    ///
    /// # Panics
    ///
    /// With a status below 200: it ends no request (RFC 9110, section 15.2).
    #[must_use]
    #[track_caller]
    pub fn answer(status: StatusCode) -> Self {
        check_final(status);
        Self::new(Kind::Answer(status, None))
    }

    /// Does what the request asks, and answers with this status all the same, as a server does that
    /// fails too late.
    ///
    /// # Panics
    ///
    /// With a status below 200: it ends no request (RFC 9110, section 15.2).
    #[must_use]
    #[track_caller]
    pub fn answer_after_applying(status: StatusCode) -> Self {
        check_final(status);
        Self::new(Kind::AnswerAfterApplying(status))
    }

    /// Answers with a page of HTML, as a network in front of the provider does that does not let a
    /// request through.
    ///
    /// # Panics
    ///
    /// With a status below 200: it ends no request (RFC 9110, section 15.2).
    #[must_use]
    #[track_caller]
    pub fn html_in_front(status: StatusCode) -> Self {
        check_final(status);
        Self::new(Kind::Html(status))
    }

    /// Concerns this operation alone.
    #[must_use]
    pub fn on(mut self, operation: Operation) -> Self {
        self.operation = Some(operation);
        self
    }

    /// Happens once.
    #[must_use]
    pub fn once(self) -> Self {
        self.times(1)
    }

    /// Happens so many times.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    pub(super) fn concerns(&self, operation: Operation) -> bool {
        self.operation.is_none_or(|only| only == operation)
    }

    /// Whether the answer must be known before it is certain that this acts.
    pub(super) fn is_uncertain(&self) -> bool {
        matches!(self.kind, Kind::CutInsideAnswer)
    }
}

#[track_caller]
fn check_final(status: StatusCode) {
    assert!(
        !status.is_informational(),
        "{status} does not end a request; answer with a status of 200 or above"
    );
}

/// One request that a [`Fault`] concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FaultHit {
    /// What the request was for.
    pub operation: Operation,
    /// When, by the simulator's clock.
    pub at: SystemTime,
    /// What the simulator did about it.
    pub effect: FaultEffect,
}

/// What a [`Fault`] did to one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FaultEffect {
    /// The connection was closed; nothing was done.
    CutBeforeApplying,
    /// The connection was closed in place of this answer. What was asked was done if that is a
    /// success.
    CutAfterApplying {
        /// The status of the answer that was lost.
        lost: StatusCode,
    },
    /// The connection was closed inside the answer.
    CutInsideAnswer {
        /// The status of the answer.
        status: StatusCode,
        /// How many bytes of the body were sent.
        sent: usize,
        /// How many bytes were announced.
        of: usize,
    },
    /// The answer came late.
    Delayed {
        /// The status of the answer.
        status: StatusCode,
        /// By how much it was late.
        by: Duration,
    },
    /// It was answered with this status; nothing was done.
    Answered {
        /// The status of the answer.
        status: StatusCode,
    },
    /// It was answered with one status in place of another. What was asked was done if the other is a
    /// success.
    AnsweredAfterApplying {
        /// The status of the answer.
        status: StatusCode,
        /// The status of the answer that was lost.
        lost: StatusCode,
    },
    /// A page of HTML was the answer; nothing was done.
    HtmlInFront {
        /// The status of the answer.
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
            Self::Delayed { status, by } => write!(f, "{status}, {} ms late", by.as_millis()),
            Self::Answered { status } => write!(f, "{status} by a fault"),
            Self::AnsweredAfterApplying { status, lost } => {
                write!(f, "{status} by a fault, {lost} lost")
            }
            Self::HtmlInFront { status } => write!(f, "{status} by a fault, HTML"),
        }
    }
}

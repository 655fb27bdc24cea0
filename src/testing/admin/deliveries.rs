//! Deliveries that are triggered by the control API.

use std::future::Future;
use std::sync::Arc;

use http::StatusCode;
use serde_json::{json, Value};
use tokio::sync::oneshot;
use uuid::Uuid;

use super::answer::{milliseconds, time, AdminError};
use super::controls::Controls;
use super::members::Members;
use super::redaction;
use crate::ratepay::types::SubscriptionId;
use crate::testing::deliveries::report::{DeliveryAttempt, DeliveryError, DeliveryReport};

/// A payload, and the subscription that it is delivered to.
pub(super) enum Payload {
    PandaDoc {
        subscription: Uuid,
        event: String,
        data: Value,
    },
    Ratepay {
        subscription: SubscriptionId,
        payload: Value,
    },
}

impl Payload {
    pub(super) fn read(members: &mut Members) -> Result<Self, AdminError> {
        let provider: String = members.required("provider")?;
        match provider.as_str() {
            "pandadoc" => Ok(Self::PandaDoc {
                subscription: members.required("subscription")?,
                event: members.required("event")?,
                data: members.required("data")?,
            }),
            "ratepay" => Ok(Self::Ratepay {
                subscription: members.required("subscription")?,
                payload: members.required("payload")?,
            }),
            _ => Err(AdminError::invalid(
                "`provider` isn't a provider; use pandadoc or ratepay",
            )),
        }
    }

    /// Queues a delivery and returns its id.
    pub(super) fn queue(self, controls: &Controls) -> Result<Uuid, DeliveryError> {
        match self {
            Self::PandaDoc {
                subscription,
                event,
                data,
            } => controls.pandadoc().queue(&subscription, event, data),
            Self::Ratepay {
                subscription,
                payload,
            } => controls.ratepay().queue(&subscription, &payload),
        }
    }

    async fn deliver(self, controls: &Controls) -> Result<DeliveryReport, DeliveryError> {
        match self {
            Self::PandaDoc {
                subscription,
                event,
                data,
            } => {
                let pandadoc = controls.pandadoc();
                pandadoc.deliver(&subscription, event, data).await
            }
            Self::Ratepay {
                subscription,
                payload,
            } => controls.ratepay().deliver(&subscription, &payload).await,
        }
    }
}

/// Delivers, and returns the report. The delivery goes on if the client doesn't wait for it.
pub(super) async fn deliver(
    controls: &Arc<Controls>,
    payload: Payload,
) -> Result<Value, AdminError> {
    let delivery = controls.clone();
    let report = in_background(controls, async move { payload.deliver(&delivery).await }).await??;
    Ok(to_json(&report))
}

/// Delivers the queue, and returns the reports. The deliveries go on if the client doesn't wait for them.
pub(super) async fn deliver_queued(controls: &Arc<Controls>) -> Result<Value, AdminError> {
    let queue = controls.clone();
    let reports = in_background(controls, async move { queue.sender.deliver_queued().await });
    Ok(reports.await?.iter().map(to_json).collect())
}

async fn in_background<T: Send + 'static>(
    controls: &Controls,
    work: impl Future<Output = T> + Send + 'static,
) -> Result<T, AdminError> {
    let (finish, finished) = oneshot::channel();
    controls.tasks.spawn(async move {
        // The client may be gone.
        finish.send(work.await).ok();
    });
    finished.await.map_err(|_| {
        AdminError::new(
            StatusCode::CONFLICT,
            "the simulator was reset while it delivered; the receiver may have got the delivery",
        )
    })
}

fn to_json(report: &DeliveryReport) -> Value {
    let attempts: Vec<Value> = report.attempts.iter().map(attempt_to_json).collect();
    json!({
        "id": report.id,
        "accepted": report.is_accepted(),
        "status": report.status().map(|it| it.as_u16()),
        "key_generation": report.attempts.last().map(|it| it.key_generation),
        "attempts": attempts,
    })
}

fn attempt_to_json(attempt: &DeliveryAttempt) -> Value {
    json!({
        "at": time(attempt.at),
        "url": redaction::url(&attempt.url),
        "key_generation": attempt.key_generation,
        "status": attempt.status().map(|it| it.as_u16()),
        "failure": attempt.result.as_ref().err().map(ToString::to_string),
        "answer_ms": milliseconds(attempt.answer_time),
    })
}

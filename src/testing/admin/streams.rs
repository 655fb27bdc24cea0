//! Steady deliveries that the control API started.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::Mutex;
use std::time::Duration;

use serde_json::{json, Value};

use super::answer::{milliseconds, AdminError};
use super::controls::Controls;
use super::deliveries::Payload;
use super::members::{wrong, Members};
use crate::testing::deliveries::report::DeliveryError;
use crate::testing::deliveries::steady::SteadyDeliveries;
use crate::testing::deliveries::steady_report::SteadyReport;
use crate::testing::lock::lock;

/// The fewest and the most deliveries a second.
const RATES: RangeInclusive<f64> = 1e-6..=1e4;

/// The running streams by their ids.
#[derive(Default)]
pub(super) struct Streams(Mutex<Running>);

#[derive(Default)]
struct Running {
    latest: u64,
    streams: BTreeMap<u64, SteadyDeliveries>,
}

impl Streams {
    /// Starts a stream and returns its id.
    pub(super) fn start(
        &self,
        controls: &Controls,
        mut members: Members,
    ) -> Result<u64, AdminError> {
        let payload = Payload::read(&mut members)?;
        let period = period(members.required("per_second")?)?;
        let forged = members.optional("forged")?.unwrap_or(false);
        members.end()?;
        let stream = start(controls, payload, period, forged)?;
        let mut running = lock(&self.0);
        running.latest += 1;
        let id = running.latest;
        running.streams.insert(id, stream);
        Ok(id)
    }

    /// Returns the report so far.
    pub(super) fn find(&self, id: &str) -> Result<Value, AdminError> {
        let id = parse(id)?;
        let mut running = lock(&self.0);
        let stream = running.streams.get_mut(&id).ok_or_else(not_found)?;
        Ok(to_json(id, true, &stream.report()))
    }

    /// Ends a stream, waits for the deliveries that are under way, and returns the report.
    pub(super) async fn stop(&self, id: &str) -> Result<Value, AdminError> {
        let id = parse(id)?;
        let stream = lock(&self.0).streams.remove(&id);
        let report = stream.ok_or_else(not_found)?.stop().await;
        Ok(to_json(id, false, &report))
    }

    pub(super) fn clear(&self) {
        lock(&self.0).streams.clear();
    }
}

fn start(
    controls: &Controls,
    payload: Payload,
    period: Duration,
    forged: bool,
) -> Result<SteadyDeliveries, DeliveryError> {
    let (pandadoc, ratepay) = (controls.pandadoc(), controls.ratepay());
    match (payload, forged) {
        (
            Payload::PandaDoc {
                subscription,
                event,
                data,
            },
            false,
        ) => pandadoc.deliver_steadily(&subscription, (event, data), period),
        (
            Payload::PandaDoc {
                subscription,
                event,
                data,
            },
            true,
        ) => pandadoc.forge_steadily(&subscription, (event, data), period),
        (
            Payload::Ratepay {
                subscription,
                payload,
            },
            false,
        ) => ratepay.deliver_steadily(&subscription, &payload, period),
        (
            Payload::Ratepay {
                subscription,
                payload,
            },
            true,
        ) => ratepay.forge_steadily(&subscription, &payload, period),
    }
}

fn period(per_second: f64) -> Result<Duration, AdminError> {
    match RATES.contains(&per_second) {
        true => Ok(Duration::from_secs_f64(1.0 / per_second)),
        false => Err(wrong("per_second", &"use a number from 0.000001 to 10000")),
    }
}

fn to_json(id: u64, running: bool, report: &SteadyReport) -> Value {
    let mut generations = BTreeMap::<String, u64>::new();
    for attempt in report.deliveries.iter().flat_map(|it| &it.attempts) {
        *generations
            .entry(attempt.key_generation.to_string())
            .or_default() += 1;
    }
    json!({
        "id": id,
        "running": running,
        "deliveries": report.deliveries.len(),
        "accepted_at_first_attempt": report.accepted_at_first_attempt(),
        "accepted_on_retry": report.accepted_on_retry(),
        "never_accepted": report.never_accepted(),
        "unfinished": report.unfinished,
        "overruns": report.overruns,
        "attempts_by_key_generation": generations,
        "median_answer_ms": report.median_answer_time().map(milliseconds),
        "worst_answer_ms": report.worst_answer_time().map(milliseconds),
    })
}

fn parse(id: &str) -> Result<u64, AdminError> {
    id.parse().map_err(|_| not_found())
}

fn not_found() -> AdminError {
    AdminError::not_found("there is no stream with this id; it was stopped or never started")
}

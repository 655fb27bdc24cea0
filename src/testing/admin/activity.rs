//! The latest requests and deliveries, without secrets.

use std::collections::VecDeque;
use std::sync::Mutex;

use http::request::Parts;
use http::StatusCode;
use serde_json::{json, Value};
use tokio::sync::watch;

use super::answer::{milliseconds, time};
use super::redaction;
use crate::testing::clock::Clock;
use crate::testing::deliveries::recorded_delivery::RecordedDelivery;
use crate::testing::faults::request_fault::FaultEffect;
use crate::testing::lock::lock;
use crate::testing::operation::Operation;

/// How many requests and how many deliveries are kept.
const KEPT: usize = 1_000;

/// A request to a provider, and its result.
pub(crate) struct ObservedRequest<'a> {
    pub(crate) head: &'a Parts,
    /// `None` if the body was too large.
    pub(crate) body: Option<&'a [u8]>,
    pub(crate) operation: Option<Operation>,
    /// The status and the body of the response, or `None` if the connection was closed.
    pub(crate) response: Option<(StatusCode, &'a [u8])>,
    pub(crate) fault: Option<FaultEffect>,
}

/// The kinds of entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Request,
    Delivery,
}

/// A request or an attempt of a delivery.
#[derive(Clone)]
pub(super) struct Entry {
    pub(super) id: u64,
    pub(super) kind: Kind,
    pub(super) value: Value,
}

/// The latest requests and deliveries of a simulator.
pub(crate) struct Activity {
    clock: Clock,
    kept: Mutex<Kept>,
    latest: watch::Sender<u64>,
}

#[derive(Default)]
struct Kept {
    latest: u64,
    requests: Latest,
    deliveries: Latest,
}

#[derive(Default)]
struct Latest {
    entries: VecDeque<Entry>,
    /// How many entries were removed because there are newer ones.
    dropped: u64,
}

impl Activity {
    pub(crate) fn new(clock: Clock) -> Self {
        Self {
            clock,
            kept: Mutex::default(),
            latest: watch::Sender::new(0),
        }
    }

    pub(crate) fn record_request(&self, request: &ObservedRequest<'_>) {
        let body = match request.body {
            Some(body) => redaction::body(&request.head.headers, body),
            None => "[larger than 2 MiB]".into(),
        };
        let status = request.response.map(|(status, _)| status);
        self.record(
            Kind::Request,
            json!({
                "at": time(self.clock.now()),
                "method": request.head.method.as_str(),
                "path": request.head.uri.path(),
                "query": redaction::query(request.head.uri.query()),
                "body": body,
                "operation": request.operation.map(Operation::id),
                "status": status.map(|it| it.as_u16()),
                "reason": request.response.and_then(reason),
                "fault": request.fault.map(|it| it.to_string()),
            }),
        );
    }

    pub(crate) fn record_delivery(&self, delivery: &RecordedDelivery) {
        let attempt = &delivery.attempt;
        self.record(
            Kind::Delivery,
            json!({
                "at": time(attempt.at),
                "delivery": delivery.id,
                "provider": delivery.provider.to_string().to_lowercase(),
                "subscription": delivery.subscription,
                "event": delivery.event,
                "url": redaction::url(&attempt.url),
                "key_generation": attempt.key_generation,
                "status": attempt.status().map(|it| it.as_u16()),
                "failure": attempt.result.as_ref().err().map(ToString::to_string),
                "answer_ms": milliseconds(attempt.answer_time),
            }),
        );
    }

    fn record(&self, kind: Kind, mut value: Value) {
        let mut kept = lock(&self.kept);
        kept.latest += 1;
        let id = kept.latest;
        value["id"] = id.into();
        let latest = kept.of(kind);
        if latest.entries.len() == KEPT {
            latest.entries.pop_front();
            latest.dropped += 1;
        }
        latest.entries.push_back(Entry { id, kind, value });
        self.latest.send_replace(id);
    }

    /// Returns all entries of a kind in order, and how many older ones were dropped.
    pub(super) fn list(&self, kind: Kind) -> (Vec<Value>, u64) {
        let mut kept = lock(&self.kept);
        let latest = kept.of(kind);
        let values = latest.entries.iter().map(|entry| entry.value.clone());
        (values.collect(), latest.dropped)
    }

    /// Returns the entries of both kinds after this one, in order.
    pub(super) fn after(&self, id: u64) -> Vec<Entry> {
        let kept = lock(&self.kept);
        let entries = kept.requests.entries.iter().chain(&kept.deliveries.entries);
        let mut entries: Vec<_> = entries.filter(|entry| entry.id > id).cloned().collect();
        entries.sort_by_key(|entry| entry.id);
        entries
    }

    /// Waits for entries.
    pub(super) fn watch(&self) -> watch::Receiver<u64> {
        self.latest.subscribe()
    }

    pub(super) fn clear(&self, kind: Kind) {
        *lock(&self.kept).of(kind) = Latest::default();
    }
}

impl Kept {
    fn of(&mut self, kind: Kind) -> &mut Latest {
        match kind {
            Kind::Request => &mut self.requests,
            Kind::Delivery => &mut self.deliveries,
        }
    }
}

/// Returns why a provider rejected a request, if it did.
fn reason((status, body): (StatusCode, &[u8])) -> Option<String> {
    if !status.is_client_error() {
        return None;
    }
    let body: Value = serde_json::from_slice(body).ok()?;
    let mut members = ["detail", "message", "error_description"].iter();
    let reason = members.find_map(|name| body.get(name))?;
    let text = reason.as_str().map(str::to_owned);
    Some(text.unwrap_or_else(|| reason.to_string()))
}

//! The history of deliveries, which PandaDoc calls webhook events.

use std::collections::{HashMap, VecDeque};
use std::fmt::Write;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::HeaderMap;
use jiff::Timestamp;
use serde_json::{json, Value};
use uuid::Uuid;

use super::event_query::EventQuery;
use crate::testing::deliveries::delivery::Delivery;
use crate::testing::deliveries::report::{DeliveryAttempt, DeliveryFailure};

/// How long the history keeps an event
/// (<https://hc.pandadoc.com/en/articles/9714966-webhooks>).
const RETENTION: Duration = Duration::from_secs(15 * 24 * 60 * 60);

/// A delivery and its last attempt.
pub(super) struct Event {
    pub(super) delivery: Delivery,
    subscription_name: String,
    last_attempt: DeliveryAttempt,
    delivery_time: SystemTime,
}

/// The events of the last 15 days, one for each delivery.
///
/// The id of an event is the one that all attempts send in their header. PandaDoc doesn't document
/// whether each attempt is an event of its own.
#[derive(Default)]
pub(super) struct EventHistory {
    events: VecDeque<Event>,
    /// The number of each event in the order of recording. Load tests record thousands.
    numbers: HashMap<Uuid, usize>,
    /// The number of the first of `events`.
    first: usize,
}

impl EventHistory {
    pub(super) fn record(
        &mut self,
        subscription_name: String,
        delivery: &Delivery,
        attempt: &DeliveryAttempt,
        now: SystemTime,
    ) {
        self.remove_old(now);
        let event = Event {
            delivery: delivery.clone(),
            subscription_name,
            last_attempt: attempt.clone(),
            delivery_time: now,
        };
        let id = event.delivery.id;
        match self.numbers.get(&id) {
            Some(number) => self.events[number - self.first] = event,
            None => {
                self.numbers.insert(id, self.first + self.events.len());
                self.events.push_back(event);
            }
        }
    }

    /// Removes events from the front. One that was created late may stay behind a newer one for a while.
    fn remove_old(&mut self, now: SystemTime) {
        while let Some(oldest) = self.events.front().filter(|event| !event.is_kept(now)) {
            self.numbers.remove(&oldest.delivery.id);
            self.events.pop_front();
            self.first += 1;
        }
    }

    pub(super) fn find(&self, id: &Uuid, now: SystemTime) -> Option<&Event> {
        let event = self.events.get(self.numbers.get(id)? - self.first)?;
        event.is_kept(now).then_some(event)
    }

    /// Returns the requested page, the latest event first as in the document's example.
    ///
    /// Pages begin with 1. Page 0 is the same here, which isn't documented.
    pub(super) fn page(&self, query: &EventQuery, now: SystemTime) -> Vec<Value> {
        let matching = self
            .events
            .iter()
            .rev()
            .filter(|event| event.is_kept(now) && event.matches(query));
        let skipped = query.count.saturating_mul(query.page.max(1) - 1);
        matching
            .skip(skipped)
            .take(query.count)
            .map(Event::item)
            .collect()
    }
}

impl Event {
    fn is_kept(&self, now: SystemTime) -> bool {
        now < self.delivery.created + RETENTION
    }

    /// Returns whether the event matches every filter that is given, by any one of the filter's values.
    ///
    /// PandaDoc doesn't document how filters combine.
    fn matches(&self, query: &EventQuery) -> bool {
        let created = self.delivery.created;
        let group = self.status().map(|status| status / 100 * 100);
        let is_among = |wanted: &[String], it: Option<&str>| {
            wanted.is_empty() || it.is_some_and(|it| wanted.iter().any(|wanted| wanted == it))
        };
        query.since.is_none_or(|since| since <= created)
            && query.to.is_none_or(|to| created < to)
            && is_among(&query.triggers, Some(&self.delivery.event_type))
            && is_among(&query.errors, self.error())
            && (query.status_groups.is_empty()
                || group.is_some_and(|group| query.status_groups.contains(&group)))
    }

    fn status(&self) -> Option<u16> {
        self.last_attempt.status().map(|status| status.as_u16())
    }

    fn error(&self) -> Option<&'static str> {
        match self.last_attempt.result {
            Ok(_) => None,
            Err(DeliveryFailure::TimedOut) => Some("TIMEOUT_ERROR"),
            Err(_) => Some("CONNECT_ERROR"),
        }
    }

    /// Returns a `WebhookEventItemResponse`.
    fn item(&self) -> Value {
        json!({
            "uuid": self.delivery.id,
            "name": self.subscription_name,
            "type": self.delivery.event_type,
            "http_status_code": self.status(),
            "error": self.error(),
            "delivery_time": format_time(self.delivery_time),
        })
    }

    /// Returns a `WebhookEventDetailsResponse`.
    pub(super) fn details(&self) -> Value {
        let response = self.last_attempt.result.as_ref().ok();
        let text = |bytes: &Bytes| String::from_utf8_lossy(bytes).into_owned();
        let mut details = self.item();
        details["url"] = json!(self.last_attempt.url);
        details["signature"] = json!(self.last_attempt.signature);
        details["request_body"] = json!(text(&self.delivery.body));
        details["response_body"] = json!(response.map(|response| text(&response.body)));
        details["response_headers"] =
            json!(response.map(|response| format_headers(&response.headers)));
        details["event_time"] = json!(format_time(self.delivery.created));
        details
    }
}

/// Formats headers like the document's example, which isn't JSON.
fn format_headers(headers: &HeaderMap) -> String {
    let mut text = String::from("[");
    for (name, value) in headers {
        let separator = if text.len() > 1 { ", " } else { "" };
        let value = String::from_utf8_lossy(value.as_bytes());
        // Writing to a string can't fail.
        write!(text, "{separator}{name}:\"{value}\"").ok();
    }
    text.push(']');
    text
}

/// Formats a time like the document's examples: RFC 3339 with microseconds.
fn format_time(time: SystemTime) -> String {
    match Timestamp::try_from(time) {
        Ok(time) => format!("{time:.6}"),
        // The time is after the year 9999.
        Err(_) => Timestamp::MAX.to_string(),
    }
}

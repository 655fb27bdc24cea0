//! The history of deliveries.

use std::fmt::Write;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::HeaderMap;
use jiff::Timestamp;
use serde_json::{json, Value};
use url::form_urlencoded;
use uuid::Uuid;

use super::error::Fields;
use crate::pandadoc::types::{WebhookEventErrorEnum, WebhookEventTriggerEnum};
use crate::testing::delivery_report::{DeliveryAttempt, DeliveryFailure};

/// How long the history is kept (<https://hc.pandadoc.com/en/articles/9714966-webhooks>).
const KEPT: Duration = Duration::from_secs(15 * 24 * 60 * 60);

/// What was sent to a receiver.
#[derive(Clone)]
pub(in crate::testing) struct Delivered {
    pub(in crate::testing) id: Uuid,
    pub(in crate::testing) subscription: Uuid,
    pub(in crate::testing) trigger: String,
    pub(in crate::testing) body: Bytes,
    pub(in crate::testing) created: SystemTime,
}

/// A delivery, and how its last attempt ended.
pub(super) struct Event {
    pub(super) delivered: Delivered,
    name: String,
    last: DeliveryAttempt,
    delivery_time: SystemTime,
}

/// One event for each delivery, however often it was tried: its id is the one that the header of all
/// its attempts has. (Not documented: whether each attempt is an event of its own.)
#[derive(Default)]
pub(super) struct Events(Vec<Event>);

impl Events {
    pub(super) fn record(
        &mut self,
        name: String,
        delivered: &Delivered,
        attempt: &DeliveryAttempt,
        now: SystemTime,
    ) {
        self.0.retain(|event| event.is_kept(now));
        let event = Event {
            delivered: delivered.clone(),
            name,
            last: attempt.clone(),
            delivery_time: now,
        };
        let id = event.delivered.id;
        match self.0.iter_mut().find(|it| it.delivered.id == id) {
            Some(before) => *before = event,
            None => self.0.push(event),
        }
    }

    pub(super) fn find(&self, id: &Uuid, now: SystemTime) -> Option<&Event> {
        let mut kept = self.0.iter().filter(|event| event.is_kept(now));
        kept.find(|event| event.delivered.id == *id)
    }

    /// The page that a query asks for, the latest first as in the document's example. Pages begin with
    /// 1; that page 0 is the same is not documented.
    pub(super) fn page(&self, query: &str, now: SystemTime) -> Result<Vec<Value>, Fields> {
        let query = Query::read(query)?;
        let wanted = self
            .0
            .iter()
            .rev()
            .filter(|event| event.is_kept(now) && query.matches(event));
        let before = query.count.saturating_mul(query.page.max(1) - 1);
        Ok(wanted
            .skip(before)
            .take(query.count)
            .map(Event::item)
            .collect())
    }
}

impl Event {
    fn is_kept(&self, now: SystemTime) -> bool {
        now < self.delivered.created + KEPT
    }

    fn status(&self) -> Option<u16> {
        self.last.status().map(|status| status.as_u16())
    }

    fn error(&self) -> Option<&'static str> {
        match self.last.result {
            Ok(_) => None,
            Err(DeliveryFailure::TimedOut) => Some("TIMEOUT_ERROR"),
            Err(_) => Some("CONNECT_ERROR"),
        }
    }

    /// `WebhookEventItemResponse`.
    fn item(&self) -> Value {
        json!({
            "uuid": self.delivered.id,
            "name": self.name,
            "type": self.delivered.trigger,
            "http_status_code": self.status(),
            "error": self.error(),
            "delivery_time": written(self.delivery_time),
        })
    }

    /// `WebhookEventDetailsResponse`.
    pub(super) fn details(&self) -> Value {
        let received = self.last.result.as_ref().ok();
        let text = |bytes: &Bytes| String::from_utf8_lossy(bytes).into_owned();
        let mut details = self.item();
        details["url"] = json!(self.last.url);
        details["signature"] = json!(self.last.signature);
        details["request_body"] = json!(text(&self.delivered.body));
        details["response_body"] = json!(received.map(|received| text(&received.body)));
        details["response_headers"] = json!(received.map(|received| listed(&received.headers)));
        details["event_time"] = json!(written(self.delivered.created));
        details
    }
}

/// Headers in the form of the document's example, which is no JSON.
fn listed(headers: &HeaderMap) -> String {
    let mut text = String::from("[");
    for (name, value) in headers {
        let separator = if text.len() > 1 { ", " } else { "" };
        let value = String::from_utf8_lossy(value.as_bytes());
        // Writing to a string does not fail.
        write!(text, "{separator}{name}:\"{value}\"").ok();
    }
    text.push(']');
    text
}

/// RFC 3339 with microseconds, as in the document's examples.
fn written(time: SystemTime) -> String {
    match Timestamp::try_from(time) {
        Ok(time) => format!("{time:.6}"),
        // Beyond the year 9999.
        Err(_) => Timestamp::MAX.to_string(),
    }
}

/// The parameters of `listWebhookEvent`. An event is listed if it matches every filter that is given, and
/// any one of a filter's values. (Not documented: how filters combine.)
#[derive(Default)]
struct Query {
    count: usize,
    page: usize,
    since: Option<SystemTime>,
    to: Option<SystemTime>,
    triggers: Vec<String>,
    status_groups: Vec<u16>,
    errors: Vec<String>,
}

impl Query {
    /// The document declares no 400 for this operation; the one here has the form of the others.
    fn read(query: &str) -> Result<Self, Fields> {
        let mut read = Self::default();
        let mut wrong = Fields::new();
        let (mut has_count, mut has_page) = (false, false);
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let result = match name.as_ref() {
                "count" => {
                    has_count = true;
                    number(&value).map(|it| read.count = it)
                }
                "page" => {
                    has_page = true;
                    number(&value).map(|it| read.page = it)
                }
                "since" => time(&value).map(|it| read.since = Some(it)),
                "to" => time(&value).map(|it| read.to = Some(it)),
                "type" => trigger(&value).map(|it| read.triggers.push(it)),
                "http_status_code" => status_group(&value).map(|it| read.status_groups.push(it)),
                "error" => error(&value).map(|it| read.errors.push(it)),
                _ => Ok(()),
            };
            if let Err(message) = result {
                wrong.insert(name.into_owned(), json!([message]));
            }
        }
        for (name, is_there) in [("count", has_count), ("page", has_page)] {
            if !is_there {
                wrong.insert(name.to_owned(), json!(["This field is required."]));
            }
        }
        match wrong.is_empty() {
            true => Ok(read),
            false => Err(wrong),
        }
    }

    fn matches(&self, event: &Event) -> bool {
        let created = event.delivered.created;
        let group = event.status().map(|status| status / 100 * 100);
        let is_among = |wanted: &[String], it: Option<&str>| {
            wanted.is_empty() || it.is_some_and(|it| wanted.iter().any(|wanted| wanted == it))
        };
        self.since.is_none_or(|since| since <= created)
            && self.to.is_none_or(|to| created < to)
            && is_among(&self.triggers, Some(&event.delivered.trigger))
            && is_among(&self.errors, event.error())
            && (self.status_groups.is_empty()
                || group.is_some_and(|group| self.status_groups.contains(&group)))
    }
}

fn number(text: &str) -> Result<usize, String> {
    let number = text.parse::<i32>().ok();
    let number = number.and_then(|number| usize::try_from(number).ok());
    number.ok_or_else(|| "A valid integer is required.".to_owned())
}

fn time(text: &str) -> Result<SystemTime, String> {
    let time = text.parse::<Timestamp>();
    let time = time.and_then(SystemTime::try_from);
    time.map_err(|_| "Datetime has wrong format.".to_owned())
}

fn trigger(text: &str) -> Result<String, String> {
    match WebhookEventTriggerEnum::KNOWN.contains(&text) {
        true => Ok(text.to_owned()),
        false => Err(no_choice(text)),
    }
}

fn error(text: &str) -> Result<String, String> {
    match WebhookEventErrorEnum::KNOWN.contains(&text) {
        true => Ok(text.to_owned()),
        false => Err(no_choice(text)),
    }
}

fn status_group(text: &str) -> Result<u16, String> {
    match text.parse() {
        Ok(group @ (100 | 200 | 300 | 400 | 500)) => Ok(group),
        _ => Err(no_choice(text)),
    }
}

fn no_choice(text: &str) -> String {
    format!("\"{text}\" is not a valid choice.")
}

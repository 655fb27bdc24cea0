//! The query of `listWebhookEvent`.

use std::time::SystemTime;

use jiff::Timestamp;
use serde_json::json;
use url::form_urlencoded;

use super::error::FieldErrors;
use crate::pandadoc::types::{WebhookEventErrorEnum, WebhookEventTriggerEnum};

/// The parameters of a list request.
#[derive(Default)]
pub(super) struct EventQuery {
    pub(super) count: usize,
    pub(super) page: usize,
    pub(super) since: Option<SystemTime>,
    pub(super) to: Option<SystemTime>,
    pub(super) triggers: Vec<String>,
    pub(super) status_groups: Vec<u16>,
    pub(super) errors: Vec<String>,
}

impl EventQuery {
    /// Parses a query.
    ///
    /// The document declares no 400 for this operation. The error here has the form of the others.
    pub(super) fn parse(query: &str) -> Result<Self, FieldErrors> {
        let mut parsed = Self::default();
        let mut errors = FieldErrors::new();
        let (mut has_count, mut has_page) = (false, false);
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let result = match name.as_ref() {
                "count" => {
                    has_count = true;
                    number(&value).map(|it| parsed.count = it)
                }
                "page" => {
                    has_page = true;
                    number(&value).map(|it| parsed.page = it)
                }
                "since" => time(&value).map(|it| parsed.since = Some(it)),
                "to" => time(&value).map(|it| parsed.to = Some(it)),
                "type" => trigger(&value).map(|it| parsed.triggers.push(it)),
                "http_status_code" => status_group(&value).map(|it| parsed.status_groups.push(it)),
                "error" => error(&value).map(|it| parsed.errors.push(it)),
                _ => Ok(()),
            };
            if let Err(message) = result {
                errors.insert(name.into_owned(), json!([message]));
            }
        }
        for (name, is_present) in [("count", has_count), ("page", has_page)] {
            if !is_present {
                errors.insert(name.to_owned(), json!(["This field is required."]));
            }
        }
        match errors.is_empty() {
            true => Ok(parsed),
            false => Err(errors),
        }
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
        false => Err(invalid_choice(text)),
    }
}

fn error(text: &str) -> Result<String, String> {
    match WebhookEventErrorEnum::KNOWN.contains(&text) {
        true => Ok(text.to_owned()),
        false => Err(invalid_choice(text)),
    }
}

fn status_group(text: &str) -> Result<u16, String> {
    match text.parse() {
        Ok(group @ (100 | 200 | 300 | 400 | 500)) => Ok(group),
        _ => Err(invalid_choice(text)),
    }
}

fn invalid_choice(text: &str) -> String {
    format!("\"{text}\" is not a valid choice.")
}

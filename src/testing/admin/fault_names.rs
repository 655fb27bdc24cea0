//! Every fault by name.

use std::time::Duration;

use http::{HeaderValue, StatusCode};
use serde_json::{json, Value};

use super::answer::AdminError;
use super::members::{wrong, Members};
use crate::testing::faults::delivery_fault::DeliveryFault;
use crate::testing::faults::request_fault::Fault;

/// A fault of requests or of deliveries.
pub(super) enum NamedFault {
    Request(Fault),
    Delivery(DeliveryFault),
}

/// A constructor, with the name of its parameter if that is a time.
enum Constructor {
    Request(fn() -> Fault),
    RequestTime(&'static str, fn(Duration) -> Fault),
    RequestStatus(fn(StatusCode) -> Fault),
    RequestRetryAfter(fn(Option<HeaderValue>) -> Fault),
    Delivery(fn() -> DeliveryFault),
    DeliveryTime(&'static str, fn(Duration) -> DeliveryFault),
}

use Constructor::{Delivery, DeliveryTime, Request, RequestRetryAfter, RequestStatus, RequestTime};

/// The constructors of [`Fault`] and [`DeliveryFault`] by their names.
const FAULTS: &[(&str, Constructor)] = &[
    ("cut_before_applying", Request(Fault::cut_before_applying)),
    ("cut_after_applying", Request(Fault::cut_after_applying)),
    ("cut_inside_answer", Request(Fault::cut_inside_answer)),
    ("apply_late", RequestTime("by_s", Fault::apply_late)),
    ("stale_read", RequestTime("age_s", Fault::stale_read)),
    ("delay", RequestTime("by_s", Fault::delay)),
    (
        "too_many_requests",
        RequestRetryAfter(Fault::too_many_requests),
    ),
    (
        "service_unavailable",
        RequestRetryAfter(Fault::service_unavailable),
    ),
    ("answer", RequestStatus(Fault::answer)),
    (
        "answer_after_applying",
        RequestStatus(Fault::answer_after_applying),
    ),
    ("html_in_front", RequestStatus(Fault::html_in_front)),
    (
        "old_key_for_queued",
        Delivery(DeliveryFault::old_key_for_queued),
    ),
    (
        "key_switch_delayed",
        DeliveryTime("by_s", DeliveryFault::key_switch_delayed),
    ),
    ("duplicate", Delivery(DeliveryFault::duplicate)),
    ("reorder", Delivery(DeliveryFault::reorder)),
];

/// Returns the names with what each fault happens to and the parameter that it takes.
pub(super) fn names() -> Value {
    let name = |(name, constructor): &(_, Constructor)| {
        let (of, parameter) = match constructor {
            Request(_) => ("requests", None),
            RequestTime(parameter, _) => ("requests", Some(*parameter)),
            RequestStatus(_) => ("requests", Some("status")),
            RequestRetryAfter(_) => ("requests", Some("retry_after")),
            Delivery(_) => ("deliveries", None),
            DeliveryTime(parameter, _) => ("deliveries", Some(*parameter)),
        };
        json!({"fault": name, "of": of, "parameter": parameter})
    };
    FAULTS.iter().map(name).collect()
}

/// Makes a fault from its name and the parameter among these members.
pub(super) fn make(name: &str, members: &mut Members) -> Result<NamedFault, AdminError> {
    let found = FAULTS.iter().find(|(known, _)| *known == name);
    let (_, constructor) = found.ok_or_else(|| {
        AdminError::invalid(format!(
            "`{name}` isn't the name of a fault; `GET /__admin/faults` lists them"
        ))
    })?;
    Ok(match constructor {
        Request(make) => NamedFault::Request(make()),
        RequestTime(parameter, make) => NamedFault::Request(make(members.seconds(parameter)?)),
        RequestStatus(make) => NamedFault::Request(make(status(members.required("status")?)?)),
        RequestRetryAfter(make) => {
            let value = members.optional("retry_after")?;
            NamedFault::Request(make(value.map(retry_after).transpose()?))
        }
        Delivery(make) => NamedFault::Delivery(make()),
        DeliveryTime(parameter, make) => NamedFault::Delivery(make(members.seconds(parameter)?)),
    })
}

fn status(status: u16) -> Result<StatusCode, AdminError> {
    let status = StatusCode::from_u16(status).ok();
    let status = status.filter(|it| !it.is_informational());
    status.ok_or_else(|| {
        AdminError::invalid("`status` isn't the status of a final response; use 200 to 999")
    })
}

/// Reads a number of seconds, or any text.
fn retry_after(value: Value) -> Result<HeaderValue, AdminError> {
    let text = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text,
        _ => return Err(wrong("retry_after", &"use a number of seconds or a text")),
    };
    HeaderValue::try_from(text).map_err(|error| wrong("retry_after", &error))
}

//! The subscriptions of both providers, without their keys.

use serde_json::{json, Value};
use uuid::Uuid;

use super::answer::AdminError;
use super::controls::Controls;
use super::redaction;
use crate::pandadoc::types::{WebhookSubscriptionItemResponse, WebhookSubscriptionTriggerEnum};
use crate::ratepay::types::{Subscription, SubscriptionId};

pub(super) fn list(controls: &Controls) -> Value {
    // One that is deleted in the meantime is left out.
    let pandadoc = controls.pandadoc().subscriptions().into_iter();
    let pandadoc = pandadoc.filter_map(|it| pandadoc_item(controls, it));
    let ratepay = controls.ratepay().subscriptions().into_iter();
    let ratepay = ratepay.filter_map(|it| ratepay_item(controls, it));
    pandadoc.chain(ratepay).collect()
}

fn pandadoc_item(controls: &Controls, item: WebhookSubscriptionItemResponse) -> Option<Value> {
    let id = item.uuid?;
    let triggers = item.triggers.iter().flatten();
    let events: Vec<&str> = triggers
        .map(WebhookSubscriptionTriggerEnum::as_str)
        .collect();
    Some(json!({
        "provider": "pandadoc",
        "id": id,
        "name": item.name,
        "url": redaction::url(&item.url?),
        "active": item.active,
        "events": events,
        "key_generation": controls.pandadoc().key_generation(&id)?,
    }))
}

fn ratepay_item(controls: &Controls, item: Subscription) -> Option<Value> {
    let id: SubscriptionId = item.id?.parse().ok()?;
    Some(json!({
        "provider": "ratepay",
        "id": id.as_str(),
        "name": null,
        "url": redaction::url(&item.url?),
        "active": true,
        "events": [item.event_type?],
        "key_generation": controls.ratepay().key_generation(&id)?,
    }))
}

/// Gives a subscription of PandaDoc's another key, and returns its generation.
pub(super) fn regenerate(controls: &Controls, id: &str) -> Result<Value, AdminError> {
    let generation = id.parse::<Uuid>().ok().and_then(|id| {
        let pandadoc = controls.pandadoc();
        pandadoc.change_key_at_dashboard(&id)?;
        pandadoc.key_generation(&id)
    });
    match generation {
        Some(generation) => Ok(json!({"key_generation": generation})),
        None => Err(AdminError::not_found(
            "PandaDoc has no subscription with this id; Ratepay's keys are changed only by requests",
        )),
    }
}

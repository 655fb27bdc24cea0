//! The state of a rotation as text.

use std::time::SystemTime;

use jiff::Timestamp;
use webhook_subscriptions::rotate::{CurrentKey, Ended, Generation, Plan, Status};

pub fn status(status: &Status) -> String {
    let mut text = format!(
        "{} {}: {} since {}\n",
        status.provider,
        status.subscription,
        status.phase,
        time(status.since)
    );
    for key in &status.generations {
        text += &generation(key);
    }
    let next = match status.next_at {
        Some(at) => time(Some(at)),
        None => "when somebody asks for it".to_owned(),
    };
    text += &format!("next rotation: {next}\n");
    if status.failed_attempts > 0 {
        text += &format!("failed attempts: {}\n", status.failed_attempts);
    }
    if let Some(attention) = &status.attention {
        text += &format!("attention: {attention}\n");
    }
    text
}

fn generation(key: &Generation) -> String {
    let confirmed = match key.confirmed {
        true => "",
        false => ", not confirmed by the provider",
    };
    let revoked = if key.revoked { ", revoked" } else { "" };
    let matched = match key.last_match {
        Some(at) => format!("last match {}", time(Some(at))),
        None => "no match yet".to_owned(),
    };
    let learned = time(key.learned);
    format!(
        "key {}: since {learned}, {matched}{confirmed}{revoked}\n",
        key.number
    )
}

pub fn plan(plan: &Plan) -> String {
    let current = match &plan.current_key {
        CurrentKey::Known { generation } => format!("key {generation}"),
        CurrentKey::New => "a key that isn't accepted yet".to_owned(),
        CurrentKey::NotReadable => "can't be read from this provider".to_owned(),
        CurrentKey::NotRead { reason } => format!("couldn't be read: {reason}"),
        other => format!("{other:?}"),
    };
    format!(
        "phase: {}\ncurrent key of the provider: {current}\n{plan}",
        plan.phase
    )
}

pub fn ended(ended: &Ended) -> String {
    match ended {
        Ended::Rotated { generation } => format!("rotated: key {generation} is the current one"),
        Ended::Revoked { generation } => {
            format!(
                "revoked: key {generation}; no request was needed, because there is a newer key"
            )
        }
        Ended::Busy => "not begun: an earlier rotation is still under way; see `status`".to_owned(),
        Ended::NotChanged { reason } => format!("not changed: {reason}"),
        Ended::Unsettled { reason } => format!("not known yet whether the key changed: {reason}"),
        other => format!("{other:?}"),
    }
}

/// Tells whether deliveries signed with the key of this number are accepted.
pub fn is_accepted(status: &Status, number: u64) -> bool {
    let mut keys = status.generations.iter();
    let is_replaced = keys.any(|key| key.confirmed && key.number > number);
    let mut keys = status.generations.iter();
    keys.any(|key| key.number == number && !(key.revoked && is_replaced))
}

/// Writes a time to the second, as RFC 3339 does.
fn time(time: Option<SystemTime>) -> String {
    let time = time.and_then(|time| Timestamp::try_from(time).ok());
    time.map_or("an unknown time".to_owned(), |time| format!("{time:.0}"))
}

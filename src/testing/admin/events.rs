//! A stream of server-sent events (<https://html.spec.whatwg.org/multipage/server-sent-events.html>): the kept
//! requests and deliveries, and then new ones as they happen.

use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use http::StatusCode;
use http_body_util::channel::{Channel, Sender};
use http_body_util::Either;

use super::activity::{Activity, Entry, Kind};
use super::answer::{answer, Answer};
use crate::testing::tasks::TaskSpawner;

/// How long a client waits until it connects again, in milliseconds. A reset closes the stream.
const RETRY: &str = "retry: 200\n\n";

/// Starts a stream. A client that connects again names the last event that it got.
pub(super) fn stream(activity: &Arc<Activity>, tasks: &TaskSpawner, head: &Parts) -> Answer {
    let last = head.headers.get("last-event-id");
    let last = last.and_then(|it| it.to_str().ok()?.parse().ok());
    let (sender, body) = Channel::new(1);
    tasks.spawn(send(activity.clone(), sender, last.unwrap_or(0)));
    answer(StatusCode::OK, "text/event-stream", Either::Right(body))
}

/// Sends events until the client is gone.
async fn send(activity: Arc<Activity>, mut client: Sender<Bytes>, mut last: u64) {
    let mut changes = activity.watch();
    let mut text = RETRY.to_owned();
    loop {
        for entry in activity.after(last) {
            text += &event(&entry);
            last = entry.id;
        }
        if !text.is_empty()
            && client
                .send_data(std::mem::take(&mut text).into())
                .await
                .is_err()
        {
            return;
        }
        if changes.changed().await.is_err() {
            return;
        }
    }
}

fn event(entry: &Entry) -> String {
    let name = match entry.kind {
        Kind::Request => "request",
        Kind::Delivery => "delivery",
    };
    // JSON has no line breaks unless it is asked to.
    format!("id: {}\nevent: {name}\ndata: {}\n\n", entry.id, entry.value)
}

//! Handles requests of the control API.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::LOCATION;
use http::{HeaderValue, Request, StatusCode};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use jiff::Timestamp;
use serde_json::{json, Value};

use super::activity::{Activity, Kind};
use super::answer::{json, no_content, ok, time, AdminError, Answer};
use super::controls::Controls;
use super::deliveries::{deliver, deliver_queued, Payload};
use super::endpoint::Endpoint;
use super::faults::InjectedFaults;
use super::members::Members;
use super::streams::Streams;
use super::{events, fault_names, origin, page, subscriptions};

/// The largest body of a request, in bytes.
const MAX_BODY: usize = 2 * 1024 * 1024;

/// The control API of one simulator.
pub(crate) struct Admin {
    controls: Arc<Controls>,
    activity: Arc<Activity>,
    /// The names that `Host` may have besides `localhost`.
    names: Vec<String>,
    faults: InjectedFaults,
    streams: Streams,
}

impl Admin {
    pub(crate) fn new(controls: Controls, activity: Arc<Activity>, names: Vec<String>) -> Self {
        Self {
            controls: Arc::new(controls),
            activity,
            names,
            faults: InjectedFaults::default(),
            streams: Streams::default(),
        }
    }

    /// Returns whether a path is one of the control API.
    pub(crate) fn has_path(path: &str) -> bool {
        Endpoint::has_path(path)
    }

    pub(crate) fn activity(&self) -> &Activity {
        &self.activity
    }

    pub(crate) async fn respond(&self, request: Request<Incoming>) -> Answer {
        let answer = self.respond_with_result(request).await;
        answer.unwrap_or_else(AdminError::into_answer)
    }

    async fn respond_with_result(&self, request: Request<Incoming>) -> Result<Answer, AdminError> {
        let (head, body) = request.into_parts();
        origin::check(&head, &self.names)?;
        let endpoint = Endpoint::find(&head.method, head.uri.path())?;
        let body = read(body).await?;
        let members = || Members::parse(&head, &body);
        let controls = &self.controls;
        Ok(match endpoint {
            Endpoint::Page => page::page(),
            Endpoint::PageWithoutSlash => redirect(),
            Endpoint::Health => ok(&json!({"status": "ok", "version": env!("CARGO_PKG_VERSION")})),
            Endpoint::Events => events::stream(&self.activity, &controls.tasks, &head),
            Endpoint::Requests => self.latest("requests", Kind::Request),
            Endpoint::ForgetRequests => self.forget(Kind::Request),
            Endpoint::Deliveries => self.latest("deliveries", Kind::Delivery),
            Endpoint::ForgetDeliveries => self.forget(Kind::Delivery),
            Endpoint::Deliver => self.deliver(members()?).await?,
            Endpoint::DeliverQueued => ok(&json!({"deliveries": deliver_queued(controls).await?})),
            Endpoint::StartStream => created(self.streams.start(controls, members()?)?),
            Endpoint::Stream(id) => ok(&self.streams.find(id)?),
            Endpoint::StopStream(id) => ok(&self.streams.stop(id).await?),
            Endpoint::Faults => {
                let (injected, known) = (self.faults.list(), fault_names::names());
                ok(&json!({"injected": injected, "known": known}))
            }
            Endpoint::Inject => created(self.faults.inject(controls, members()?)?),
            Endpoint::Fault(id) => ok(&self.faults.find(id)?),
            Endpoint::RemoveFault(id) => ok(&self.faults.remove(id)?),
            Endpoint::Clock => self.now(),
            Endpoint::AdvanceClock => self.advance_clock(members()?)?,
            Endpoint::Subscriptions => ok(&json!({"subscriptions": subscriptions::list(controls)})),
            Endpoint::Regenerate(id) => ok(&subscriptions::regenerate(controls, id)?),
            Endpoint::Reset => self.reset(),
        })
    }

    fn latest(&self, name: &str, kind: Kind) -> Answer {
        let (entries, dropped) = self.activity.list(kind);
        ok(&json!({name: entries, "dropped": dropped}))
    }

    fn forget(&self, kind: Kind) -> Answer {
        self.activity.clear(kind);
        no_content()
    }

    async fn deliver(&self, mut members: Members) -> Result<Answer, AdminError> {
        let payload = Payload::read(&mut members)?;
        let queued = members.optional("queued")?.unwrap_or(false);
        members.end()?;
        Ok(match queued {
            true => json(
                StatusCode::ACCEPTED,
                &json!({"id": payload.queue(&self.controls)?}),
            ),
            false => ok(&deliver(&self.controls, payload).await?),
        })
    }

    fn now(&self) -> Answer {
        ok(&json!({"now": time(self.controls.clock.now())}))
    }

    fn advance_clock(&self, mut members: Members) -> Result<Answer, AdminError> {
        let by: Duration = members.seconds("advance_s")?;
        members.end()?;
        let clock = &self.controls.clock;
        let then = clock.now().checked_add(by);
        if then.is_none_or(|then| Timestamp::try_from(then).is_err()) {
            return Err(AdminError::invalid(
                "`advance_s`: the clock can't go beyond the year 9999",
            ));
        }
        clock.advance(by);
        Ok(self.now())
    }

    fn reset(&self) -> Answer {
        self.streams.clear();
        self.faults.clear();
        self.controls.reset();
        self.activity.clear(Kind::Request);
        self.activity.clear(Kind::Delivery);
        no_content()
    }
}

fn created(id: u64) -> Answer {
    json(StatusCode::CREATED, &json!({"id": id}))
}

/// Leads to the page. The links in it are relative to its path.
fn redirect() -> Answer {
    let mut answer = json(StatusCode::PERMANENT_REDIRECT, &Value::Null);
    let location = HeaderValue::from_static("/__admin/");
    answer.headers_mut().insert(LOCATION, location);
    answer
}

async fn read(body: Incoming) -> Result<Bytes, AdminError> {
    let body = Limited::new(body, MAX_BODY).collect().await;
    body.map(|body| body.to_bytes()).map_err(|_| {
        AdminError::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "the body couldn't be read; send at most 2 MiB",
        )
    })
}

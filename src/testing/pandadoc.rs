//! PandaDoc, as its published document and its pages describe it.

pub(super) mod error;

mod access;
mod event;
mod oauth;
mod request;
mod subscription;
mod view;

use std::time::{Duration, SystemTime};

use http::StatusCode;
use serde_json::{json, Value};
use uuid::Uuid;

use super::answer::Answer;
use super::delivery_report::DeliveryAttempt;
use super::handle::Call;
use super::limit::Limits;
use super::operation::Operation;
use super::random;
use access::{Access, Caller, Role};
use event::Events;
use oauth::OAuth;
use request::Change;
use subscription::Subscription;

pub use view::PandaDoc;

/// How many subscriptions a workspace may have (<https://developers.pandadoc.com/docs/webhooks>).
const MOST_SUBSCRIPTIONS: usize = 300;

/// How many requests a minute a sandbox key may make at any endpoint
/// (<https://developers.pandadoc.com/reference/limits>).
const SANDBOX_PER_MINUTE: u32 = 10;

/// One workspace.
pub(super) struct State {
    workspace_id: String,
    subscriptions: Vec<Subscription>,
    events: Events,
    access: Access,
    oauth: OAuth,
    limits: Limits,
    per_minute: Option<u32>,
}

/// The result of a request, or the answer that says why there is none.
type Answered<T> = Result<T, Answer>;

impl State {
    pub(super) fn new(per_minute: Option<u32>) -> Self {
        Self {
            workspace_id: random::base62(22),
            subscriptions: Vec::new(),
            events: Events::default(),
            access: Access::new(),
            oauth: OAuth::new(),
            limits: Limits::default(),
            per_minute,
        }
    }

    pub(super) fn answer(&mut self, call: &Call<'_>, now: SystemTime) -> Answer {
        self.try_answer(call, now).unwrap_or_else(|refusal| refusal)
    }

    fn try_answer(&mut self, call: &Call<'_>, now: SystemTime) -> Answered<Answer> {
        if call.operation == Operation::AccessToken {
            return Ok(self.oauth.answer(call, &mut self.access, now));
        }
        let caller = self.access.caller(call.head, now)?;
        self.limit(caller, call.operation, now)?;
        // The list declares no 403, and neither do the events.
        let everybody = [
            Operation::ListWebhookSubscriptions,
            Operation::ListWebhookEvent,
            Operation::DetailsWebhookEvent,
        ];
        if caller.role == Role::Member && !everybody.contains(&call.operation) {
            return Err(error::of(StatusCode::FORBIDDEN));
        }
        match call.operation {
            Operation::ListWebhookSubscriptions => {
                let items: Vec<Value> = self.subscriptions.iter().map(|it| self.item(it)).collect();
                Ok(ok(&json!({ "items": items })))
            }
            Operation::CreateWebhookSubscription => {
                check_media_type(call)?;
                let change = Change::create(call.body).map_err(error::fields)?;
                if self.subscriptions.len() >= MOST_SUBSCRIPTIONS {
                    return Err(error::fields(error::of_no_field(
                        "A workspace has 300 webhook subscriptions at the most.",
                    )));
                }
                let created = Subscription::create(change, now);
                let item = self.item(&created);
                self.subscriptions.push(created);
                Ok(answer(StatusCode::CREATED, &item))
            }
            Operation::DetailsWebhookSubscription => {
                let index = self.index(call.id)?;
                Ok(ok(&self.item(&self.subscriptions[index])))
            }
            Operation::UpdateWebhookSubscription => {
                let index = self.index(call.id)?;
                check_media_type(call)?;
                let change = Change::update(call.body).map_err(error::fields)?;
                self.subscriptions[index].apply(change);
                Ok(ok(&self.item(&self.subscriptions[index])))
            }
            Operation::DeleteWebhookSubscription => {
                let index = self.index(call.id)?;
                self.subscriptions.remove(index);
                Ok(error::with_request_id(Answer::empty(
                    StatusCode::NO_CONTENT,
                )))
            }
            Operation::UpdateWebhookSubscriptionSharedKey => {
                let index = self.index(call.id)?;
                let key = self.subscriptions[index].regenerate(now);
                Ok(ok(&json!({ "shared_key": key.expose_secret() })))
            }
            Operation::ListWebhookEvent => {
                let query = call.head.uri.query().unwrap_or_default();
                let items = self.events.page(query, now).map_err(error::fields)?;
                Ok(ok(&json!({ "items": items })))
            }
            Operation::DetailsWebhookEvent => {
                let event = call
                    .id
                    .parse()
                    .ok()
                    .and_then(|id| self.events.find(&id, now));
                event
                    .map(|event| ok(&event.details()))
                    .ok_or_else(|| error::of(StatusCode::NOT_FOUND))
            }
            _ => Err(error::of(StatusCode::NOT_FOUND)),
        }
    }

    fn limit(&mut self, caller: Caller, operation: Operation, now: SystemTime) -> Answered<()> {
        let per_minute = match caller.is_sandbox {
            true => Some(SANDBOX_PER_MINUTE),
            false => self.per_minute,
        };
        let Some(per_minute) = per_minute else {
            return Ok(());
        };
        let counted = (caller.counted_as, operation);
        let wait = self.limits.count(counted, per_minute, now);
        wait.map_err(error::throttled)
    }

    /// An id that is no uuid is one that nothing has.
    fn index(&self, id: &str) -> Answered<usize> {
        let id: Option<Uuid> = id.parse().ok();
        let index = self.subscriptions.iter().position(|it| Some(it.id) == id);
        index.ok_or_else(|| error::of(StatusCode::NOT_FOUND))
    }

    fn find(&self, id: &Uuid) -> Option<&Subscription> {
        self.subscriptions.iter().find(|it| it.id == *id)
    }

    fn item(&self, subscription: &Subscription) -> Value {
        subscription.item(&self.workspace_id)
    }
}

/// What deliveries want of it.
impl State {
    /// Where a subscription's deliveries go, and the keys that it has had.
    pub(super) fn receiver(&self, id: &Uuid) -> Option<(&str, &super::keys::Keys)> {
        let subscription = self.find(id).filter(|it| it.active)?;
        Some((&subscription.url, &subscription.keys))
    }

    /// Keeps an attempt in the history, and draws the consequences for the subscription.
    pub(super) fn attempted(
        &mut self,
        event: &event::Delivered,
        attempt: &DeliveryAttempt,
        now: SystemTime,
    ) {
        let subscription = self
            .subscriptions
            .iter_mut()
            .find(|it| it.id == event.subscription);
        let name = match subscription {
            Some(subscription) => {
                subscription.attempted(attempt, now);
                subscription.name.clone()
            }
            None => String::new(),
        };
        self.events.record(name, event, attempt, now);
    }
}

pub(super) use event::Delivered;

/// PandaDoc's document has `application/json` alone for the bodies of its webhook operations. What it
/// answers to another media type is not documented; 415 is what RFC 9110, section 15.5.16, has for it.
fn check_media_type(call: &Call<'_>) -> Answered<()> {
    match call.is_sent_as("application/json") {
        true => Ok(()),
        false => Err(error::of(StatusCode::UNSUPPORTED_MEDIA_TYPE)),
    }
}

fn ok(body: &Value) -> Answer {
    answer(StatusCode::OK, body)
}

fn answer(status: StatusCode, body: &Value) -> Answer {
    error::with_request_id(Answer::json(status, body))
}

/// How long an access token is good: "currently" a year
/// (operation `accessToken` of PandaDoc's published document, 8.8.0).
const TOKEN_LIFETIME: Duration = Duration::from_secs(31_535_999);

//! Ratepay's subscription webhooks, as its pages describe them.

pub(super) mod error;

mod oauth;
mod request;
mod view;

use std::time::SystemTime;

use http::header::ACCEPT;
use http::request::Parts;
use http::StatusCode;
use serde_json::{json, Value};

use super::answer::Answer;
use super::credentials::authorization;
use super::handle::{is_media_type, Call};
use super::keys::Keys;
use super::operation::Operation;
use super::random;
use crate::ratepay::types::SubscriptionId;
use oauth::{OAuth, Owner};
use request::Request;

pub use view::Ratepay;

/// What all clients of Ratepay have subscribed to.
pub(super) struct State {
    subscriptions: Vec<Subscription>,
    oauth: OAuth,
}

struct Subscription {
    id: String,
    owner: Owner,
    url: String,
    event_type: String,
    keys: Keys,
}

/// The result of a request, or the answer that says why there is none.
type Answered<T> = Result<T, Answer>;

impl State {
    pub(super) fn new() -> Self {
        Self {
            subscriptions: Vec::new(),
            oauth: OAuth::new(),
        }
    }

    pub(super) fn answer(&mut self, call: &Call<'_>, now: SystemTime) -> Answer {
        self.try_answer(call, now).unwrap_or_else(|refusal| refusal)
    }

    fn try_answer(&mut self, call: &Call<'_>, now: SystemTime) -> Answered<Answer> {
        if call.operation == Operation::CreateOAuthToken {
            return Ok(self.oauth.answer(call, now));
        }
        if !accepts_json(call.head) {
            return Err(error::of(StatusCode::NOT_ACCEPTABLE));
        }
        let caller = self.caller(call, now)?;
        match call.operation {
            Operation::ListSubscriptions => {
                let own = self.subscriptions.iter().filter(|it| it.owner == caller);
                let own: Vec<Value> = own.map(Subscription::listed).collect();
                Ok(Answer::json(StatusCode::OK, &json!(own)))
            }
            Operation::CreateSubscription => {
                let request = read(call)?;
                let created = Subscription::create(caller, request, now);
                let answer = Answer::json(StatusCode::CREATED, &created.item());
                self.subscriptions.push(created);
                Ok(answer)
            }
            Operation::UpdateSubscription => {
                check_id(call.id)?;
                let request = read(call)?;
                let index = self.index(call.id, caller)?;
                let subscription = &mut self.subscriptions[index];
                subscription.replace(request, now);
                Ok(Answer::json(StatusCode::OK, &subscription.item()))
            }
            Operation::DeleteSubscription => {
                check_id(call.id)?;
                let index = self.index(call.id, caller)?;
                self.subscriptions.remove(index);
                Ok(Answer::empty(StatusCode::NO_CONTENT))
            }
            _ => Err(error::of(StatusCode::NOT_FOUND)),
        }
    }

    /// Who calls. The documented example of a 400 is a token that does not validate, and 401 is
    /// documented too; which token meets which is not. Here what is no JSON Web Token meets 400, where the
    /// operation documents it, and one that expired or was never given out 401.
    fn caller(&self, call: &Call<'_>, now: SystemTime) -> Answered<Owner> {
        let token = authorization(call.head, "Bearer");
        let token = token.ok_or_else(|| error::of(StatusCode::UNAUTHORIZED))?;
        if !oauth::is_jwt(token) && call.operation != Operation::ListSubscriptions {
            return Err(error::of(StatusCode::BAD_REQUEST));
        }
        let owner = self.oauth.owner(token, now);
        owner.ok_or_else(|| error::of(StatusCode::UNAUTHORIZED))
    }

    fn index(&self, id: &str, caller: Owner) -> Answered<usize> {
        let index = self.subscriptions.iter().position(|it| it.id == id);
        let index = index.ok_or_else(|| error::of(StatusCode::NOT_FOUND))?;
        match self.subscriptions[index].owner == caller {
            true => Ok(index),
            false => Err(error::of(StatusCode::FORBIDDEN)),
        }
    }

    /// Where a subscription's deliveries go, and the secrets that it has had.
    pub(super) fn receiver(&self, id: &str) -> Option<(&str, &Keys)> {
        let subscription = self.subscriptions.iter().find(|it| it.id == id)?;
        Some((&subscription.url, &subscription.keys))
    }
}

impl Subscription {
    fn create(owner: Owner, request: Request, now: SystemTime) -> Self {
        Self {
            id: random::nanoid(),
            owner,
            url: request.url,
            event_type: request.event_type,
            keys: Keys::new(now, request.secret),
        }
    }

    fn replace(&mut self, request: Request, now: SystemTime) {
        self.url = request.url;
        self.event_type = request.event_type;
        self.keys.replace(now, request.secret);
    }

    /// The answer to a creation and to an update: the secret is in it.
    fn item(&self) -> Value {
        let mut item = self.listed();
        item["secret"] = json!(self.keys.in_force().expose_secret());
        item
    }

    /// Not documented: what a list shows. Here it shows no secret, so what works here does not depend
    /// on it.
    fn listed(&self) -> Value {
        json!({"id": self.id, "url": self.url, "event_type": self.event_type})
    }
}

fn check_id(id: &str) -> Answered<()> {
    match id.parse::<SubscriptionId>() {
        Ok(_) => Ok(()),
        Err(_) => Err(error::invalid("id: it must match [A-Za-z0-9_-]{20}")),
    }
}

fn read(call: &Call<'_>) -> Answered<Request> {
    if !call.is_sent_as("application/json") {
        return Err(error::of(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    Request::read(call.body).map_err(|message| error::invalid(&message))
}

/// Whether the client takes what this API sends. Without `Accept` it takes anything (RFC 9110, section
/// 12.5.1). A weight of 0 is not looked for.
fn accepts_json(head: &Parts) -> bool {
    let mut accepted = head.headers.get_all(ACCEPT).iter().peekable();
    let all = [
        "application/json",
        "application/problem+json",
        "application/*",
        "*/*",
    ];
    accepted.peek().is_none()
        || accepted
            .filter_map(|it| it.to_str().ok())
            .flat_map(|it| it.split(','))
            .any(|it| all.iter().any(|known| is_media_type(it, known)))
}

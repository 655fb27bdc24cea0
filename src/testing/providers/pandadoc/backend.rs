//! PandaDoc's backend: one workspace, its webhook operations and its deliveries.

use std::time::SystemTime;

use http::header::USER_AGENT;
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::{json, Value};
use url::Url;
use uuid::Uuid;

use super::credentials::{Caller, Credentials, Role};
use super::error::{self, with_request_id};
use super::event_history::EventHistory;
use super::event_query::EventQuery;
use super::rate_limit::RateLimits;
use super::subscription::Subscription;
use super::subscription_fields::SubscriptionFields;
use super::token_endpoint::TokenEndpoint;
use crate::pandadoc::delivery::EVENT_ID;
use crate::secret::Secret;
use crate::testing::deliveries::delivery::{
    Delivery, DeliverySource, Receivers, Retries, SignedRequest,
};
use crate::testing::deliveries::report::DeliveryAttempt;
use crate::testing::history::History;
use crate::testing::operation::Operation;
use crate::testing::providers::random;
use crate::testing::providers::request::ProviderRequest;
use crate::testing::providers::response::ProviderResponse;
use crate::verify::{Key, PandaDoc};

/// The most subscriptions of a workspace (<https://developers.pandadoc.com/docs/webhooks>).
const MAX_SUBSCRIPTIONS: usize = 300;

/// The most requests a minute with a sandbox key, per endpoint
/// (<https://developers.pandadoc.com/reference/limits>).
const SANDBOX_REQUESTS_PER_MINUTE: u32 = 10;

/// The operations that a member may call. Their entries in the document declare no 403.
const OPERATIONS_OF_MEMBERS: [Operation; 3] = [
    Operation::ListWebhookSubscriptions,
    Operation::ListWebhookEvent,
    Operation::DetailsWebhookEvent,
];

/// One workspace of PandaDoc.
pub(crate) struct Backend {
    pub(super) subscriptions: Vec<Subscription>,
    pub(super) events: EventHistory,
    pub(super) credentials: Credentials,
    pub(super) token_endpoint: TokenEndpoint,
    workspace_id: String,
    rate_limits: RateLimits,
    requests_per_minute: Option<u32>,
    retries: Retries,
    receivers: Receivers,
}

impl Backend {
    pub(crate) fn new(
        requests_per_minute: Option<u32>,
        retries: Retries,
        receivers: Receivers,
    ) -> Self {
        Self {
            subscriptions: Vec::new(),
            events: EventHistory::default(),
            credentials: Credentials::new(),
            token_endpoint: TokenEndpoint::new(),
            workspace_id: random::base62(22),
            rate_limits: RateLimits::default(),
            requests_per_minute,
            retries,
            receivers,
        }
    }

    /// Removes everything except the credentials.
    pub(crate) fn reset(&mut self) {
        self.subscriptions.clear();
        self.events = EventHistory::default();
        self.rate_limits = RateLimits::default();
    }

    /// Applies a request and returns the response.
    pub(crate) fn respond(
        &mut self,
        request: &ProviderRequest<'_>,
        now: SystemTime,
    ) -> ProviderResponse {
        match request.operation {
            Operation::AccessToken => {
                let credentials = &mut self.credentials;
                self.token_endpoint.respond(request, credentials, now)
            }
            _ => self
                .respond_with_result(request, now)
                .unwrap_or_else(|error| error),
        }
    }

    fn respond_with_result(
        &mut self,
        request: &ProviderRequest<'_>,
        now: SystemTime,
    ) -> Result<ProviderResponse, ProviderResponse> {
        let operation = request.operation;
        let caller = self.credentials.caller(request, now)?;
        self.check_rate_limit(caller, operation, now)?;
        if caller.role == Role::Member && !OPERATIONS_OF_MEMBERS.contains(&operation) {
            return Err(error::response(StatusCode::FORBIDDEN));
        }
        match operation {
            Operation::ListWebhookSubscriptions => {
                let items: Vec<Value> = self.subscription_items().collect();
                Ok(ok(&json!({ "items": items })))
            }
            Operation::CreateWebhookSubscription => {
                check_media_type(request)?;
                let fields = SubscriptionFields::parse_create(request.body, self.receivers);
                let fields = fields.map_err(error::invalid_fields)?;
                if self.subscriptions.len() >= MAX_SUBSCRIPTIONS {
                    return Err(error::invalid_fields(error::non_field_error(
                        "A workspace can have at most 300 webhook subscriptions.",
                    )));
                }
                let created = Subscription::create(fields, now);
                let item = created.to_json(&self.workspace_id);
                self.subscriptions.push(created);
                Ok(json_response(StatusCode::CREATED, &item))
            }
            Operation::DetailsWebhookSubscription => {
                let index = self.index(request.id)?;
                Ok(ok(&self.subscriptions[index].to_json(&self.workspace_id)))
            }
            Operation::UpdateWebhookSubscription => {
                let index = self.index(request.id)?;
                check_media_type(request)?;
                let fields = SubscriptionFields::parse_update(request.body, self.receivers);
                let fields = fields.map_err(error::invalid_fields)?;
                self.subscriptions[index].update(fields, now);
                Ok(ok(&self.subscriptions[index].to_json(&self.workspace_id)))
            }
            Operation::DeleteWebhookSubscription => {
                let index = self.index(request.id)?;
                self.subscriptions.remove(index);
                let response = ProviderResponse::empty(StatusCode::NO_CONTENT);
                Ok(with_request_id(response))
            }
            Operation::UpdateWebhookSubscriptionSharedKey => {
                let index = self.index(request.id)?;
                let key = self.subscriptions[index].regenerate_key(now);
                Ok(ok(&json!({ "shared_key": key.expose_secret() })))
            }
            Operation::ListWebhookEvent => {
                let query = request.head.uri.query().unwrap_or_default();
                let query = EventQuery::parse(query).map_err(error::invalid_fields)?;
                Ok(ok(&json!({ "items": self.events.page(&query, now) })))
            }
            Operation::DetailsWebhookEvent => {
                let id = request.id.parse().ok();
                id.and_then(|id| self.events.find(&id, now))
                    .map(|event| ok(&event.details()))
                    .ok_or_else(|| error::response(StatusCode::NOT_FOUND))
            }
            _ => Err(error::response(StatusCode::NOT_FOUND)),
        }
    }

    /// Responds to a read of subscriptions with their state at an earlier time. Returns `None` for other
    /// requests.
    ///
    /// The credential and the rate limit aren't checked. Subscriptions that were deleted since are missing.
    pub(crate) fn read_as_of(
        &self,
        request: &ProviderRequest<'_>,
        time: SystemTime,
    ) -> Option<ProviderResponse> {
        let item = |it: &Subscription| it.to_json_as_of(time, &self.workspace_id);
        match request.operation {
            Operation::ListWebhookSubscriptions => {
                let items: Vec<Value> = self.subscriptions.iter().map(item).collect();
                Some(ok(&json!({ "items": items })))
            }
            Operation::DetailsWebhookSubscription => {
                let index = self.index(request.id).ok()?;
                Some(ok(&item(&self.subscriptions[index])))
            }
            _ => None,
        }
    }

    fn check_rate_limit(
        &mut self,
        caller: Caller,
        operation: Operation,
        now: SystemTime,
    ) -> Result<(), ProviderResponse> {
        let per_minute = match caller.is_sandbox {
            true => Some(SANDBOX_REQUESTS_PER_MINUTE),
            false => self.requests_per_minute,
        };
        let Some(per_minute) = per_minute else {
            return Ok(());
        };
        let key = (caller.counted_as, operation);
        let result = self.rate_limits.count(key, per_minute, now);
        result.map_err(error::throttled)
    }

    /// Finds a subscription. An id that isn't a UUID belongs to none.
    fn index(&self, id: &str) -> Result<usize, ProviderResponse> {
        let id: Option<Uuid> = id.parse().ok();
        let index = self.subscriptions.iter().position(|it| Some(it.id) == id);
        index.ok_or_else(|| error::response(StatusCode::NOT_FOUND))
    }

    pub(super) fn subscription(&self, id: &Uuid) -> Option<&Subscription> {
        self.subscriptions.iter().find(|it| it.id == *id)
    }

    pub(super) fn subscription_mut(&mut self, id: &Uuid) -> Option<&mut Subscription> {
        self.subscriptions.iter_mut().find(|it| it.id == *id)
    }

    /// Returns all subscriptions as the API shows them.
    pub(super) fn subscription_items(&self) -> impl Iterator<Item = Value> + '_ {
        let subscriptions = self.subscriptions.iter();
        subscriptions.map(|it| it.to_json(&self.workspace_id))
    }
}

impl DeliverySource for Backend {
    fn retries(&self) -> Retries {
        self.retries
    }

    fn destination(&self, subscription: &str) -> Option<(&str, &History<Secret>)> {
        let id = subscription.parse().ok()?;
        let subscription = self.subscription(&id).filter(|it| it.settings().active)?;
        Some((&subscription.settings().url, &subscription.keys))
    }

    fn sign(&self, delivery: &Delivery, url: &str, key: &Secret) -> Option<SignedRequest> {
        signed_request(delivery, url, key)
    }

    fn record_attempt(&mut self, delivery: &Delivery, attempt: &DeliveryAttempt, now: SystemTime) {
        let id = delivery.subscription.parse().ok();
        let subscription = id.and_then(|id| self.subscription_mut(&id));
        let name = match subscription {
            Some(subscription) => {
                subscription.record_attempt(attempt, now);
                subscription.settings().name.clone()
            }
            None => String::new(),
        };
        self.events.record(name, delivery, attempt, now);
    }
}

/// Signs a delivery. Returns `None` if no signature can be made with this key.
pub(super) fn signed_request(
    delivery: &Delivery,
    url: &str,
    key: &Secret,
) -> Option<SignedRequest> {
    let signature = Key::<PandaDoc>::new(key).ok()?.sign(&delivery.body);
    let mut headers = HeaderMap::new();
    headers.insert(USER_AGENT, HeaderValue::from_static("PandaDoc Webhooks"));
    let id = HeaderValue::try_from(delivery.id.to_string()).ok()?;
    headers.insert(EVENT_ID, id);
    Some(SignedRequest {
        url: Url::parse(&signature.append_to(url)).ok()?,
        headers,
        signature: signature.to_string(),
    })
}

/// Checks that a body is `application/json`, the only media type in PandaDoc's document.
///
/// PandaDoc doesn't document its response to another media type. The simulator sends 415 (RFC 9110,
/// section 15.5.16).
fn check_media_type(request: &ProviderRequest<'_>) -> Result<(), ProviderResponse> {
    match request.has_media_type("application/json") {
        true => Ok(()),
        false => Err(error::response(StatusCode::UNSUPPORTED_MEDIA_TYPE)),
    }
}

fn ok(body: &Value) -> ProviderResponse {
    json_response(StatusCode::OK, body)
}

fn json_response(status: StatusCode, body: &Value) -> ProviderResponse {
    with_request_id(ProviderResponse::json(status, body))
}

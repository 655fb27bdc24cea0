//! Ratepay's backend: the subscriptions of its clients, its webhook operations and its deliveries.

use std::time::{Duration, SystemTime};

use http::header::ACCEPT;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::{json, Value};
use url::Url;

use super::error;
use super::subscription::{Owner, Subscription};
use super::subscription_fields::SubscriptionFields;
use super::token_endpoint::{is_jwt, TokenEndpoint};
use crate::ratepay::types::SubscriptionId;
use crate::secret::Secret;
use crate::testing::deliveries::delivery::{Delivery, DeliverySource, Retries, SignedRequest};
use crate::testing::deliveries::report::DeliveryAttempt;
use crate::testing::history::History;
use crate::testing::operation::Operation;
use crate::testing::providers::request::{is_media_type, ProviderRequest};
use crate::testing::providers::response::ProviderResponse;
use crate::verify::{Key, Ratepay};

/// The media types and ranges that match one of this API's responses.
const RESPONSE_MEDIA_RANGES: [&str; 4] = [
    "application/json",
    "application/problem+json",
    "application/*",
    "*/*",
];

/// The subscriptions of all clients.
pub(crate) struct Backend {
    pub(super) subscriptions: Vec<Subscription>,
    pub(super) token_endpoint: TokenEndpoint,
}

impl Backend {
    pub(crate) fn new() -> Self {
        Self {
            subscriptions: Vec::new(),
            token_endpoint: TokenEndpoint::new(),
        }
    }

    /// Removes everything except the credentials.
    pub(crate) fn reset(&mut self) {
        self.subscriptions.clear();
    }

    /// Applies a request and returns the response.
    pub(crate) fn respond(
        &mut self,
        request: &ProviderRequest<'_>,
        now: SystemTime,
    ) -> ProviderResponse {
        match request.operation {
            Operation::CreateOAuthToken => self.token_endpoint.respond(request, now),
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
        if !accepts_json(request.head) {
            return Err(error::response(StatusCode::NOT_ACCEPTABLE));
        }
        let caller = self.caller(request, now)?;
        match request.operation {
            Operation::ListSubscriptions => Ok(self.list(caller, Subscription::to_list_item)),
            Operation::CreateSubscription => {
                let fields = parse_fields(request)?;
                let created = Subscription::create(caller, fields, now);
                let item = created.to_json();
                self.subscriptions.push(created);
                Ok(ProviderResponse::json(StatusCode::CREATED, &item))
            }
            Operation::UpdateSubscription => {
                check_id(request.id)?;
                let fields = parse_fields(request)?;
                let index = self.index(request.id, caller)?;
                let subscription = &mut self.subscriptions[index];
                subscription.update(fields, now);
                let item = subscription.to_json();
                Ok(ProviderResponse::json(StatusCode::OK, &item))
            }
            Operation::DeleteSubscription => {
                check_id(request.id)?;
                let index = self.index(request.id, caller)?;
                self.subscriptions.remove(index);
                Ok(ProviderResponse::empty(StatusCode::NO_CONTENT))
            }
            _ => Err(error::response(StatusCode::NOT_FOUND)),
        }
    }

    /// Responds to a list of subscriptions with their state at an earlier time. Returns `None` for other
    /// requests.
    ///
    /// Subscriptions that were deleted since are missing.
    pub(crate) fn read_as_of(
        &self,
        request: &ProviderRequest<'_>,
        time: SystemTime,
        now: SystemTime,
    ) -> Option<ProviderResponse> {
        let caller = self.caller(request, now).ok()?;
        match request.operation {
            Operation::ListSubscriptions => {
                Some(self.list(caller, |it| it.to_list_item_as_of(time)))
            }
            _ => None,
        }
    }

    fn list(&self, caller: Owner, item: impl Fn(&Subscription) -> Value) -> ProviderResponse {
        let own = self.subscriptions.iter().filter(|it| it.owner == caller);
        let items: Vec<Value> = own.map(item).collect();
        ProviderResponse::json(StatusCode::OK, &json!(items))
    }

    /// Returns the client that sent a request.
    ///
    /// Ratepay documents 401, and 400 with the example of a token that fails validation. Which token
    /// gets which isn't documented. Here a token that isn't a JSON Web Token gets 400, if the operation
    /// documents it. An expired or unknown token gets 401.
    fn caller(
        &self,
        request: &ProviderRequest<'_>,
        now: SystemTime,
    ) -> Result<Owner, ProviderResponse> {
        let token = request.credential("Bearer");
        let token = token.ok_or_else(|| error::response(StatusCode::UNAUTHORIZED))?;
        if !is_jwt(token) && request.operation != Operation::ListSubscriptions {
            return Err(error::response(StatusCode::BAD_REQUEST));
        }
        let owner = self.token_endpoint.holder(token, now);
        owner.ok_or_else(|| error::response(StatusCode::UNAUTHORIZED))
    }

    /// Finds a subscription that the caller owns.
    fn index(&self, id: &str, caller: Owner) -> Result<usize, ProviderResponse> {
        let index = self.subscriptions.iter().position(|it| it.id == id);
        let index = index.ok_or_else(|| error::response(StatusCode::NOT_FOUND))?;
        match self.subscriptions[index].owner == caller {
            true => Ok(index),
            false => Err(error::response(StatusCode::FORBIDDEN)),
        }
    }

    pub(super) fn subscription(&self, id: &str) -> Option<&Subscription> {
        self.subscriptions.iter().find(|it| it.id == id)
    }

    /// Returns all subscriptions with their secrets.
    pub(super) fn subscription_items(&self) -> impl Iterator<Item = Value> + '_ {
        self.subscriptions.iter().map(Subscription::to_json)
    }
}

impl DeliverySource for Backend {
    /// Ratepay doesn't document whether it retries.
    fn retries(&self) -> Retries {
        Retries {
            max_attempts: 1,
            pause: Duration::ZERO,
        }
    }

    fn destination(&self, subscription: &str) -> Option<(&str, &History<Secret>)> {
        let subscription = self.subscription(subscription)?;
        Some((&subscription.settings().url, &subscription.keys))
    }

    fn sign(&self, delivery: &Delivery, url: &str, key: &Secret) -> Option<SignedRequest> {
        signed_request(delivery, url, key)
    }

    /// Does nothing: Ratepay documents no history, and no effect of an attempt on the subscription.
    fn record_attempt(&mut self, _: &Delivery, _: &DeliveryAttempt, _: SystemTime) {}
}

/// Signs a delivery. Returns `None` if no signature can be made with this key.
pub(super) fn signed_request(
    delivery: &Delivery,
    url: &str,
    key: &Secret,
) -> Option<SignedRequest> {
    let signature = Key::<Ratepay>::new(key).ok()?.sign(&delivery.body);
    let signature = signature.to_string();
    let mut headers = HeaderMap::new();
    let value = HeaderValue::try_from(&signature).ok()?;
    headers.insert(Ratepay::HEADER, value);
    Some(SignedRequest {
        url: Url::parse(url).ok()?,
        headers,
        signature,
    })
}

fn check_id(id: &str) -> Result<(), ProviderResponse> {
    match id.parse::<SubscriptionId>() {
        Ok(_) => Ok(()),
        Err(_) => Err(error::invalid("id: it must match [A-Za-z0-9_-]{20}")),
    }
}

fn parse_fields(request: &ProviderRequest<'_>) -> Result<SubscriptionFields, ProviderResponse> {
    if !request.has_media_type("application/json") {
        return Err(error::response(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    SubscriptionFields::parse(request.body).map_err(|message| error::invalid(&message))
}

/// Returns whether the client accepts this API's responses.
///
/// A request without `Accept` accepts anything (RFC 9110, section 12.5.1). Weights are ignored, even a
/// weight of 0.
fn accepts_json(head: &Parts) -> bool {
    let mut accepted = head.headers.get_all(ACCEPT).iter().peekable();
    let matches = |range: &str| {
        let mut ranges = RESPONSE_MEDIA_RANGES.iter();
        ranges.any(|expected| is_media_type(range, expected))
    };
    accepted.peek().is_none()
        || accepted
            .filter_map(|it| it.to_str().ok())
            .flat_map(|it| it.split(','))
            .any(matches)
}

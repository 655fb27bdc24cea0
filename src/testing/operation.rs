//! Which operation a request is for.

use std::fmt;

use http::Method;

/// Whose operation it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Provider {
    /// <https://developers.pandadoc.com/>
    PandaDoc,
    /// <https://docs.ratepay.com/>
    Ratepay,
}

/// What tells one operation from the others.
struct Entry {
    operation: Operation,
    provider: Provider,
    id: &'static str,
    method: Method,
    /// The segments of its path; `{}` stands for an id.
    path: &'static [&'static str],
}

macro_rules! operations {
    ($($(#[doc = $doc:literal])+ $name:ident = $provider:ident $id:literal $method:ident $path:expr;)+) => {
        /// An operation that a [`Simulator`](super::Simulator) has, named by its operationId.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Operation {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Operation {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];
        }

        static TABLE: &[Entry] = &[$(Entry {
            operation: Operation::$name,
            provider: Provider::$provider,
            id: $id,
            method: Method::$method,
            path: &$path,
        },)+];
    };
}

operations! {
    /// `GET /public/v1/webhook-subscriptions`
    ListWebhookSubscriptions = PandaDoc "listWebhookSubscriptions" GET ["public", "v1", "webhook-subscriptions"];
    /// `POST /public/v1/webhook-subscriptions`
    CreateWebhookSubscription = PandaDoc "createWebhookSubscription" POST ["public", "v1", "webhook-subscriptions"];
    /// `GET /public/v1/webhook-subscriptions/{id}`
    DetailsWebhookSubscription = PandaDoc "detailsWebhookSubscription" GET ["public", "v1", "webhook-subscriptions", "{}"];
    /// `PATCH /public/v1/webhook-subscriptions/{id}`
    UpdateWebhookSubscription = PandaDoc "updateWebhookSubscription" PATCH ["public", "v1", "webhook-subscriptions", "{}"];
    /// `DELETE /public/v1/webhook-subscriptions/{id}`
    DeleteWebhookSubscription = PandaDoc "deleteWebhookSubscription" DELETE ["public", "v1", "webhook-subscriptions", "{}"];
    /// `PATCH /public/v1/webhook-subscriptions/{id}/shared-key`
    UpdateWebhookSubscriptionSharedKey = PandaDoc "updateWebhookSubscriptionSharedKey" PATCH ["public", "v1", "webhook-subscriptions", "{}", "shared-key"];
    /// `GET /public/v1/webhook-events`
    ListWebhookEvent = PandaDoc "listWebhookEvent" GET ["public", "v1", "webhook-events"];
    /// `GET /public/v1/webhook-events/{id}`
    DetailsWebhookEvent = PandaDoc "detailsWebhookEvent" GET ["public", "v1", "webhook-events", "{}"];
    /// `POST /oauth2/access_token`, PandaDoc's token endpoint
    AccessToken = PandaDoc "accessToken" POST ["oauth2", "access_token"];
    /// `GET /webhook/management/v1`
    ListSubscriptions = Ratepay "listSubscriptions" GET ["webhook", "management", "v1"];
    /// `POST /webhook/management/v1`
    CreateSubscription = Ratepay "createSubscription" POST ["webhook", "management", "v1"];
    /// `PUT /webhook/management/v1/{id}`
    UpdateSubscription = Ratepay "updateSubscription" PUT ["webhook", "management", "v1", "{}"];
    /// `DELETE /webhook/management/v1/{id}`
    DeleteSubscription = Ratepay "deleteSubscription" DELETE ["webhook", "management", "v1", "{}"];
    /// `POST /oauth/token`, Ratepay's token endpoint
    CreateOAuthToken = Ratepay "createOAuthToken" POST ["oauth", "token"];
}

impl Operation {
    /// Its operationId.
    #[must_use]
    pub fn id(self) -> &'static str {
        TABLE[self as usize].id
    }

    /// Whose it is.
    #[must_use]
    pub fn provider(self) -> Provider {
        TABLE[self as usize].provider
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// What a method and a path lead to.
pub(super) enum Target<'a> {
    /// An operation, with the id in its path, if it has one.
    Operation(Operation, &'a str),
    /// A path of these methods, and not of the one that was used.
    OtherMethods(Provider, Vec<&'static str>),
    Nothing(Provider),
}

impl<'a> Target<'a> {
    pub(super) fn find(method: &Method, path: &'a str) -> Self {
        let segments: Vec<&str> = path.split('/').skip(1).collect();
        let mut methods = Vec::new();
        let mut provider = match segments.first() {
            Some(&("webhook" | "oauth")) => Provider::Ratepay,
            _ => Provider::PandaDoc,
        };
        for entry in TABLE {
            let Some(id) = id_in(&segments, entry.path) else {
                continue;
            };
            if entry.method == *method {
                return Self::Operation(entry.operation, id);
            }
            provider = entry.provider;
            methods.push(entry.method.as_str());
        }
        match methods.is_empty() {
            true => Self::Nothing(provider),
            false => Self::OtherMethods(provider, methods),
        }
    }

    pub(super) fn operation(&self) -> Option<Operation> {
        match self {
            Self::Operation(operation, _) => Some(*operation),
            _ => None,
        }
    }
}

/// The id in a path of this form, empty where the form has none. An id has at least one character, so
/// a path that ends in a slash has no operation. (Not documented: whether a provider takes such a path.)
fn id_in<'a>(segments: &[&'a str], form: &[&str]) -> Option<&'a str> {
    let mut id = "";
    if segments.len() != form.len() {
        return None;
    }
    for (segment, expected) in segments.iter().zip(form) {
        match *expected {
            "{}" if !segment.is_empty() => id = segment,
            expected if expected == *segment => {}
            _ => return None,
        }
    }
    Some(id)
}

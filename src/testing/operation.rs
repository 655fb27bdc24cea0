//! The operations of both APIs.

use std::fmt;

use http::Method;

/// A provider that the simulator simulates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Provider {
    /// PandaDoc: <https://developers.pandadoc.com/>.
    PandaDoc,
    /// Ratepay: <https://docs.ratepay.com/>.
    Ratepay,
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PandaDoc => "PandaDoc",
            Self::Ratepay => "Ratepay",
        })
    }
}

/// The facts of one operation.
struct Entry {
    provider: Provider,
    id: &'static str,
    method: Method,
    /// The segments of the path; `{}` stands for an id.
    path: &'static [&'static str],
}

macro_rules! operations {
    ($($(#[doc = $doc:literal])+ $name:ident = $provider:ident $id:literal $method:ident $path:expr;)+) => {
        /// An operation of a [`Simulator`](super::Simulator), named after its operationId.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Operation {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Operation {
            /// All operations.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];
        }

        static TABLE: &[Entry] = &[$(Entry {
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
    /// Returns the operationId.
    #[must_use]
    pub fn id(self) -> &'static str {
        TABLE[self as usize].id
    }

    /// Returns the provider that has this operation.
    #[must_use]
    pub fn provider(self) -> Provider {
        TABLE[self as usize].provider
    }

    pub(super) fn method(self) -> &'static Method {
        &TABLE[self as usize].method
    }

    /// Returns the segments of the path; `{}` stands for an id.
    pub(super) fn path(self) -> &'static [&'static str] {
        TABLE[self as usize].path
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

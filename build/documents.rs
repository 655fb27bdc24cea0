//! Which documents there are, and which of their operations become clients.

use std::borrow::Cow;

/// An OpenAPI document, and what of it becomes the client of one module.
pub struct Document {
    /// The file, as a path from the root of the package.
    pub file: Cow<'static, str>,
    /// The environment variable that names another file for one build.
    pub variable: Option<&'static str>,
    /// A document by hand, for the operations that the file lacks and the texts of all.
    pub by_hand: Option<Cow<'static, str>>,
    /// The module of the crate that has the client.
    pub module: &'static str,
    /// The operations, by `operationId`.
    pub operations: &'static [&'static str],
}

impl Document {
    /// The files that it is read from.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        [Some(&self.file), self.by_hand.as_ref()]
            .into_iter()
            .flatten()
            .map(|file| &**file)
    }
}

/// The documents of this package.
pub const DOCUMENTS: [Document; 4] = [
    Document {
        file: Cow::Borrowed("specs/pandadoc.json"),
        variable: Some("WEBHOOK_SUBSCRIPTIONS_PANDADOC_SPEC"),
        by_hand: Some(Cow::Borrowed("specs/pandadoc-webhooks.yaml")),
        module: "pandadoc",
        operations: &[
            "listWebhookSubscriptions",
            "createWebhookSubscription",
            "detailsWebhookSubscription",
            "updateWebhookSubscription",
            "deleteWebhookSubscription",
            "updateWebhookSubscriptionSharedKey",
            "listWebhookEvent",
            "detailsWebhookEvent",
        ],
    },
    Document {
        file: Cow::Borrowed("specs/pandadoc-oauth.yaml"),
        variable: Some("WEBHOOK_SUBSCRIPTIONS_PANDADOC_OAUTH_SPEC"),
        by_hand: None,
        module: "pandadoc::oauth",
        operations: &["accessToken"],
    },
    Document {
        file: Cow::Borrowed("specs/ratepay.yaml"),
        variable: Some("WEBHOOK_SUBSCRIPTIONS_RATEPAY_SPEC"),
        by_hand: None,
        module: "ratepay",
        operations: &[
            "createSubscription",
            "listSubscriptions",
            "updateSubscription",
            "deleteSubscription",
        ],
    },
    Document {
        file: Cow::Borrowed("specs/ratepay-oauth.yaml"),
        variable: Some("WEBHOOK_SUBSCRIPTIONS_RATEPAY_OAUTH_SPEC"),
        by_hand: None,
        module: "ratepay::oauth",
        operations: &["createOAuthToken"],
    },
];

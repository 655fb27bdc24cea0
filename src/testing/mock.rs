//! Typed mocks for [`httpmock`]: what a call sends, and what it is answered with, checked by the compiler.
//!
//! There is a type for each operation, in [`pandadoc::mocks`](crate::pandadoc::mocks),
//! [`ratepay::mocks`](crate::ratepay::mocks) and the `mocks` of both token endpoints, made from the same
//! documents as the clients. What is expected is said with the client's own method, so whatever that can
//! send can be expected; what is answered is the operation's own result, one of its documented errors, or
//! any bytes.
//!
//! httpmock answers from a thread of its own. Under tokio's paused clock time jumps while it does, and
//! calls time out: use mocks in tests whose clock runs. It lends 25 servers to a process at a time.
//!
//! ```
//! use std::time::Duration;
//! use webhook_subscriptions::testing::mock::httpmock::MockServer;
//! use webhook_subscriptions::pandadoc::{mocks, types, Client};
//! use webhook_subscriptions::testing::mock::Reply;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let server = MockServer::start_async().await;
//! let id = uuid::Uuid::from_u128(7);
//! let mock = mocks::UpdateWebhookSubscriptionSharedKey::mock(&server)
//!     .expect(async |client| client.update_webhook_subscription_shared_key(&id).await)
//!     .reply(Reply::error(mocks::UpdateWebhookSubscriptionSharedKeyError::TooManyRequests)
//!         .retry_after(Duration::ZERO))
//!     .reply(Reply::success(types::WebhookSubscriptionSharedKeyResponse::new("new key".into())))
//!     .mount_async()
//!     .await;
//!
//! let client = Client::builder().api_key("any").base_url(server.base_url()).build()?;
//! let answer = client.update_webhook_subscription_shared_key(&id).await?;
//! assert_eq!(answer.shared_key.expose_secret(), "new key");
//! mock.assert_calls_async(2).await;
//! # Ok(())
//! # }
//! ```

mod clients;
mod expectation;
mod reply;

use http::StatusCode;
use serde::Serialize;

/// The version that mocks are mounted on.
pub use httpmock;

pub use clients::Mocked;
pub use expectation::Mock;
pub use reply::Reply;

/// An operation of a document. Implemented for each, by the build.
pub trait Operation: Sized + 'static {
    /// The generated client that has it.
    type Client: Mocked;
    /// What its method returns.
    type Answer: Serialize;
    /// The errors that its document promises.
    type Error: DocumentedError;

    /// Its operationId.
    const ID: &'static str;
    /// The name of its method, which is that id in snake case.
    const NAME: &'static str;
    /// Its method (RFC 9110, section 9).
    const METHOD: &'static str;
    /// Its path, with parameters in braces.
    const TEMPLATE: &'static str;
    /// The first documented status of success.
    const SUCCESS: u16;

    /// A mock of it on this server, for any request unless it [expects](Mock::expect) one.
    #[must_use]
    fn mock(server: &httpmock::MockServer) -> Mock<'_, Self> {
        Mock::on(server)
    }
}

/// An error that the document of an operation promises.
pub trait DocumentedError {
    /// Its status.
    fn status(&self) -> StatusCode;
}

/// An operation's type, written by `build/emit/mocks.rs`. Texts of a document are kept from doctests: see
/// `without_doctests` in `build/emit/source.rs`.
macro_rules! mocked {
    (
        $operation:ident $id:literal $name:literal $method:literal $template:literal $success:literal
        [$answer:ty] $error:ident { $($variant:ident = $status:literal $description:literal,)* }
    ) => {
        #[cfg_attr(not(doctest), doc = concat!("Mocks of `", $id, "`, ", $method, " `", $template, "`."))]
        #[derive(Debug, Clone, Copy)]
        pub struct $operation;

        impl $operation {
            /// A mock of it on this server, for any request unless it
            /// [expects](crate::testing::mock::Mock::expect) one.
            #[must_use]
            pub fn mock(server: &::httpmock::MockServer) -> $crate::testing::mock::Mock<'_, Self> {
                $crate::testing::mock::Operation::mock(server)
            }
        }

        impl $crate::testing::mock::Operation for $operation {
            type Client = Client;
            type Answer = $answer;
            type Error = $error;
            const ID: &'static str = $id;
            const NAME: &'static str = $name;
            const METHOD: &'static str = $method;
            const TEMPLATE: &'static str = $template;
            const SUCCESS: u16 = $success;
        }

        #[doc = concat!("The errors that the document promises of `", $id, "`.")]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $error {
            $(#[cfg_attr(not(doctest), doc = concat!(stringify!($status), ": ", $description))] $variant,)*
        }

        impl $crate::testing::mock::DocumentedError for $error {
            fn status(&self) -> ::http::StatusCode {
                let code: u16 = match *self {
                    $(Self::$variant => $status,)*
                };
                // The build takes codes from a document, where they have three digits.
                ::http::StatusCode::from_u16(code).unwrap_or_default()
            }
        }
    };
}

pub(crate) use mocked;

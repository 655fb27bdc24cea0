//! Typed mocks for [`httpmock`]. The compiler checks the expected request and the reply.
//!
//! Each operation has a type, generated from the same documents as the clients. The types are in [`pandadoc`],
//! [`ratepay`] and the `oauth` of both.
//!
//! - A test states the expected request with the client's own method. It can expect whatever the client
//!   can send.
//! - A reply is the operation's own result, one of its documented errors, or any bytes.
//!
//! httpmock responds from a thread of its own. With tokio's paused clock, time jumps while it does so and
//! calls time out. Use mocks in tests whose clock runs. A process can use 25 servers at a time.
//!
//! ```
//! use std::time::Duration;
//! use webhook_subscriptions::pandadoc::{types, Client};
//! use webhook_subscriptions::testing::mock::httpmock::MockServer;
//! use webhook_subscriptions::testing::mock::{pandadoc as mocks, Reply};
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

pub mod pandadoc;
pub mod ratepay;

mod clients;
mod expectation;
mod operation;
mod reply;

/// The version of `httpmock` on which mocks are mounted.
pub use httpmock;

pub use clients::MockedClient;
pub use expectation::Mock;
pub use operation::{DocumentedError, MockedOperation};
pub use reply::Reply;

/// Defines the type of an operation; `build/emit/mocks.rs` writes the calls.
///
/// Texts of a document are hidden from doctests; see `without_doctests` in `build/emit/source.rs`.
macro_rules! mocked {
    (
        $operation:ident $id:literal $name:literal $method:literal $template:literal $success:literal
        [$answer:ty] $error:ident { $($variant:ident = $status:literal $description:literal,)* }
    ) => {
        #[cfg_attr(not(doctest), doc = concat!("Mocks of `", $id, "`, ", $method, " `", $template, "`."))]
        #[derive(Debug, Clone, Copy)]
        pub struct $operation;

        impl $operation {
            /// Returns a mock of this operation on a server.
            ///
            /// The mock matches every request of the operation, unless it
            /// [expects](crate::testing::mock::Mock::expect) one.
            #[must_use]
            pub fn mock(server: &::httpmock::MockServer) -> $crate::testing::mock::Mock<'_, Self> {
                $crate::testing::mock::Mock::on(server)
            }
        }

        impl $crate::testing::mock::MockedOperation for $operation {
            type Client = Client;
            type Answer = $answer;
            type Error = $error;
            const ID: &'static str = $id;
            const NAME: &'static str = $name;
            const METHOD: &'static str = $method;
            const TEMPLATE: &'static str = $template;
            const SUCCESS: u16 = $success;
        }

        #[doc = concat!("The errors that the document lists for `", $id, "`.")]
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
                // The codes come from a document and have three digits.
                ::http::StatusCode::from_u16(code).unwrap_or_default()
            }
        }
    };
}

pub(crate) use mocked;

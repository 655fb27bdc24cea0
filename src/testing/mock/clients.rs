//! The generated clients of mocked operations.

use http::StatusCode;
use serde_json::json;

use crate::runtime::client::recorder::Recorder;
use crate::testing::providers;
use crate::testing::providers::response::ProviderResponse;
use crate::{pandadoc, ratepay};

/// A generated client of this crate. Sealed.
pub trait MockedClient: sealed::MockedClient {}

impl<C: sealed::MockedClient> MockedClient for C {}

pub(super) mod sealed {
    use super::{ProviderResponse, Recorder, StatusCode};

    pub trait MockedClient: Sized {
        /// Returns a client that records requests and sends nothing.
        #[doc(hidden)]
        #[allow(private_interfaces)]
        fn recording(recorder: Recorder) -> Self;

        /// Returns the provider's error response with this status.
        #[doc(hidden)]
        #[allow(private_interfaces)]
        fn error(status: StatusCode) -> ProviderResponse;
    }
}

/// A recording client needs a base URL, but sends nothing.
const UNUSED_BASE_URL: &str = "http://localhost";

macro_rules! mocked_client {
    ($client:ty, $error:expr) => {
        impl sealed::MockedClient for $client {
            #[allow(private_interfaces)]
            fn recording(recorder: Recorder) -> Self {
                match recorder.client::<Self>(UNUSED_BASE_URL).build() {
                    Ok(client) => client,
                    Err(error) => {
                        panic!("the recording client of a mock couldn't be built: {error}")
                    }
                }
            }

            #[allow(private_interfaces)]
            fn error(status: StatusCode) -> ProviderResponse {
                $error(status)
            }
        }
    };
}

/// Returns an error of a token endpoint (RFC 6749, section 5.2).
///
/// PandaDoc's document shows only this member; Ratepay's shows none.
fn token_endpoint_error(status: StatusCode) -> ProviderResponse {
    let error = match status {
        StatusCode::UNAUTHORIZED => "access_denied",
        _ => "invalid_grant",
    };
    ProviderResponse::json(status, &json!({ "error": error }))
}

mocked_client!(pandadoc::Client, providers::pandadoc::error::response);
mocked_client!(pandadoc::oauth::Client, token_endpoint_error);
mocked_client!(ratepay::Client, providers::ratepay::error::response);
mocked_client!(ratepay::oauth::Client, token_endpoint_error);

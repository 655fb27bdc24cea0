//! The generated clients, as a mock sees them.

use http::StatusCode;
use serde_json::json;

use crate::runtime::{ClientBuilder, Recorder};
use crate::testing::answer::Answer;
use crate::{pandadoc, ratepay, testing};

/// A generated client. Implemented for those of this crate.
pub trait Mocked: sealed::Mocked {}

impl<C: sealed::Mocked> Mocked for C {}

pub(super) mod sealed {
    use super::{Answer, Recorder, StatusCode};

    pub trait Mocked: Sized {
        /// A client that sends nothing.
        #[doc(hidden)]
        #[allow(private_interfaces)]
        fn recording(recorder: Recorder) -> Self;

        /// The provider's error of this status.
        #[doc(hidden)]
        #[allow(private_interfaces)]
        fn error(status: StatusCode) -> Answer;
    }
}

/// Nothing is sent there.
const NOWHERE: &str = "http://localhost";

macro_rules! mocked_client {
    ($client:ty, $error:expr) => {
        impl sealed::Mocked for $client {
            #[allow(private_interfaces)]
            fn recording(recorder: Recorder) -> Self {
                let builder = ClientBuilder::<Self>::recording(NOWHERE, recorder);
                match builder.build() {
                    Ok(client) => client,
                    Err(error) => panic!("a client that sends nothing cannot be made: {error}"),
                }
            }

            #[allow(private_interfaces)]
            fn error(status: StatusCode) -> Answer {
                $error(status)
            }
        }
    };
}

/// RFC 6749, section 5.2. PandaDoc's document shows this member alone, Ratepay's none.
fn of_token_endpoint(status: StatusCode) -> Answer {
    let error = match status {
        StatusCode::UNAUTHORIZED => "access_denied",
        _ => "invalid_grant",
    };
    Answer::json(status, &json!({ "error": error }))
}

mocked_client!(pandadoc::Client, testing::pandadoc::error::of);
mocked_client!(pandadoc::oauth::Client, of_token_endpoint);
mocked_client!(ratepay::Client, testing::ratepay::error::of);
mocked_client!(ratepay::oauth::Client, of_token_endpoint);

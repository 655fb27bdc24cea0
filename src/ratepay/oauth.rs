//! Ratepay's tokens: client credentials (RFC 6749, section 4.4), kept and renewed.
//!
//! Source: `specs/ratepay-oauth.yaml`, written by hand from Ratepay's documentation.

use std::fmt;

use tokio::time::Instant;

use super::Environment;
use crate::runtime::linkage::generated_client;
use crate::runtime::{
    BoxFuture, BuildError, ClientBuilder, Credential, CredentialError, CredentialSource,
};
use crate::secret::Secret;
use crate::token_answer::TokenAnswer;
use crate::token_cache::{Renew, Token, TokenCache};

pub use generated::Client;

/// The types of requests and responses.
pub mod types {
    // The document has no enum of text so far.
    #[allow(unused_imports, unreachable_pub)]
    pub use super::generated::open_enums::*;
    pub use super::generated::types::*;
}

generated_client!("ratepay_oauth.rs", super::quirks::QUIRKS);

/// The token server of both environments. Source: `servers` of the document.
const SERVER: &str = "https://oauth.ratepay.com";

impl Client {
    /// How to make a client of the token endpoint, `https://oauth.ratepay.com` unless a
    /// [`base_url`](ClientBuilder::base_url) is given. It authenticates by what it sends.
    #[must_use]
    pub fn builder() -> ClientBuilder<Self> {
        ClientBuilder::new(Some(SERVER)).without_credential()
    }
}

/// Obtains tokens for Ratepay's webhook subscriptions with client credentials.
///
/// The first call asks for a token, and calls share it while it is valid (30 minutes, says Ratepay). It
/// is renewed shortly before it expires, and once per call when Ratepay refuses it. At most one request
/// is under way, however many calls wait for it. Nothing runs in the background. Give an
/// [`Arc`](std::sync::Arc) of it to several clients and they share the token.
///
/// `expires_in` may be a number or a number in a string. If it is missing or anything else, the token is
/// used until Ratepay refuses it. A token that can be read from a success is used even if the rest of
/// the response is malformed or cut short.
///
/// ```no_run
/// use webhook_subscriptions::ratepay::{self, oauth::ClientCredentials, Environment};
///
/// # fn build() -> Result<ratepay::Client, Box<dyn std::error::Error>> {
/// let environment = Environment::Integration;
/// let secret = std::env::var("RATEPAY_CLIENT_SECRET")?;
/// let client = ratepay::Client::builder()
///     .environment(environment)
///     .credential_source(ClientCredentials::new(environment, "my-client-id", secret)?)
///     .build()?;
/// # Ok(client)
/// # }
/// ```
pub struct ClientCredentials {
    client: Client,
    request: types::TokenRequest,
    cache: TokenCache,
}

impl ClientCredentials {
    /// Credentials for the token server of Ratepay.
    ///
    /// # Errors
    ///
    /// The HTTP client cannot be made; see [`BuildError`].
    pub fn new(
        environment: Environment,
        client_id: impl Into<String>,
        client_secret: impl Into<Secret>,
    ) -> Result<Self, BuildError> {
        let client = Client::builder().build()?;
        Ok(Self::with_client(
            client,
            environment,
            client_id,
            client_secret,
        ))
    }

    /// Credentials for the token server that `client` talks to.
    ///
    /// `environment` decides one thing: the audience of the token, which is the API that it opens.
    ///
    /// | `environment` | audience |
    /// |---|---|
    /// | `Integration` | `https://api-integration.ratepay.com/webhook/management` |
    /// | `Production` | `https://api.ratepay.com/webhook/management` |
    ///
    /// It doesn't choose a server: the token is requested from the base URL of `client`, and the client
    /// that uses the token has an environment of its own. Give both the same one. Source:
    /// <https://docs.ratepay.com/apis/authentication/openapi/authentication_api/overview>.
    pub fn with_client(
        client: Client,
        environment: Environment,
        client_id: impl Into<String>,
        client_secret: impl Into<Secret>,
    ) -> Self {
        Self {
            client,
            request: types::TokenRequest {
                audience: format!("{}/webhook/management", environment.server()),
                client_id: client_id.into(),
                client_secret: client_secret.into(),
                grant_type: "client_credentials".to_owned(),
            },
            cache: TokenCache::default(),
        }
    }
}

impl CredentialSource for ClientCredentials {
    fn credential(&self) -> BoxFuture<'_, Result<Credential, CredentialError>> {
        Box::pin(self.cache.credential(self))
    }

    fn renew<'a>(
        &'a self,
        refused: &'a Credential,
    ) -> BoxFuture<'a, Result<Option<Credential>, CredentialError>> {
        Box::pin(async { self.cache.replace(self, refused).await.map(Some) })
    }
}

impl Renew for ClientCredentials {
    async fn renew(&self) -> Result<Token, CredentialError> {
        let asked = Instant::now();
        let answer = match self.client.create_o_auth_token(&self.request).await {
            Ok(answer) => {
                let answer = answer.into_inner();
                TokenAnswer {
                    access_token: Ok(answer.access_token),
                    refresh_token: None,
                    expires_in: answer.expires_in,
                }
            }
            Err(error) => TokenAnswer::from(error),
        };
        answer.into_token(asked)
    }
}

impl fmt::Debug for ClientCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientCredentials")
            .field("client_id", &self.request.client_id)
            .field("audience", &self.request.audience)
            .finish_non_exhaustive()
    }
}

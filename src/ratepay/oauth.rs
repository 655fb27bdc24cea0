//! Ratepay's OAuth 2.0 tokens: obtains access tokens with client credentials (RFC 6749, section 4.4).
//!
//! Source: `specs/ratepay-oauth.yaml`, written by hand from Ratepay's documentation.

use std::fmt;

use tokio::time::Instant;

use super::Environment;
use crate::auth::{
    BoxFuture, Credential, CredentialError, CredentialSource, Renew, Token, TokenAnswer, TokenCache,
};
use crate::runtime::progenitor_client::generated_client;
use crate::runtime::{BuildError, ClientBuilder, Error};
use crate::secret::Secret;

/// Calls Ratepay's token endpoint.
///
/// Use [`ClientCredentials`] to give a client a valid access token for each call.
///
/// ```
/// use webhook_subscriptions::ratepay::oauth::Client;
///
/// # fn build() -> Result<Client, webhook_subscriptions::BuildError> {
/// let client = Client::builder().build()?;
/// # Ok(client)
/// # }
/// ```
pub use generated::Client;

/// The types of requests and responses.
pub mod types {
    // The document has no string enum so far.
    #[allow(unused_imports, unreachable_pub)]
    pub use super::generated::open_enums::*;
    pub use super::generated::types::*;
}

generated_client!("ratepay_oauth.rs", super::quirks::QUIRKS);

/// The token server of both environments. Source: `servers` of the document.
const SERVER: &str = "https://oauth.ratepay.com";

impl Client {
    /// Starts a client of the token endpoint. Calls go to `https://oauth.ratepay.com` unless a
    /// [`base_url`](ClientBuilder::base_url) is given. Its requests authenticate by their bodies.
    #[must_use]
    pub fn builder() -> ClientBuilder<Self> {
        ClientBuilder::new(Some(SERVER)).without_credential()
    }

    /// Makes credentials whose access tokens this client requests, for example through a gateway.
    ///
    /// `environment` decides only the audience of the token, which is the API that accepts it.
    ///
    /// | `environment` | audience |
    /// |---|---|
    /// | `Integration` | `https://api-integration.ratepay.com/webhook/management` |
    /// | `Production` | `https://api.ratepay.com/webhook/management` |
    ///
    /// The environment doesn't choose a server. The token is requested from the base URL of this client, and
    /// the client that uses the token has an environment of its own. Give both the same one. Source:
    /// <https://docs.ratepay.com/apis/authentication/openapi/authentication_api/overview>.
    ///
    /// ```no_run
    /// use webhook_subscriptions::ratepay::{oauth, Environment};
    ///
    /// # fn build() -> Result<oauth::ClientCredentials, Box<dyn std::error::Error>> {
    /// let secret = std::env::var("RATEPAY_CLIENT_SECRET")?;
    /// let credentials = oauth::Client::builder()
    ///     .base_url("https://gateway.example")
    ///     .build()?
    ///     .client_credentials(Environment::Integration, "my-client-id", secret);
    /// # Ok(credentials)
    /// # }
    /// ```
    pub fn client_credentials(
        self,
        environment: Environment,
        client_id: impl Into<String>,
        client_secret: impl Into<Secret>,
    ) -> ClientCredentials {
        ClientCredentials {
            client: self,
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

/// Obtains access tokens for Ratepay with client credentials.
///
/// - The first call requests a token, and calls share it while it is valid (30 minutes, according to
///   Ratepay). It is renewed shortly before it expires, and once per call when Ratepay rejects it.
/// - At most one request is under way, however many calls wait for it. Nothing runs in the background.
/// - A token that can be read from a success is used, even if the rest of the response is malformed or cut
///   short.
/// - `expires_in` may be a number or a number in a string. If it is missing or anything else, the token is
///   used until Ratepay rejects it.
///
/// Clones of a client share the token, and several clients share it in an [`Arc`](std::sync::Arc).
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
    /// Makes credentials for Ratepay's own token server.
    /// [`Client::client_credentials`] makes them for another one.
    ///
    /// # Errors
    ///
    /// Returns an error if the HTTP client can't be made; see [`BuildError`].
    pub fn new(
        environment: Environment,
        client_id: impl Into<String>,
        client_secret: impl Into<Secret>,
    ) -> Result<Self, BuildError> {
        let client = Client::builder().build()?;
        Ok(client.client_credentials(environment, client_id, client_secret))
    }
}

impl CredentialSource for ClientCredentials {
    fn credential(&self) -> BoxFuture<'_, Result<Credential, CredentialError>> {
        Box::pin(self.cache.credential(self))
    }

    fn renew<'a>(
        &'a self,
        rejected: &'a Credential,
    ) -> BoxFuture<'a, Result<Option<Credential>, CredentialError>> {
        Box::pin(async { self.cache.replace(self, rejected).await.map(Some) })
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
            Err(error) => TokenAnswer::salvage(error, Error::expose_success_body),
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

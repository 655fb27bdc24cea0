//! A base URL that may carry a credential.

use url::{Host, Position, Url};

use super::build_error::BuildError;
use crate::runtime::error::BoxError;

/// The server of one client: a URL without user information, query or fragment, by https or to this machine.
pub(crate) struct BaseUrl(Url);

impl BaseUrl {
    /// Parses a base URL. The messages don't contain the text, since it may hold a password.
    pub(crate) fn parse(text: &str) -> Result<Self, BuildError> {
        let url =
            Url::parse(text).map_err(|error| BuildError::InvalidBaseUrl(error.to_string()))?;
        let refuse = |why: &str| Err(BuildError::InvalidBaseUrl(why.to_owned()));
        if !matches!(url.scheme(), "https" | "http") || !url.has_host() {
            return refuse("its scheme is neither https nor http");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return refuse("it holds a user name or a password");
        }
        if url.query().is_some() || url.fragment().is_some() {
            return refuse("it has a query or a fragment");
        }
        let base = Self(url);
        if !base.is_https() && !base.is_loopback() {
            return Err(BuildError::InsecureBaseUrl);
        }
        Ok(base)
    }

    pub(crate) fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    pub(crate) fn is_loopback(&self) -> bool {
        is_loopback(&self.0)
    }

    pub(crate) fn host(&self) -> String {
        self.0.host_str().unwrap_or_default().to_owned()
    }

    pub(crate) fn port(&self) -> u16 {
        self.0.port_or_known_default().unwrap_or_default()
    }

    /// Parses the URL of a request as generated code wrote it, and checks that it leads to the server of this
    /// base URL.
    ///
    /// Generated code appends the document's path to the base URL. A third-party document must not decide which
    /// server gets the credential, nor the value of a parameter the path.
    pub(crate) fn url_of_request(&self, text: &str) -> Result<Url, BoxError> {
        let path = text.strip_prefix(&self.0[..Position::BeforePath]);
        let Some(path) = path.filter(|path| path.starts_with('/')) else {
            return Err("its path leads to another server than the base URL".into());
        };
        // To parse the text as a whole takes twice as long, since that parses the server again.
        let url = self.0.join(path)?;
        if url.as_str() != text {
            return Err(
                "a segment of its path is `.`, `..` or empty, which leads elsewhere".into(),
            );
        }
        Ok(url)
    }

    /// Returns the URL without the slash at its end, since paths begin with one.
    pub(crate) fn as_str(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }
}

/// Tells whether a URL leads to this machine. `localhost` counts (RFC 6761, section 6.3).
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_accepted(text: &str) -> bool {
        let base = BaseUrl::parse("https://api.example/base").unwrap_or_else(|e| panic!("{e}"));
        base.url_of_request(text).is_ok()
    }

    #[test]
    fn a_path_after_the_base_url_is_accepted() {
        for path in [
            "/v1/items/7",
            "/v1/items?page=1#top",
            "/v1/a%2Fb",
            "/v1/...",
        ] {
            let url = format!("https://api.example/base{path}");
            assert!(is_accepted(&url), "{url}");
        }
    }

    #[test]
    fn a_path_that_leads_to_another_server_is_rejected() {
        for path in [
            "@evil.example/v1",
            ".evil.example/v1",
            ":8443/v1",
            "-evil.example",
            "//evil.example/v1",
        ] {
            let url = format!("https://api.example{path}");
            assert!(!is_accepted(&url), "{url}");
        }
    }

    #[test]
    fn a_path_with_dot_segments_is_rejected() {
        for path in [
            "/../admin",
            "/v1/./items",
            "/v1/..?page=1",
            "/v1/..",
            "/v1/%2e%2e",
        ] {
            let url = format!("https://api.example/base{path}");
            assert!(!is_accepted(&url), "{url}");
        }
    }
}

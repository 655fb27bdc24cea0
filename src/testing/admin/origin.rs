//! Rejects requests that a page of another origin makes a browser send.
//!
//! - Such a page can send requests to a loopback address, but the browser names its origin in `Origin`
//!   (<https://fetch.spec.whatwg.org/#origin-header>).
//! - A page can also let its own name point to a loopback address (DNS rebinding). Its requests then are of
//!   one origin, but they have that name in `Host`. An IP address isn't a name that anyone can point elsewhere.
//!
//! There are no CORS headers, so no page of another origin can read an answer.

use http::header::{HeaderName, HOST, ORIGIN};
use http::request::Parts;
use http::StatusCode;
use url::{Host, Url};

use super::answer::AdminError;

/// Checks the `Host` and the `Origin` of a request. `names` are the names that `Host` may have besides
/// `localhost`.
pub(super) fn check(head: &Parts, names: &[String]) -> Result<(), AdminError> {
    let host = header(head, HOST).unwrap_or_default();
    if !is_allowed(host, names) {
        return Err(AdminError::new(
            StatusCode::FORBIDDEN,
            "`Host` is neither localhost nor an IP address nor a name that the simulator was told; \
             call it by one of these",
        ));
    }
    let is_same = |origin: &str| origin.eq_ignore_ascii_case(&format!("http://{host}"));
    match head.headers.contains_key(ORIGIN) && !header(head, ORIGIN).is_some_and(is_same) {
        true => Err(AdminError::new(
            StatusCode::FORBIDDEN,
            "`Origin` is that of another page; only pages of the simulator may use the control API",
        )),
        false => Ok(()),
    }
}

fn header(head: &Parts, name: HeaderName) -> Option<&str> {
    head.headers.get(name)?.to_str().ok()
}

fn is_allowed(host: &str, names: &[String]) -> bool {
    let Ok(url) = Url::parse(&format!("http://{host}/")) else {
        return false;
    };
    match url.host() {
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => true,
        Some(Host::Domain(name)) => {
            let mut names = names.iter();
            name == "localhost" || names.any(|allowed| allowed.eq_ignore_ascii_case(name))
        }
        None => false,
    }
}

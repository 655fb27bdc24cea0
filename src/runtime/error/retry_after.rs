//! How long a server asks the client to wait.

use std::time::{Duration, SystemTime};

use http::header::{HeaderMap, HeaderName, DATE, RETRY_AFTER};
use http::StatusCode;

use super::problem::Problem;
use crate::runtime::exchange::Response;

/// Returns the wait that a response asks for: `Retry-After`, or on a 429 without one the wait that the provider
/// names in its message.
pub(super) fn retry_after(response: &Response, now: SystemTime) -> Option<Duration> {
    from_headers(&response.headers, now).or_else(|| match response.status {
        StatusCode::TOO_MANY_REQUESTS => {
            let wait_in_message = response.operation.quirks.wait_in_message;
            wait_in_message(Problem::read(&response.body).message()?)
        }
        _ => None,
    })
}

/// Reads `Retry-After` (RFC 9110, section 10.2.3), in seconds or as an HTTP-date. A date that has passed is a
/// wait of zero. Any other value is ignored.
///
/// A date is compared with the response's own `Date`, since both come from one clock, which may differ from
/// this machine's. Without a `Date` it is compared with `now`.
fn from_headers(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let value = text(headers, RETRY_AFTER)?;
    if value.bytes().all(|byte| byte.is_ascii_digit()) {
        return value.parse().ok().map(Duration::from_secs);
    }
    let until = httpdate::parse_http_date(value).ok()?;
    let from = text(headers, DATE).and_then(|date| httpdate::parse_http_date(date).ok());
    Some(
        until
            .duration_since(from.unwrap_or(now))
            .unwrap_or_default(),
    )
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 26 November 2026, 10:00:00 UTC.
    const NOW: Duration = Duration::from_secs(1_795_687_200);

    fn wait(headers: &[(HeaderName, &'static str)]) -> Option<Duration> {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.clone(), http::HeaderValue::from_static(value)))
            .collect();
        from_headers(&headers, SystemTime::UNIX_EPOCH + NOW)
    }

    #[test]
    fn a_date_counts_from_this_machines_clock_if_the_response_has_no_date() {
        let until = (RETRY_AFTER, "Thu, 26 Nov 2026 10:00:30 GMT");
        assert_eq!(wait(&[until]), Some(Duration::from_secs(30)));
    }

    #[test]
    fn a_date_counts_from_the_responses_own_date() {
        let until = (RETRY_AFTER, "Thu, 26 Nov 2026 12:00:30 GMT");
        let date = (DATE, "Thu, 26 Nov 2026 12:00:00 GMT");
        assert_eq!(wait(&[until, date]), Some(Duration::from_secs(30)));
    }

    #[test]
    fn a_date_that_has_passed_is_no_wait_at_all() {
        let until = (RETRY_AFTER, "Thu, 26 Nov 2026 09:00:00 GMT");
        assert_eq!(wait(&[until]), Some(Duration::ZERO));
    }

    #[test]
    fn any_other_value_is_ignored() {
        for value in ["", "soon", "-5", "1.5", "30s", "99999999999999999999999"] {
            assert_eq!(wait(&[(RETRY_AFTER, value)]), None, "{value:?}");
        }
    }
}

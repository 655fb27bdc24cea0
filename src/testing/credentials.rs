//! Tokens that were given out, and until when they are good.

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use http::header::AUTHORIZATION;
use http::request::Parts;

/// Access tokens, each with what it stands for, and until when, if that is a time at all.
pub(super) struct Tokens<T>(HashMap<String, (T, Option<SystemTime>)>);

impl<T> Tokens<T> {
    pub(super) fn issue(&mut self, token: String, of: T, now: SystemTime, lifetime: Duration) {
        // Nobody asks for those again.
        self.0.retain(|_, (_, until)| is_good(*until, now));
        self.0.insert(token, (of, now.checked_add(lifetime)));
    }

    /// What a token stands for, if it was given out and is good at this time.
    pub(super) fn find(&self, token: &str, now: SystemTime) -> Option<&T> {
        let (of, until) = self.0.get(token)?;
        is_good(*until, now).then_some(of)
    }
}

fn is_good(until: Option<SystemTime>, now: SystemTime) -> bool {
    until.is_none_or(|until| now < until)
}

impl<T> Default for Tokens<T> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

/// What comes after a scheme in the `Authorization` header (RFC 9110, section 11.6.2). The scheme's
/// case does not count (section 11.1).
pub(super) fn authorization<'a>(head: &'a Parts, scheme: &str) -> Option<&'a str> {
    let (found, credential) = head
        .headers
        .get(AUTHORIZATION)?
        .to_str()
        .ok()?
        .split_once(' ')?;
    found
        .eq_ignore_ascii_case(scheme)
        .then_some(credential.trim())
}

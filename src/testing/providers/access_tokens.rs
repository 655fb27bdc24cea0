//! Access tokens that a backend has issued.

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

/// Access tokens, each with its holder and its expiry. Without an expiry a token is valid forever.
pub(super) struct AccessTokens<T>(HashMap<String, (T, Option<SystemTime>)>);

impl<T> AccessTokens<T> {
    pub(super) fn issue(&mut self, token: String, holder: T, now: SystemTime, lifetime: Duration) {
        // Expired tokens are never looked up successfully again.
        self.0.retain(|_, (_, expiry)| is_valid(*expiry, now));
        self.0.insert(token, (holder, now.checked_add(lifetime)));
    }

    /// Returns the holder of a token that was issued and hasn't expired.
    pub(super) fn holder(&self, token: &str, now: SystemTime) -> Option<&T> {
        let (holder, expiry) = self.0.get(token)?;
        is_valid(*expiry, now).then_some(holder)
    }
}

fn is_valid(expiry: Option<SystemTime>, now: SystemTime) -> bool {
    expiry.is_none_or(|expiry| now < expiry)
}

impl<T> Default for AccessTokens<T> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

//! Reads the environment variables.

use std::env::{self, VarError};
use std::error::Error;
use std::time::SystemTime;

use jiff::Timestamp;
use webhook_subscriptions::verify::{Key, KeyRing, RingKey, Scheme};

/// The keys that a receiver accepts.
pub struct Keys {
    pub new: Option<String>,
    pub old: Option<OldKey>,
}

/// The previous key, and when it expires.
///
/// The time is absolute. If it were relative to the start of the program, each start would extend it.
pub struct OldKey {
    pub text: String,
    pub valid_until: SystemTime,
}

impl Keys {
    /// Reads the keys from these variables. The name of the old key plus `_VALID_UNTIL` is the variable
    /// with its expiry.
    pub fn from_env(new: &str, old: &str) -> Result<Self, Box<dyn Error>> {
        let until = format!("{old}_VALID_UNTIL");
        Ok(Self {
            new: setting(new)?,
            old: OldKey::new(old, setting(old)?, setting(&until)?)?,
        })
    }

    pub fn ring<S: Scheme>(self) -> Result<KeyRing<S>, Box<dyn Error>> {
        let key = |text: String| Key::new(text);
        let mut keys = Vec::new();
        if let Some(new) = self.new {
            keys.push(RingKey::new("new", key(new)?));
        }
        if let Some(OldKey { text, valid_until }) = self.old {
            keys.push(RingKey::new("old", key(text)?).valid_until(valid_until));
        }
        Ok(KeyRing::new(keys)?)
    }
}

impl OldKey {
    /// Returns the old key, if it is set. `name` is the name of its variable.
    pub fn new(
        name: &str,
        text: Option<String>,
        valid_until: Option<String>,
    ) -> Result<Option<Self>, Box<dyn Error>> {
        let until = format!("{name}_VALID_UNTIL");
        let (text, valid_until) = match (text, valid_until) {
            (Some(text), Some(valid_until)) => (text, valid_until),
            (None, None) => return Ok(None),
            (Some(_), None) => {
                return Err(format!(
                "{name} is set and {until} isn't; set {until} to the time at which the old key \
                     expires, such as 2026-01-31T12:00:00Z"
            )
                .into())
            }
            (None, Some(_)) => {
                return Err(format!("{until} is set and {name} isn't; set both or neither").into())
            }
        };
        let time = valid_until.parse::<Timestamp>();
        let valid_until = time.and_then(SystemTime::try_from).map_err(|_| {
            format!("{until} isn't an RFC 3339 time such as 2026-01-31T12:00:00Z; fix its value")
        })?;
        Ok(Some(Self { text, valid_until }))
    }
}

/// Returns the value of a variable, if it is set.
pub fn setting(name: &str) -> Result<Option<String>, String> {
    match env::var(name) {
        Ok(value) => Ok(Some(value)),
        Err(VarError::NotPresent) => Ok(None),
        // The value isn't printed, because it may be a key.
        Err(VarError::NotUnicode(_)) => Err(format!("{name} isn't UTF-8")),
    }
}

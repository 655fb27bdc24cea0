//! What the variables of the environment say.

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

/// A key from before a rotation, and the time from which on it isn't accepted any more. The time is a
/// fixed one: were it counted from the start of the program, each start would extend it.
pub struct OldKey {
    pub text: String,
    pub valid_until: SystemTime,
}

impl Keys {
    /// The values of these variables. The time of the old key is in the variable with `_VALID_UNTIL` at
    /// its end.
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
    /// The old key, if there is one. `name` is the name of its variable.
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
                "{name} is set and {until} isn't: set it to the time at which the old key ends, \
                     such as 2026-01-31T12:00:00Z"
            )
                .into())
            }
            (None, Some(_)) => return Err(format!("{until} is set and {name} isn't").into()),
        };
        let time = valid_until.parse::<Timestamp>();
        let valid_until = time.and_then(SystemTime::try_from).map_err(|_| {
            format!("{until} isn't a time of RFC 3339, such as 2026-01-31T12:00:00Z")
        })?;
        Ok(Some(Self { text, valid_until }))
    }
}

/// The value of a variable, if it is set.
pub fn setting(name: &str) -> Result<Option<String>, String> {
    match env::var(name) {
        Ok(value) => Ok(Some(value)),
        Err(VarError::NotPresent) => Ok(None),
        // Not the value: it may be a key.
        Err(VarError::NotUnicode(_)) => Err(format!("{name} isn't UTF-8")),
    }
}

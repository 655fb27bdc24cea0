//! Bounds the depth and the size of a document.
//!
//! A document is untrusted. A few hundred bytes of aliases or `allOf` can stand for gigabytes. Values are counted
//! while YAML is read, while the wanted operations are cut out, and while `allOf` is written out. The bounds are far from
//! real documents: PandaDoc's whole version 8.8.0, with 127 operations, has 22 levels, 17095 values and 271 schemas.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::fault::Fault;

/// Limits how deep values are nested.
pub const LEVELS: usize = 64;

/// Limits the number of values, with aliases and `allOf` written out.
pub const VALUES: usize = 250_000;

/// Limits the number of components that the operations reach.
pub const COMPONENTS: usize = 1000;

/// Holds the recursion over `LEVELS` levels. One level takes about 45 KiB in a debug build.
pub const STACK: usize = 32 << 20;

/// Counts values while they are read or copied.
pub struct Bounds {
    values: Cell<usize>,
    exceeded: Cell<Option<&'static str>>,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            values: Cell::new(VALUES),
            exceeded: Cell::new(None),
        }
    }
}

impl Bounds {
    /// Counts one value on this level. The outermost value is on level 1.
    pub fn count(&self, level: usize) -> Result<(), &'static str> {
        let left = self.values.get().checked_sub(1);
        let exceeded = match left {
            _ if level > LEVELS => TOO_DEEP,
            None => TOO_LARGE,
            Some(left) => {
                self.values.set(left);
                return Ok(());
            }
        };
        self.exceeded.set(Some(exceeded));
        Err(exceeded)
    }

    /// Counts one value on this level, and fails with a fault.
    pub fn check(&self, level: usize) -> Result<(), Fault> {
        self.count(level).map_err(fault)
    }

    /// Counts a value that stands on this level, and all values in it.
    pub fn check_all(&self, value: &Value, level: usize) -> Result<(), Fault> {
        self.check(level)?;
        let check = |below: &Value| self.check_all(below, level + 1);
        match value {
            Value::Object(members) => members.values().try_for_each(check),
            Value::Array(items) => items.iter().try_for_each(check),
            _ => Ok(()),
        }
    }

    /// Returns the fault, if a bound was exceeded.
    pub fn fault(&self) -> Option<Fault> {
        self.exceeded.get().map(fault)
    }

    /// Returns the fault of a document that is too large.
    pub fn too_large(&self) -> Fault {
        fault(TOO_LARGE)
    }

    /// Reads a value within the bounds.
    pub fn read<'de, D: Deserializer<'de>>(&self, deserializer: D) -> Result<Value, D::Error> {
        Bounded {
            bounds: self,
            level: 1,
        }
        .deserialize(deserializer)
    }
}

const TOO_DEEP: &str = "it is nested more than 64 levels deep";
const TOO_LARGE: &str = "it has more than 250000 values";

fn fault(exceeded: &str) -> Fault {
    Fault::new(format!(
        "the document is refused: with its aliases and references written out, {exceeded}"
    ))
    .hint("leave out of it what its operations do not need, or make components of what is nested")
}

struct Bounded<'a> {
    bounds: &'a Bounds,
    level: usize,
}

impl Bounded<'_> {
    fn below(&self) -> Self {
        Self {
            bounds: self.bounds,
            level: self.level + 1,
        }
    }
}

impl<'de> DeserializeSeed<'de> for Bounded<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.bounds.count(self.level).map_err(D::Error::custom)?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Bounded<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value that JSON has")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut read = Vec::new();
        while let Some(item) = items.next_element_seed(self.below())? {
            read.push(item);
        }
        Ok(read.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut read = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            read.insert(name, members.next_value_seed(self.below())?);
        }
        Ok(read.into())
    }
}

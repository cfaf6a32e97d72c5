//! Numbers in JSON documents: exact, and in state files with the text that Terraform writes.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{INTEGER_PRECISION, Number};

/// The infinities have no JSON form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot serialize infinity as JSON")]
pub struct Infinite;

/// A JSON number whose magnitude lies outside of what a [`Number`] holds.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("number is outside of the range from `1e-1262611` to `1e1262611`")]
pub struct OutOfRange;

impl TryFrom<&Number> for serde_json::Number {
    type Error = Infinite;

    /// Keeps all digits. The text is that of Terraform's state files, where `-0` is `0`.
    fn try_from(number: &Number) -> Result<Self, Infinite> {
        match number.as_i64() {
            _ if number.is_infinite() => Err(Infinite),
            Some(value) if number.precision() >= INTEGER_PRECISION => Ok(Self::from(value)),
            Some(_) | None => Ok(Self::from_string_unchecked(number.to_state_string())),
        }
    }
}

impl TryFrom<&serde_json::Number> for Number {
    type Error = OutOfRange;

    fn try_from(number: &serde_json::Number) -> Result<Self, OutOfRange> {
        Self::parse(number.as_str()).ok_or(OutOfRange)
    }
}

impl TryFrom<serde_json::Number> for Number {
    type Error = OutOfRange;

    fn try_from(number: serde_json::Number) -> Result<Self, OutOfRange> {
        Self::try_from(&number)
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serde_json::Number::try_from(self).map_err(serde::ser::Error::custom)?.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::try_from(&serde_json::Number::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

impl Number {
    /// The text of the number in a state file. It differs from [`Self::to_json_string`] as Terraform's does: values
    /// pass through a wire format on the way, where zero has no sign and a fraction that is a double is one.
    fn to_state_string(&self) -> String {
        if self.is_zero() {
            return "0".to_owned();
        }
        match Self::from_f64(self.to_f64()) {
            Some(double) if !self.is_integer() && double == *self => double.to_string(),
            Some(_) | None => self.to_string(),
        }
    }
}

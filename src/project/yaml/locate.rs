//! Finds the position of a value in a document.

use super::read::options;
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, IgnoredAny, MapAccess, Visitor},
};
use serde_saphyr::{Location, Spanned};
use std::fmt;

/// Returns line and column, from 1, of the value below some keys; `None` if there is none. Aliases and merge keys are
/// resolved.
pub(crate) fn locate(text: &str, keys: &[&str]) -> Option<(u64, u64)> {
    let found = serde_saphyr::with_deserializer_from_str_with_options(text, options(), |deserializer| {
        Below(keys).deserialize(deserializer)
    });
    found.ok().flatten().map(|location| (location.line(), location.column()))
}

/// Deserialises the position of the value below some keys.
struct Below<'a>(&'a [&'a str]);

impl<'de> DeserializeSeed<'de> for Below<'_> {
    type Value = Option<Location>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        if self.0.is_empty() {
            return Ok(Some(Spanned::<IgnoredAny>::deserialize(deserializer)?.referenced));
        }
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Below<'_> {
    type Value = Option<Location>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("keys and values")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(key) = map.next_key::<String>()? {
            match self.0.split_first() {
                Some((first, rest)) if *first == key => found = map.next_value_seed(Below(rest))?,
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_of_values_are_found() {
        let text = "a: 1\nb:\n  c: { d: x }\n  'e f': &x ü\n  g: *x\n";
        assert_eq!(locate(text, &["b", "c", "d"]), Some((3, 11)));
        assert_eq!(locate(text, &["b", "e f"]), Some((4, 13)));
        assert_eq!(locate(text, &["b", "g"]), Some((5, 6)));
        assert_eq!(locate(text, &["b", "x"]), None);
        assert_eq!(locate(text, &["a", "x"]), None);
    }
}

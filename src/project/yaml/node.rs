//! A document without types: every value with its place in the text.

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, SeqAccess, Visitor},
};
use serde_saphyr::{Location, Spanned};
use std::fmt;

/// A value and where it stands.
pub(super) struct Node {
    pub(super) at: Location,
    pub(super) content: Content,
}

/// A value.
pub(super) enum Content {
    Nothing,
    Truth(bool),
    /// A whole number, 0 or more.
    Whole(u64),
    /// Any other number.
    Number(f64),
    Text(String),
    List(Vec<Node>),
    Keys(Vec<(String, Node)>),
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Spanned { value: content, referenced: at, .. } = Spanned::deserialize(deserializer)?;
        Ok(Self { at, content })
    }
}

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Whatever)
    }
}

struct Whatever;

impl<'de> Visitor<'de> for Whatever {
    type Value = Content;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    fn visit_unit<E: Error>(self) -> Result<Content, E> {
        Ok(Content::Nothing)
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<Content, E> {
        Ok(Content::Truth(truth))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Content, E> {
        Ok(Content::Whole(number))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Content, E> {
        Ok(u64::try_from(number).map_or(Content::Number(number as f64), Content::Whole))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Content, E> {
        Ok(Content::Number(number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Content, E> {
        Ok(Content::Text(text.to_owned()))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Content, E> {
        Ok(Content::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Content, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Content::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Content, A::Error> {
        let mut keys = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            keys.push(entry);
        }
        Ok(Content::Keys(keys))
    }
}

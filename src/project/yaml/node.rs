//! A document without types: every value with its place in the text.

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, SeqAccess, Visitor},
};
use std::fmt;

/// A place in a text, counted from 1.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Place {
    pub(super) line: usize,
    pub(super) column: usize,
}

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub(super) at: Place,
    /// Where its key stands, or itself where it has none.
    pub(super) key_at: Place,
    pub(super) content: Content,
}

impl Node {
    /// How many nodes there are, with those in it.
    pub(super) fn size(&self) -> usize {
        1 + self.inner().map(Self::size).sum::<usize>()
    }

    /// How many collections are in one another.
    pub(super) fn depth(&self) -> usize {
        self.inner().map(|node| 1 + node.depth()).max().unwrap_or(0)
    }

    fn inner(&self) -> impl Iterator<Item = &Self> {
        let (list, keys): (&[Node], &[(String, Node)]) = match &self.content {
            Content::List(list) => (list, &[]),
            Content::Keys(keys) => (&[], keys),
            _ => (&[], &[]),
        };
        list.iter().chain(keys.iter().map(|(_, node)| node))
    }

    /// The same, with everything in it, at one place.
    pub(super) fn moved_to(mut self, at: Place) -> Self {
        (self.at, self.key_at) = (at, at);
        self.content = match self.content {
            Content::List(list) => Content::List(list.into_iter().map(|node| node.moved_to(at)).collect()),
            Content::Keys(keys) => {
                Content::Keys(keys.into_iter().map(|(key, node)| (key, node.moved_to(at))).collect())
            }
            content => content,
        };
        self
    }
}

/// A value.
#[derive(Debug, Clone, PartialEq)]
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

/// From JSON, whose places nobody asks for.
impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let content = deserializer.deserialize_any(Whatever)?;
        Ok(Self { at: Place::default(), key_at: Place::default(), content })
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

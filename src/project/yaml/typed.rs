//! Nodes as Rust types. One deserializer for all of them, as each adds the code of every type that is read with it.

use super::{
    Keys,
    node::{Content, Node, Place},
};
use crate::project::lint::hint;
use serde::{
    Deserializer,
    de::{DeserializeSeed, Expected, IntoDeserializer, MapAccess, SeqAccess, Unexpected, Visitor},
    forward_to_deserialize_any,
};
use std::{cell::RefCell, fmt, slice::Iter};

/// Steps from the top of a document to a value.
#[derive(Clone, Copy)]
pub(super) enum Path<'a> {
    Top,
    Key(&'a Path<'a>, &'a str),
    Item(&'a Path<'a>, usize),
}

impl Path<'_> {
    fn keys(&self) -> Keys {
        let (before, step) = match self {
            Self::Top => return Vec::new(),
            Self::Key(before, key) => (before, (*key).to_owned()),
            Self::Item(before, index) => (before, index.to_string()),
        };
        let mut keys = before.keys();
        keys.push(step);
        keys
    }
}

/// As in `columns[0].type`.
impl fmt::Display for Path<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Top => Ok(()),
            Self::Key(Path::Top, key) => write!(formatter, "{key}"),
            Self::Key(before, key) => write!(formatter, "{before}.{key}"),
            Self::Item(before, index) => write!(formatter, "{before}[{index}]"),
        }
    }
}

/// What is wrong, in the words of somebody who writes the file, and where. Never with a value: it may be a secret.
#[derive(Debug)]
pub(super) struct Wrong {
    pub(super) what: String,
    pub(super) place: Option<(Place, String)>,
}

impl Wrong {
    /// Before anything is known of keys.
    pub(super) fn at(place: Place, what: &str) -> Self {
        Self { what: what.to_owned(), place: Some((place, String::new())) }
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.what)
    }
}

impl std::error::Error for Wrong {}

impl serde::de::Error for Wrong {
    fn custom<T: fmt::Display>(what: T) -> Self {
        Self { what: what.to_string(), place: None }
    }

    fn invalid_type(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::custom(format_args!("expected {expected}"))
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::custom(format_args!("expected {expected}"))
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self::custom(format_args!("expected one of {}", expected.join(", ")))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::custom(format_args!("the key {field} is missing"))
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        Self::custom(format_args!("unknown key {field}{}", hint(field, expected)))
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::custom(format_args!("the key {field} stands here a second time"))
    }
}

/// A node to be read as a type; the places of keys that the type does not have go to `unknown`.
#[derive(Clone, Copy)]
pub(super) struct Typed<'a> {
    pub(super) node: &'a Node,
    pub(super) path: Path<'a>,
    pub(super) unknown: &'a RefCell<Vec<Keys>>,
}

impl<'a> Typed<'a> {
    fn wrong(&self, what: &str) -> Wrong {
        Wrong { what: what.to_owned(), place: Some((self.node.at, self.path.to_string())) }
    }

    /// The innermost place is the one to tell.
    fn placed<T>(&self, result: Result<T, Wrong>) -> Result<T, Wrong> {
        result.map_err(|Wrong { what, place }| Wrong { place: place.or_else(|| self.wrong("").place), what })
    }

    fn text(&self) -> Result<&'a str, Wrong> {
        Err(self.wrong(match &self.node.content {
            Content::Text(text) => return Ok(text),
            Content::Nothing => "expected text, found nothing",
            Content::Truth(_) | Content::Whole(_) | Content::Number(_) => {
                "expected text, found a number or a truth value; put it in quotes if it is meant as text"
            }
            Content::List(_) | Content::Keys(_) => "expected text",
        }))
    }

    fn whole<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        let wrong = || self.wrong("expected a whole number, 0 or more");
        let Content::Whole(number) = self.node.content else { return Err(wrong()) };
        visitor.visit_u64(number).map_err(|_: Wrong| wrong())
    }
}

impl<'de> Deserializer<'de> for Typed<'_> {
    type Error = Wrong;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        match &self.node.content {
            Content::Nothing => self.placed(visitor.visit_unit()),
            Content::Truth(truth) => self.placed(visitor.visit_bool(*truth)),
            Content::Whole(number) => self.placed(visitor.visit_u64(*number)),
            Content::Number(number) => self.placed(visitor.visit_f64(*number)),
            Content::Text(text) => self.placed(visitor.visit_str(text)),
            Content::List(_) => self.deserialize_seq(visitor),
            Content::Keys(_) => self.deserialize_map(visitor),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        match self.node.content {
            Content::Truth(truth) => self.placed(visitor.visit_bool(truth)),
            _ => Err(self.wrong("expected true or false")),
        }
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        self.whole(visitor)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        self.whole(visitor)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        self.placed(visitor.visit_str(self.text()?))
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        match self.node.content {
            Content::Nothing => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        let Content::List(items) = &self.node.content else {
            return Err(self.wrong("expected a list, such as [a, b]"));
        };
        self.placed(visitor.visit_seq(Items { list: self, items: items.iter(), next: 0 }))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        let Content::Keys(entries) = &self.node.content else { return Err(self.wrong("expected keys and values")) };
        self.placed(visitor.visit_map(Entries { map: self, entries: entries.iter(), current: None }))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        self.placed(visitor.visit_enum(self.text()?.into_deserializer()))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        self.unknown.borrow_mut().push(self.path.keys());
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u16 u128 f32 f64 char bytes byte_buf unit unit_struct tuple tuple_struct identifier
    }
}

struct Items<'a> {
    list: Typed<'a>,
    items: Iter<'a, Node>,
    next: usize,
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Wrong;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Wrong> {
        let Some(node) = self.items.next() else { return Ok(None) };
        let path = Path::Item(&self.list.path, self.next);
        self.next += 1;
        seed.deserialize(Typed { node, path, ..self.list }).map(Some)
    }
}

struct Entries<'a> {
    map: Typed<'a>,
    entries: Iter<'a, (String, Node)>,
    current: Option<&'a (String, Node)>,
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = Wrong;

    fn next_key_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Wrong> {
        self.current = self.entries.next();
        let Some((key, node)) = self.current else { return Ok(None) };
        let place = || (node.key_at, self.map.path.to_string());
        let key = seed.deserialize(key.as_str().into_deserializer());
        key.map(Some).map_err(|Wrong { what, place: known }| Wrong { what, place: known.or_else(|| Some(place())) })
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Wrong> {
        let (key, node) = self.current.ok_or_else(|| self.map.wrong("expected a value"))?;
        seed.deserialize(Typed { node, path: Path::Key(&self.map.path, key), ..self.map })
    }
}

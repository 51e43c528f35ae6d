//! The text of a document as nodes: aliases and merge keys resolved, scalars by the core schema of YAML 1.2.

use super::{
    node::{Content, Node, Place},
    typed::Wrong,
};
use granit_parser::{ErrorKind, Event, Marker, Options, Parser, ScalarStyle, ScanError, Span, StrInput, Tag};
use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
};

/// Collections in collections.
const MOST_DEPTH: usize = 64;
/// Nodes of a document, those of an alias counted wherever it stands.
const MOST_NODES: usize = 250_000;

const TOO_LARGE: &str = "YAML document too large or too complex";

/// Reads a text with one document; `None` where there is nothing in it.
pub(super) fn read(text: &str) -> Result<Option<Node>, Wrong> {
    let mut options = Options::default();
    options.set_emit_comments(false);
    let parser = Parser::new_from_str_with_options(text, options);
    let mut reader = Reader { parser, at: Place::default(), anchors: HashMap::new(), nodes: 0 };
    let mut root = None;
    loop {
        match reader.next()? {
            Event::StreamEnd => break,
            Event::DocumentStart(..) if root.is_some() => {
                return Err(reader.wrong("only single YAML document expected but multiple found"));
            }
            Event::DocumentStart(..) => {
                let first = reader.next()?;
                root = Some(reader.node(first, 0)?);
            }
            _ => {}
        }
    }
    Ok(root.filter(|root| !matches!(root.content, Content::Nothing)))
}

struct Reader<'a> {
    parser: Parser<'a, StrInput<'a>>,
    /// Where the newest event begins.
    at: Place,
    anchors: HashMap<usize, Node>,
    nodes: usize,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<Event<'a>, Wrong> {
        match self.parser.next_event() {
            Some(Ok((event, Span { start, .. }))) => {
                self.at = place_of(&start);
                Ok(event)
            }
            Some(Err(error)) => Err(broken(&error)),
            None => Ok(Event::StreamEnd),
        }
    }

    fn wrong(&self, what: &str) -> Wrong {
        Wrong::at(self.at, what)
    }

    fn count(&mut self, nodes: usize) -> Result<(), Wrong> {
        self.nodes += nodes;
        if self.nodes > MOST_NODES { Err(self.wrong(TOO_LARGE)) } else { Ok(()) }
    }

    /// The node that begins with this event.
    fn node(&mut self, first: Event<'a>, depth: usize) -> Result<Node, Wrong> {
        let at = self.at;
        if depth > MOST_DEPTH {
            return Err(self.wrong(TOO_LARGE));
        }
        self.count(1)?;
        let (content, anchor) = match first {
            Event::Alias(anchor) => return self.alias(anchor, depth),
            Event::Scalar(text, style, anchor, tag) => {
                (scalar(text, style, tag.as_deref()).map_err(|what| Wrong::at(at, what))?, anchor)
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.check(tag.as_deref(), "seq")?;
                (Content::List(self.list(depth)?), anchor)
            }
            Event::MappingStart(_, anchor, tag) => {
                self.check(tag.as_deref(), "map")?;
                (Content::Keys(self.keys(depth)?), anchor)
            }
            _ => return Err(self.wrong("expected a value")),
        };
        let node = Node { at, key_at: at, content };
        if anchor != 0 {
            self.count(node.size())?;
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    fn alias(&mut self, anchor: usize, depth: usize) -> Result<Node, Wrong> {
        let Some(node) = self.anchors.get(&anchor) else {
            return Err(self.wrong("Recursive reference not allowed here"));
        };
        if depth + node.depth() > MOST_DEPTH {
            return Err(self.wrong(TOO_LARGE));
        }
        let node = node.clone().moved_to(self.at);
        self.count(node.size())?;
        Ok(node)
    }

    fn check(&self, tag: Option<&Tag>, kind: &str) -> Result<(), Wrong> {
        match tag.and_then(Tag::core_suffix) {
            Some(other) if other != kind => Err(self.wrong("the tag does not fit the value")),
            _ => Ok(()),
        }
    }

    fn list(&mut self, depth: usize) -> Result<Vec<Node>, Wrong> {
        let mut list = Vec::new();
        loop {
            match self.next()? {
                Event::SequenceEnd => return Ok(list),
                first => list.push(self.node(first, depth + 1)?),
            }
        }
    }

    fn keys(&mut self, depth: usize) -> Result<Vec<(String, Node)>, Wrong> {
        let (mut keys, mut places, mut merged) = (Vec::new(), Vec::new(), Vec::new());
        loop {
            let first = match self.next()? {
                Event::MappingEnd => break,
                first => first,
            };
            let at = self.at;
            let merges = is_merge(&first);
            let Content::Text(key) = self.node(first, depth + 1)?.content else {
                return Err(Wrong::at(at, "expected a key that is text; put it in quotes"));
            };
            let first = self.next()?;
            let value = Node { key_at: at, ..self.node(first, depth + 1)? };
            if merges {
                merge(value, &mut merged)?;
            } else {
                keys.push((key, value));
                places.push(at);
            }
        }
        let mut seen = HashSet::new();
        if let Some(((key, _), at)) = keys.iter().zip(places).find(|((key, _), _)| !seen.insert(key.as_str())) {
            return Err(Wrong::at(at, &format!("the key {key} stands here a second time")));
        }
        let mut seen: HashSet<_> = keys.iter().map(|(key, _)| key.clone()).collect();
        keys.extend(merged.into_iter().filter(|(key, _)| seen.insert(key.clone())));
        Ok(keys)
    }
}

/// The entries of a value of `<<`, which is a mapping or a list of some.
fn merge(value: Node, merged: &mut Vec<(String, Node)>) -> Result<(), Wrong> {
    match value.content {
        Content::Nothing => Ok(()),
        Content::Keys(entries) => {
            merged.extend(entries);
            Ok(())
        }
        Content::List(list) => list.into_iter().try_for_each(|value| merge(value, merged)),
        _ => Err(Wrong::at(value.at, "YAML merge value must be mapping or sequence of mappings")),
    }
}

fn is_merge(key: &Event<'_>) -> bool {
    let Event::Scalar(text, style, _, tag) = key else { return false };
    let tagged = tag.as_deref().map(|tag| in_yaml(tag).is_some_and(|name| name == "merge"));
    text == "<<" && tagged.unwrap_or(*style == ScalarStyle::Plain)
}

fn place_of(marker: &Marker) -> Place {
    Place { line: marker.line(), column: marker.col() + 1 }
}

fn broken(error: &ScanError) -> Wrong {
    let what = match error.kind() {
        ErrorKind::UnknownAnchor => "reference to unknown value".to_owned(),
        _ => error.info(),
    };
    Wrong::at(place_of(error.marker()), &what)
}

/// The name of a tag of YAML itself, as in `!!binary`.
fn in_yaml(tag: &Tag) -> Option<Cow<'_, str>> {
    tag.suffix_in_namespace("tag:yaml.org,2002:")
}

/// A scalar by its tag, or by what it looks like.
fn scalar(text: Cow<'_, str>, style: ScalarStyle, tag: Option<&Tag>) -> Result<Content, &'static str> {
    let of_yaml = tag.and_then(in_yaml);
    let is_untyped = tag.is_some_and(|tag| tag.suffix_in_namespace("!").is_some_and(|name| name.is_empty()));
    match of_yaml.as_deref() {
        _ if is_untyped => Ok(Content::Text(text.into_owned())),
        Some("str" | "binary" | "timestamp") => Ok(Content::Text(text.into_owned())),
        Some("null") => Ok(Content::Nothing),
        Some("bool") => truth(&text).ok_or("expected true or false"),
        Some("int" | "float") => number(&text).ok_or("expected a number"),
        Some("seq" | "map") => Err("the tag does not fit the value"),
        _ if style != ScalarStyle::Plain => Ok(Content::Text(text.into_owned())),
        _ => Ok(plain(&text)),
    }
}

fn plain(text: &str) -> Content {
    if text.is_empty() || is_null(text) {
        return Content::Nothing;
    }
    truth(text).or_else(|| number(text)).unwrap_or_else(|| Content::Text(text.to_owned()))
}

/// Whether a plain scalar stands for nothing by a word.
pub(super) fn is_null(text: &str) -> bool {
    matches!(text, "~" | "null" | "Null" | "NULL")
}

fn truth(text: &str) -> Option<Content> {
    match text {
        "true" | "True" | "TRUE" => Some(Content::Truth(true)),
        "false" | "False" | "FALSE" => Some(Content::Truth(false)),
        _ => None,
    }
}

fn number(text: &str) -> Option<Content> {
    let (is_negative, unsigned) = match text.strip_prefix('-') {
        Some(unsigned) => (true, unsigned),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    match (whole(unsigned), unsigned) {
        (Some(0), _) => Some(Content::Whole(0)),
        (Some(whole), _) if is_negative => Some(Content::Number(-(whole as f64))),
        (Some(whole), _) => Some(Content::Whole(whole)),
        (None, ".nan" | ".NaN" | ".NAN") => Some(Content::Number(f64::NAN)),
        (None, ".inf" | ".Inf" | ".INF") if is_negative => Some(Content::Number(f64::NEG_INFINITY)),
        (None, ".inf" | ".Inf" | ".INF") => Some(Content::Number(f64::INFINITY)),
        // What Rust reads as a number besides, such as `inf`, is text.
        (None, _) => match text.parse::<f64>() {
            Ok(number) if number.is_finite() || unsigned.starts_with(|c: char| c.is_ascii_digit()) => {
                Some(Content::Number(number))
            }
            _ => None,
        },
    }
}

/// As in `12`, `0x1f` and `1_000`; not as in `007`.
fn whole(text: &str) -> Option<u64> {
    let (radix, digits) = match text.get(..2) {
        Some("0x" | "0X") => (16, &text[2..]),
        Some("0o" | "0O") => (8, &text[2..]),
        Some("0b" | "0B") => (2, &text[2..]),
        Some(two) if two.starts_with('0') => return None,
        _ => (10, text),
    };
    if digits.starts_with('+') || digits.split('_').any(str::is_empty) {
        return None;
    }
    u64::from_str_radix(&digits.replace('_', ""), radix).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tree in one line, or the error.
    fn shown(text: &str) -> String {
        fn of(node: &Node) -> String {
            match &node.content {
                Content::Nothing => "~".into(),
                Content::Truth(truth) => truth.to_string(),
                Content::Whole(number) => number.to_string(),
                Content::Number(number) => format!("{number:?}"),
                Content::Text(text) => format!("{text:?}"),
                Content::List(list) => format!("[{}]", list.iter().map(of).collect::<Vec<_>>().join(" ")),
                Content::Keys(keys) => {
                    let keys: Vec<_> = keys.iter().map(|(key, node)| format!("{key}:{}", of(node))).collect();
                    format!("{{{}}}", keys.join(" "))
                }
            }
        }
        match read(text) {
            Ok(node) => node.as_ref().map_or_else(|| "nothing".into(), of),
            Err(Wrong { what, place }) => {
                let (Place { line, column }, _) = place.unwrap();
                format!("{line}:{column}: {what}")
            }
        }
    }

    #[test]
    fn scalars_are_those_of_the_core_schema() {
        for (text, expected) in [
            ("[~, null, NULL, '', ]", "[~ ~ ~ \"\"]"),
            ("[true, False, yes, 'true']", "[true false \"yes\" \"true\"]"),
            ("[0, +5, 1_000, 0x1F, 0o17, 0b101, -0]", "[0 5 1000 31 15 5 0]"),
            ("[-5, -0x10, 007, .5, 5., 1e3]", "[-5.0 -16.0 7.0 0.5 5.0 1000.0]"),
            ("[.inf, -.INF, .nan, 1e999]", "[inf -inf NaN inf]"),
            (
                "[inf, nan, 1__0, _1, 1_, 0x, --5, +-5, 1 2, é5]",
                "[\"inf\" \"nan\" \"1__0\" \"_1\" \"1_\" \"0x\" \"--5\" \"+-5\" \"1 2\" \"é5\"]",
            ),
            ("[18446744073709551615, 18446744073709551616]", "[18446744073709551615 1.8446744073709552e19]"),
            ("[!!str 5, ! 5, !!int '5', !kind 5, !!null x]", "[\"5\" \"5\" 5 5 ~]"),
            ("a: |\n  x\n  y\nb: >-\n  x\n  y", "{a:\"x\\ny\\n\" b:\"x y\"}"),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn aliases_and_merge_keys_are_resolved() {
        for (text, expected) in [
            ("a: &x { b: [1] }\nc: *x", "{a:{b:[1]} c:{b:[1]}}"),
            ("a: &x { b: 1, e: 4 }\nc: { <<: *x, b: 2, d: 3 }", "{a:{b:1 e:4} c:{b:2 d:3 e:4}}"),
            ("a: &x { b: 1 }\nc: &y { b: 2, d: 3 }\ne: { <<: [*x, *y] }", "{a:{b:1} c:{b:2 d:3} e:{b:1 d:3}}"),
            ("a: { <<: ~, '<<': 5 }", "{a:{<<:5}}"),
            ("&k key: v\n? *k\n: w", "2:3: the key key stands here a second time"),
            ("a: { <<: 5 }", "1:10: YAML merge value must be mapping or sequence of mappings"),
            ("a: &x [*x]", "1:8: Recursive reference not allowed here"),
            ("a: *x", "1:4: reference to unknown value"),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
        let text = "a: &x [1]\nb:\n  - *x";
        let Content::Keys(keys) = read(text).unwrap().unwrap().content else { panic!() };
        let Content::List(list) = &keys[1].1.content else { panic!() };
        let Content::List(inner) = &list[0].content else { panic!() };
        assert_eq!(inner[0].at, Place { line: 3, column: 5 });
    }

    #[test]
    fn one_document_with_text_as_keys_is_read() {
        for (text, expected) in [
            ("", "nothing"),
            ("# a comment", "nothing"),
            ("~", "nothing"),
            ("\u{feff}--- # a comment\na: b # another\n...\n", "{a:\"b\"}"),
            ("a: 1\n---\nb: 2", "2:1: only single YAML document expected but multiple found"),
            ("? [a]\n: b", "1:3: expected a key that is text; put it in quotes"),
            (": b", "1:1: expected a key that is text; put it in quotes"),
            ("a: !!seq { b: c }", "1:10: the tag does not fit the value"),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn what_grows_out_of_bounds_is_refused() {
        let deep = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(read(&deep(MOST_DEPTH)).is_ok());
        assert!(shown(&deep(200)).ends_with(TOO_LARGE));
        let nested = format!("a: &a {}\nb: {}*a{}", deep(40), "[".repeat(40), "]".repeat(40));
        assert!(shown(&nested).ends_with(TOO_LARGE));
        let mut text = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n".to_owned();
        for level in 1..9 {
            let list = vec![format!("*a{}", level - 1); 9].join(",");
            text.push_str(&format!("a{level}: &a{level} [{list}]\n"));
        }
        assert!(shown(&text).ends_with(TOO_LARGE));
    }
}

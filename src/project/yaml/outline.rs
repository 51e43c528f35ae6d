//! Where the parts of a document stand in its text.

use super::document::is_null;
use granit_parser::{Event, Parser, ScalarStyle, StructureStyle};

/// A value with its place, in bytes: of a collection in brackets both brackets belong to it, of any other its parts.
pub(super) struct Part {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
    /// Items; of a mapping, keys and values in turn.
    pub(super) parts: Vec<Part>,
}

/// What a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Nothing,
    Scalar,
    Alias,
    List,
    Keys,
    /// A list in brackets.
    FlowList,
    /// A mapping in braces.
    FlowKeys,
}

impl Kind {
    pub(super) fn is_flow(self) -> bool {
        matches!(self, Self::FlowList | Self::FlowKeys)
    }
}

/// The first document of a text; `None` where it is not YAML.
pub(super) struct Outline {
    /// `None` where there are comments alone.
    pub(super) root: Option<Part>,
    /// Position of the root's value of a key, among its parts.
    pub(super) found: Option<usize>,
    /// Where the document ends: before `...`, before the next `---`, or with the text.
    pub(super) end: usize,
}

impl Outline {
    pub(super) fn of(text: &str, key: &str) -> Option<Self> {
        let mut open = vec![Part { kind: Kind::List, start: 0, end: 0, parts: Vec::new() }];
        let (mut found, mut end) = (None, text.len());
        for next in Parser::new_from_str(text) {
            let (event, span) = next.ok()?;
            let range = span.byte_range()?;
            let part = |kind| Part { kind, start: range.start, end: range.end, parts: Vec::new() };
            let done = match &event {
                Event::DocumentEnd => {
                    // Without a mark it may stand before blanks at the end of the text.
                    if text[..range.start].ends_with('\n') {
                        end = range.start;
                    }
                    break;
                }
                Event::SequenceStart(..) | Event::MappingStart(..) => {
                    open.push(part(collection(&event)));
                    continue;
                }
                Event::SequenceEnd | Event::MappingEnd => closed(open.pop()?, range.end),
                Event::Alias(..) => part(Kind::Alias),
                Event::Scalar(value, style, ..) => {
                    let place = open.last().map_or(0, |part| part.parts.len());
                    if open.len() == 2 && place % 2 == 0 && value == key {
                        found = Some(place + 1);
                    }
                    scalar(text, value, *style, part(Kind::Scalar))
                }
                _ => continue,
            };
            open.last_mut()?.parts.push(done);
        }
        Some(Self { root: open.pop()?.parts.pop(), found, end })
    }
}

fn collection(start: &Event<'_>) -> Kind {
    match start {
        Event::SequenceStart(StructureStyle::Flow, ..) => Kind::FlowList,
        Event::SequenceStart(..) => Kind::List,
        Event::MappingStart(StructureStyle::Flow, ..) => Kind::FlowKeys,
        _ => Kind::Keys,
    }
}

/// The parser ends a block where the next one begins; what stands between belongs to neither.
fn closed(part: Part, end: usize) -> Part {
    let end = if part.kind.is_flow() { end } else { part.parts.last().map_or(part.start, |last| last.end) };
    Part { end, ..part }
}

fn scalar(text: &str, value: &str, style: ScalarStyle, part: Part) -> Part {
    match style {
        ScalarStyle::Plain if part.start == part.end => {
            // The parser puts it before the colon of its key.
            let at = part.start + usize::from(text[part.start..].starts_with(':'));
            Part { kind: Kind::Nothing, start: at, end: at, ..part }
        }
        ScalarStyle::Plain if is_null(value) => Part { kind: Kind::Nothing, ..part },
        ScalarStyle::Literal | ScalarStyle::Folded => Part { end: end_of_block(&text[..part.end], value), ..part },
        _ => part,
    }
}

/// The parser goes on to the next token. Empty lines below a block belong to it only where it keeps them.
fn end_of_block(text: &str, value: &str) -> usize {
    match value.ends_with("\n\n") {
        true => text.trim_end_matches([' ', '\t']).len().saturating_sub(1),
        false => text.trim_end().len(),
    }
}

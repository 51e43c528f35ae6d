//! The line that says why something is a hit. Texts of others are shortened to one line.

use super::{coverage::Coverage, document::Kind, lanes::values::Member};

/// Maximum characters of a text.
const MAX_TEXT: usize = 120;
/// Maximum characters of a name or a value.
const MAX_NAME: usize = 60;
/// Maximum columns that are named.
const MAX_COLUMNS: usize = 3;

/// The reason of what only has a similar meaning.
pub(super) const SIMILAR: &str = "similar meaning";

/// What may be the reasons of a table.
pub(super) struct TableReasons<'a> {
    pub(super) coverage: &'a Coverage,
    /// Its comment.
    pub(super) text: &'a str,
    /// A column and its value.
    pub(super) member: Option<(&'a str, &'a Member)>,
    /// Whether it has a similar meaning as the query.
    pub(super) is_similar: bool,
    /// A better hit that it is joined to.
    pub(super) joined: Option<&'a str>,
}

/// Returns the reason of a table: what of it matches, or what it is joined to; then its comment.
pub(super) fn of_table(reasons: &TableReasons<'_>) -> String {
    let TableReasons { coverage, text, member, is_similar, joined } = reasons;
    let mut parts = Vec::new();
    if coverage.in_name {
        parts.push("name".to_owned());
    }
    if !coverage.columns.is_empty() {
        let names: Vec<_> = coverage.columns.iter().take(MAX_COLUMNS).map(|name| quoted(name)).collect();
        let hidden = coverage.columns.len().saturating_sub(MAX_COLUMNS);
        let more = if hidden > 0 { format!(" and {hidden} more") } else { String::new() };
        let noun = if coverage.columns.len() == 1 { "column" } else { "columns" };
        parts.push(format!("{noun} {}{more}", names.join(", ")));
    }
    parts.extend(member.map(|(column, member)| of_member(column, member)));
    if parts.is_empty() && *is_similar {
        parts.push(SIMILAR.to_owned());
    }
    if parts.is_empty() && !coverage.in_text {
        parts.extend(joined.map(|name| format!("joined to {}", one_line(name, MAX_NAME))));
    }
    if !text.trim().is_empty() {
        parts.push(format!("comment: {}", one_line(text, MAX_TEXT)));
    }
    if parts.is_empty() { "related to other hits".to_owned() } else { parts.join("; ") }
}

/// Returns the reason of a value, for example ``column `seg_cd`: value 'enterprise', 3,120 rows``.
pub(super) fn of_member(column: &str, member: &Member) -> String {
    let rows = member.rows.map(|rows| format!(", {} {}", grouped(rows), if rows == 1 { "row" } else { "rows" }));
    format!("column {}: value '{}'{}", quoted(column), one_line(&member.value, MAX_NAME), rows.unwrap_or_default())
}

/// Returns the reason of any other hit: what it is, and its text.
pub(super) fn of_item(kind: Kind, name: &str, text: &str, table: Option<&str>, calls: i64) -> String {
    let parent = name.split('.').next().unwrap_or_default();
    let of = |what: &str, parent: &str| format!("{what} of {}", one_line(parent, MAX_NAME));
    let what = match kind {
        Kind::Column => of("column", table.unwrap_or_default()),
        Kind::Measure | Kind::Dimension | Kind::Segment => of(kind.name(), parent),
        Kind::Source => table.map_or_else(|| "source of a query".to_owned(), |table| of("source", table)),
        Kind::Query => format!("{} {}", grouped(calls), if calls == 1 { "call" } else { "calls" }),
        Kind::View => "Looker explore".to_owned(),
        Kind::Table | Kind::Value | Kind::Page | Kind::Metric => kind.name().to_owned(),
    };
    let text = one_line(text, MAX_TEXT);
    if text.is_empty() { what } else { format!("{what}: {text}") }
}

/// Returns a text on one line, without characters that control a terminal or the direction of writing.
pub(super) fn one_line(text: &str, max: usize) -> String {
    let is_direction =
        |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let plain: String =
        text.chars().filter(|c| !is_direction(*c)).map(|c| if c.is_control() { ' ' } else { c }).collect();
    let line = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(max) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

fn quoted(name: &str) -> String {
    format!("`{}`", one_line(name, MAX_NAME))
}

/// Formats a number with a comma between thousands.
fn grouped(number: i64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, c) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) && c.is_ascii_digit() && !text.ends_with('-') {
            text.push(',');
        }
        text.push(c);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_one_line_and_short() {
        let member = Member { document: 1, value: "enter\nprise\u{202e}".into(), rows: Some(3120) };
        assert_eq!(of_member("seg_cd", &member), "column `seg_cd`: value 'enter prise', 3,120 rows");
        assert_eq!(of_item(Kind::Query, "f", "SELECT\t1", None, 1), "1 call: SELECT 1");
        assert_eq!(one_line(&"ä".repeat(200), 120).chars().count(), 121);
        assert_eq!((grouped(1), grouped(-1234), grouped(1_234_567)), ("1".into(), "-1,234".into(), "1,234,567".into()));
        let coverage = Coverage::default();
        let reasons = TableReasons { coverage: &coverage, text: "", member: None, is_similar: false, joined: None };
        assert_eq!(of_table(&reasons), "related to other hits");
        assert_eq!(of_table(&TableReasons { joined: Some("s.a"), text: "x", ..reasons }), "joined to s.a; comment: x");
    }
}

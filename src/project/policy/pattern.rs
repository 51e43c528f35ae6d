//! Patterns of tables and columns: globs with dots between them.

use glob::{MatchOptions, Pattern as Glob};
use serde::Serialize;

/// Letter case is ignored, and names are no paths.
const OPTIONS: MatchOptions =
    MatchOptions { case_sensitive: false, require_literal_separator: false, require_literal_leading_dot: false };
/// Maximum parts of a table's name: catalog, schema and table.
const MAX_TABLE_PARTS: usize = 3;

/// A pattern of tables, or of columns of tables.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pattern {
    /// As in `ktx.yaml`.
    #[serde(rename = "pattern")]
    text: String,
    /// A glob for each part of the name. A quoted part is a glob without wildcards.
    #[serde(serialize_with = "texts")]
    parts: Vec<Glob>,
}

/// Name of a table, with the qualifiers that it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableName<'a> {
    /// Catalog, such as the database of PostgreSQL or the project of BigQuery.
    pub catalog: Option<&'a str>,
    /// Schema, or the database of MySQL.
    pub schema: Option<&'a str>,
    /// Name of the table.
    pub name: &'a str,
}

impl Pattern {
    /// Parses a pattern. Errors: a sentence about what is wrong with it.
    pub(super) fn parse(text: &str, is_column: bool) -> Result<Self, String> {
        let parts = split(text).ok_or("expected names with dots between them, names with a dot in double quotes")?;
        let names = if is_column { "a table and its column" } else { "a table" };
        let (min, max) = if is_column { (2, MAX_TABLE_PARTS + 1) } else { (1, MAX_TABLE_PARTS) };
        if parts.len() < min || parts.len() > max {
            let example = if is_column { "users.email or *.email" } else { "hr.salaries or hr.*" };
            return Err(format!("expected {names}, such as {example}"));
        }
        let globs = parts.iter().map(|part| Glob::new(&part.to_lowercase())).collect::<Result<_, _>>();
        let globs = globs.map_err(|error| format!("expected a glob: {}", error.msg))?;
        Ok(Self { text: text.to_owned(), parts: globs })
    }

    /// The pattern as in `ktx.yaml`.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the pattern is of a table; a qualifier that either of them lacks may be any.
    pub fn matches_table(&self, table: TableName<'_>) -> bool {
        matches_parts(&self.parts, table)
    }

    /// Whether the pattern is of a column of a table.
    pub fn matches_column(&self, table: TableName<'_>, column: &str) -> bool {
        self.parts.split_last().is_some_and(|(last, parts)| matches(last, column) && matches_parts(parts, table))
    }
}

impl Pattern {
    /// Whether the pattern of a column is one of a table.
    pub(super) fn matches_table_of_column(&self, table: TableName<'_>) -> bool {
        self.parts.split_last().is_some_and(|(_, parts)| matches_parts(parts, table))
    }

    /// Whether a word is its last name, or the one before it if the last may be any; one of any name has none.
    pub(super) fn ends_with(&self, word: &str) -> bool {
        self.parts.iter().rev().find(|glob| glob.as_str() != "*").is_some_and(|glob| matches(glob, word))
    }
}

fn matches_parts(parts: &[Glob], table: TableName<'_>) -> bool {
    let names = [Some(table.name), table.schema, table.catalog];
    parts.iter().rev().zip(names).all(|(glob, name)| name.is_none_or(|name| matches(glob, name)))
}

fn matches(glob: &Glob, name: &str) -> bool {
    glob.matches_with(&name.to_lowercase(), OPTIONS)
}

fn texts<S: serde::Serializer>(globs: &[Glob], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(globs.iter().map(Glob::as_str))
}

/// Splits at dots; `None` for an empty part or an unbalanced quote. Wildcards of quoted parts are escaped.
fn split(text: &str) -> Option<Vec<String>> {
    let (mut parts, mut rest) = (Vec::new(), text.trim());
    loop {
        let (part, after) = if let Some(quoted) = rest.strip_prefix('"') {
            let (name, after) = take_quoted(quoted)?;
            (Glob::escape(&name), after)
        } else {
            let (name, after) = rest.split_at(rest.find('.').unwrap_or(rest.len()));
            (name.to_owned(), after)
        };
        if part.is_empty() || (part.contains('"') && !rest.starts_with('"')) {
            return None;
        }
        parts.push(part);
        match after.strip_prefix('.') {
            Some(after) => rest = after,
            None => return after.is_empty().then_some(parts),
        }
    }
}

/// Returns the name up to the closing quote, and the text after it. A doubled quote is one character.
fn take_quoted(text: &str) -> Option<(String, &str)> {
    let (mut name, mut rest) = (String::new(), text);
    loop {
        let (before, after) = rest.split_once('"')?;
        name += before;
        match after.strip_prefix('"') {
            Some(after) => {
                name.push('"');
                rest = after;
            }
            None => return Some((name, after)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_is_no_pattern_is_an_error() {
        for (text, is_column) in [
            ("", false),
            ("a..b", false),
            (".a", false),
            ("a.", false),
            ("\"a", false),
            ("\"a\"b", false),
            ("a\"b\"", false),
            ("a.b.c.d", false),
            ("a**b", false),
            ("[a", false),
            ("email", true),
            ("a.b.c.d.e", true),
        ] {
            assert!(Pattern::parse(text, is_column).is_err(), "{text}");
        }
    }
}

//! What has changed in a table. The JSON is declared in `index.d.ts`.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Maximum changes of a table in a report.
const MAX_CHANGES: usize = 50;
/// Maximum tables with changes in a report.
const MAX_TABLES: usize = 200;
/// Maximum changes of all tables in a report.
const MAX_CHANGES_OF_ALL: usize = 2000;
/// Maximum characters of a value in a report, such as the definition of a view.
const MAX_VALUE_CHARS: usize = 400;
/// Maximum characters of a value in the text of a change.
const MAX_TEXT_CHARS: usize = 60;

/// Changes by the name of their table, as in the lists of changed tables.
pub type Details = BTreeMap<String, Vec<Change>>;

/// Kind of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChangeKind {
    /// Only the new table has it.
    Added,
    /// Only the last table had it.
    Removed,
    /// Both have it, with different properties.
    Changed,
    /// A proposal: something that was removed may have become something that was added.
    Renamed,
    /// Further changes that the report leaves out.
    Omitted,
}

/// What a change is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are self-explanatory")]
pub enum ChangedObject {
    Table,
    Column,
    Index,
    UniqueKey,
    ForeignKey,
    Check,
}

/// A change of a table (`KtxTableChange`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// Kind of the change.
    pub kind: ChangeKind,
    /// What has changed.
    pub object: ChangedObject,
    /// Name of the column, index or constraint, if it has one; of the table if that may have been renamed.
    pub name: Option<String>,
    /// The property that has changed, such as `type`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub property: Option<String>,
    /// Value of the last sync; the previous name of what may have been renamed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// Value of this sync.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// The change as one line.
    pub text: String,
    /// Semantic sources, joins and measures that name what has changed, such as `measure orders.revenue`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub affects: Vec<String>,
}

impl Change {
    /// Returns a change of a whole object; `text` follows its sign.
    pub(super) fn of_object(kind: ChangeKind, object: ChangedObject, name: Option<&str>, text: &str) -> Self {
        let sign = match kind {
            ChangeKind::Added => "+ ",
            ChangeKind::Removed => "- ",
            ChangeKind::Changed => "~ ",
            ChangeKind::Renamed => "rename? ",
            ChangeKind::Omitted => "… ",
        };
        Self {
            kind,
            object,
            name: name.map(str::to_owned),
            property: None,
            before: None,
            after: None,
            text: format!("{sign}{text}"),
            affects: Vec::new(),
        }
    }

    /// Returns the removal of a table.
    pub(crate) fn removed_table(name: &str) -> Self {
        Self::of_object(ChangeKind::Removed, ChangedObject::Table, Some(name), "table")
    }

    /// Adds the property that has changed, and its values.
    pub(super) fn with_values(mut self, property: &str, before: Option<&str>, after: Option<&str>) -> Self {
        self.property = Some(property.to_owned());
        self.before = before.map(|text| limited(text, MAX_VALUE_CHARS));
        self.after = after.map(|text| limited(text, MAX_VALUE_CHARS));
        self
    }
}

/// Limits the changes of a report. Returns them, and the number of tables that are left out.
pub(super) fn limit(mut details: Details) -> (Details, usize) {
    let tables = details.len();
    for changes in details.values_mut().filter(|changes| changes.len() > MAX_CHANGES) {
        let text = format!("and {} more changes", changes.len() - MAX_CHANGES);
        changes.truncate(MAX_CHANGES);
        changes.push(Change::of_object(ChangeKind::Omitted, ChangedObject::Table, None, &text));
    }
    let mut count = 0;
    let shown = details.into_iter().take(MAX_TABLES).take_while(|(_, changes)| {
        count += changes.len();
        count <= MAX_CHANGES_OF_ALL
    });
    let shown: Details = shown.collect();
    let left_out = tables - shown.len();
    (shown, left_out)
}

/// Returns a value of a database as a part of one line of text.
pub(super) fn short(value: &str) -> String {
    let is_space = |c: char| c.is_whitespace() || c.is_control();
    let line = value.split(is_space).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    limited(&line, MAX_TEXT_CHARS)
}

fn limited(text: &str, max_chars: usize) -> String {
    match text.char_indices().nth(max_chars) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes(count: usize) -> Vec<Change> {
        vec![Change::of_object(ChangeKind::Added, ChangedObject::Column, Some("a"), "a int"); count]
    }

    #[test]
    fn changes_of_a_report_are_limited() {
        let tables = |count| (0..MAX_TABLES + 3).map(|number| (format!("t{number:04}"), changes(count))).collect();
        let (details, left_out) = limit(tables(1));
        assert_eq!((details.len(), left_out), (MAX_TABLES, 3));
        let (details, left_out) = limit(tables(MAX_CHANGES + 2));
        assert_eq!(details.len(), MAX_CHANGES_OF_ALL / (MAX_CHANGES + 1));
        assert_eq!(details.len() + left_out, MAX_TABLES + 3);
        assert_eq!(details["t0000"].len(), MAX_CHANGES + 1);
        assert_eq!(details["t0000"].last().unwrap().text, "… and 2 more changes");
        assert_eq!(limit([("t".to_owned(), changes(1))].into()), ([("t".to_owned(), changes(1))].into(), 0));
    }

    #[test]
    fn values_in_texts_are_one_short_line() {
        assert_eq!(short("SELECT a,\n\t  b\u{1b}[31m"), "SELECT a, b [31m");
        assert_eq!(short(&"ä".repeat(61)), format!("{}…", "ä".repeat(60)));
    }
}

//! Comparison of single facts.

use crate::ingest::changes::{Change, ChangeKind, ChangedObject, short};
use std::collections::BTreeMap;

/// Which facts both syncs could have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ingest) enum Known {
    /// All that this version reports, so that a missing one is none.
    All,
    /// Those that both files have.
    InBoth,
}

impl Known {
    /// Whether the presence of a fact in the files can be compared.
    pub(super) fn compares(self, before: bool, after: bool) -> bool {
        self == Self::All || (before && after)
    }

    /// Whether an optional fact has changed.
    pub(super) fn differs<T: PartialEq>(self, before: Option<&T>, after: Option<&T>) -> bool {
        before != after && self.compares(before.is_some(), after.is_some())
    }
}

/// Changes of a table, or of one of its columns.
pub(super) struct Changes<'a> {
    pub(super) known: Known,
    pub(super) object: ChangedObject,
    pub(super) name: Option<&'a str>,
    pub(super) found: Vec<Change>,
}

impl<'a> Changes<'a> {
    pub(super) fn new(known: Known, object: ChangedObject, name: Option<&'a str>) -> Self {
        Self { known, object, name, found: Vec::new() }
    }

    /// Compares a fact that all files have, or that is none.
    pub(super) fn compare(&mut self, property: &str, before: Option<&str>, after: Option<&str>) {
        if before != after {
            let text = format!("{property} {} → {}", value(before), value(after));
            self.push(property, before, after, &text);
        }
    }

    /// Compares a fact that files of earlier versions lack.
    pub(super) fn compare_known(&mut self, property: &str, before: Option<&str>, after: Option<&str>) {
        if self.known.differs(before.as_ref(), after.as_ref()) {
            self.compare(property, before, after);
        }
    }

    /// Compares a mark that is omitted if it has its usual value.
    pub(super) fn compare_mark(&mut self, property: &str, usual: bool, before: Option<bool>, after: Option<bool>) {
        if self.known.compares(before.is_some(), after.is_some()) {
            let text = |mark: Option<bool>| if mark.unwrap_or(usual) { "yes" } else { "no" };
            self.compare(property, Some(text(before)), Some(text(after)));
        }
    }

    /// Compares long texts, which the line of the change does not show.
    pub(super) fn compare_text(&mut self, property: &str, before: Option<&str>, after: Option<&str>) {
        if before != after {
            self.push(property, before, after, property);
        }
    }

    /// Adds a change of a property; `text` follows the name.
    pub(super) fn push(&mut self, property: &str, before: Option<&str>, after: Option<&str>, text: &str) {
        let line = self.name.map_or_else(|| text.to_owned(), |name| format!("{}: {text}", short(name)));
        let change = Change::of_object(ChangeKind::Changed, self.object, self.name, &line);
        self.found.push(change.with_values(property, before, after));
    }
}

/// Returns the labels of a table or a column as one text.
pub(super) fn labels_text(labels: Option<&BTreeMap<String, String>>) -> Option<String> {
    let labels = labels?.iter().map(|(name, value)| format!("{name}={value}"));
    Some(labels.collect::<Vec<_>>().join(", "))
}

fn value(text: Option<&str>) -> String {
    text.map_or_else(|| "none".to_owned(), short)
}

//! What an earlier detection found is kept where this one could not measure.
//!
//! A table that is locked or too slow says nothing about its keys and links. They are kept as they were, as long as
//! their columns exist with the same types. What is measured, declared or decided now takes precedence.

use super::{
    detection::{Detection, Evidence, Key, Relationship, Side, Signal, Status},
    input::Table,
    labels::labels,
    profile::TableProfile,
};
use std::collections::{BTreeMap, BTreeSet};

/// The detection of an earlier scan.
#[derive(Debug)]
pub struct Earlier {
    /// Name of its sync.
    pub sync_id: String,
    /// Its result.
    pub detection: Detection,
    /// Its tables.
    pub tables: Vec<Table>,
}

/// Columns that this scan has not measured, by table.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Unmeasured {
    columns: BTreeMap<String, BTreeSet<String>>,
    /// Number of tables without a measured column.
    tables: usize,
}

impl Unmeasured {
    /// Finds the columns without a profile. Tables that the user may not read are left out.
    pub fn find(tables: &[Table], profiles: &[TableProfile], is_readable: impl Fn(&Table) -> bool) -> Self {
        let of_profile = |table: &TableProfile| (table.catalog.clone(), table.db.clone(), table.name.clone());
        let measured: BTreeMap<_, _> = profiles.iter().map(|profile| (of_profile(profile), profile)).collect();
        let mut unmeasured = Self::default();
        for (label, table) in labels(tables.iter()).into_iter().zip(tables).filter(|(_, table)| is_readable(table)) {
            let profile = measured.get(&(table.catalog.clone(), table.db.clone(), table.name.clone()));
            let known: BTreeSet<_> =
                profile.iter().flat_map(|profile| &profile.columns).map(|column| &column.name).collect();
            let names = table.columns.iter().map(|column| &column.name);
            let missing: BTreeSet<_> = names.filter(|name| !known.contains(name)).cloned().collect();
            unmeasured.tables += usize::from(known.is_empty() && !missing.is_empty());
            if !missing.is_empty() {
                unmeasured.columns.entry(label).or_default().extend(missing);
            }
        }
        unmeasured
    }

    /// Number of tables without a measured column.
    pub fn tables(&self) -> usize {
        self.tables
    }

    /// Whether everything is measured.
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    fn has(&self, table: &str, columns: &[String]) -> bool {
        self.columns.get(table).is_some_and(|missing| columns.iter().any(|column| missing.contains(column)))
    }

    fn has_side(&self, side: &Side) -> bool {
        self.has(&side.table, &side.columns)
    }
}

/// Numbers of keys and links that are kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct KeptCounts {
    /// Keys.
    pub keys: usize,
    /// Links.
    pub links: usize,
}

impl Detection {
    /// Numbers of keys and links that could not be counted.
    pub fn uncounted(&self) -> KeptCounts {
        KeptCounts {
            keys: self.keys.iter().filter(|key| key.is_uncounted()).count(),
            links: self.relationships.iter().filter(|link| link.is_uncounted()).count(),
        }
    }

    /// Keeps what an earlier scan found about columns that `unmeasured` has, and keys and links that are uncounted now.
    /// `tables` are those of this scan.
    pub fn keep(&mut self, earlier: Earlier, tables: &[Table], unmeasured: &Unmeasured) -> KeptCounts {
        let (old, new) = (types_of(&earlier.tables), types_of(tables));
        let is_same = |table: &str, columns: &[String]| {
            columns.iter().all(|column| {
                let key = (table.to_owned(), column.as_str());
                old.get(&key).is_some_and(|kind| kind.is_some() && new.get(&key) == Some(kind))
            })
        };
        let text = format!("It is kept from the earlier scan {}, since this one could not measure it", earlier.sync_id);
        let note = Evidence::new(Signal::Kept, text, 0.0);
        let keys =
            earlier.detection.keys.into_iter().filter(|key| !key.is_known() && is_same(&key.table, &key.columns));
        let keys = keys.filter(|key| self.keep_key(key, unmeasured, &note)).count();
        let links = earlier.detection.relationships.into_iter().filter(|link| {
            let sides = [&link.from, &link.to];
            !link.is_known() && sides.into_iter().all(|side| is_same(&side.table, &side.columns))
        });
        let links = links.filter(|link| self.keep_link(link, unmeasured, &note)).count();
        self.sort();
        KeptCounts { keys, links }
    }

    /// Keeps a key unless it is measured, or the table has another one. Returns whether it is kept.
    fn keep_key(&mut self, key: &Key, unmeasured: &Unmeasured, note: &Evidence) -> bool {
        let same = |other: &Key| (&other.table, &other.columns) == (&key.table, &key.columns);
        let is_uncounted_part = |other: &Key| {
            other.table == key.table
                && other.is_uncounted()
                && other.columns.iter().all(|name| key.columns.contains(name))
        };
        let is_open = match self.keys.iter().find(|other| same(other)) {
            Some(found) => found.is_uncounted() && !found.is_known() && !key.is_uncounted(),
            None => unmeasured.has(&key.table, &key.columns) || self.keys.iter().any(is_uncounted_part),
        };
        let has_other = |other: &Key| other.table == key.table && other.status == Status::Accepted && !same(other);
        if !is_open || key.status == Status::Accepted && self.keys.iter().any(has_other) {
            return false;
        }
        self.keys.retain(|other| !same(other));
        self.keys.push(Key { evidence: with_note(&key.evidence, note), ..key.clone() });
        true
    }

    /// Keeps a link unless it is measured, or another one of its columns is declared or decided. Returns whether it is
    /// kept. Another link that was accepted without its rival is for review.
    fn keep_link(&mut self, link: &Relationship, unmeasured: &Unmeasured, note: &Evidence) -> bool {
        let same = |other: &Relationship| (&other.from, &other.to) == (&link.from, &link.to);
        let is_open = match self.relationships.iter().find(|other| same(other)) {
            Some(found) => found.is_uncounted() && !found.is_known() && !link.is_uncounted(),
            None => unmeasured.has_side(&link.from) || unmeasured.has_side(&link.to),
        };
        let rival = |other: &Relationship| other.from == link.from && other.status == Status::Accepted && !same(other);
        if !is_open || self.relationships.iter().any(|other| rival(other) && other.is_known()) {
            return false;
        }
        if link.status == Status::Accepted {
            for other in self.relationships.iter_mut().filter(|other| rival(other)) {
                let text = format!("{} was more probable, and is not measured", link.to.table);
                other.evidence.push(Evidence::new(Signal::Ambiguous, text, 0.0));
                other.status = Status::Review;
            }
        }
        self.relationships.retain(|other| !same(other));
        self.relationships.push(Relationship { evidence: with_note(&link.evidence, note), ..link.clone() });
        true
    }
}

/// Adds the note, unless an earlier scan has added it.
fn with_note(evidence: &[Evidence], note: &Evidence) -> Vec<Evidence> {
    let is_noted = evidence.iter().any(|evidence| evidence.kind == Signal::Kept);
    evidence.iter().chain((!is_noted).then_some(note)).cloned().collect()
}

/// Types of columns by table and name; `None` for those of several tables of one name.
fn types_of(tables: &[Table]) -> BTreeMap<(String, &str), Option<&str>> {
    let mut types = BTreeMap::new();
    for (label, table) in labels(tables.iter()).into_iter().zip(tables) {
        for column in &table.columns {
            let key = (label.clone(), column.name.as_str());
            types.entry(key).and_modify(|kind| *kind = None).or_insert(Some(column.r#type.as_str()));
        }
    }
    types
}

#[cfg(test)]
mod tests;

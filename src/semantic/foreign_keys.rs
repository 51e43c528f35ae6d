//! Resolves the foreign keys of scanned tables to links between tables, one link for each key.

use super::table::{KeyColumn, Table};
use crate::project::letter_case;
use serde::Serialize;
use std::collections::{HashMap, HashSet};

/// A foreign key between two scanned tables, with names of tables and columns in the letter case of their definition.
#[derive(Debug, Serialize)]
pub(super) struct Link {
    pub(super) from_table: String,
    pub(super) from_columns: Vec<String>,
    pub(super) to_table: String,
    pub(super) to_columns: Vec<String>,
    pub(super) relationship_type: Relationship,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) constraint_name: Option<String>,
    /// `false` if the database takes the key as declared; not a part of the request.
    #[serde(skip_serializing)]
    pub(super) enforced: Option<bool>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Relationship {
    ManyToOne,
    OneToOne,
}

/// Returns the links of all foreign keys to scanned tables, and a warning for each key with a missing column.
pub(super) fn resolve_links(tables: &[Table]) -> (Vec<Link>, Vec<String>) {
    let index = TableIndex::new(tables);
    let (mut links, mut warnings) = (Vec::new(), Vec::new());
    for table in tables {
        for key in group_keys(&table.foreign_keys) {
            match index.resolve_link(table, &key) {
                Ok(link) => links.extend(link),
                Err(warning) => warnings.push(warning),
            }
        }
    }
    (links, warnings)
}

/// The columns of one foreign key, in the order of the key.
type Key<'a> = Vec<&'a KeyColumn>;

/// Groups the columns of foreign keys by key.
fn group_keys(columns: &[KeyColumn]) -> Vec<Key<'_>> {
    let mut keys: Vec<Key<'_>> = Vec::new();
    for column in columns {
        match keys.last_mut().filter(|key| column.belongs_to(key)) {
            Some(key) => key.push(column),
            None => keys.push(vec![column]),
        }
    }
    keys
}

impl KeyColumn {
    /// Whether the column belongs to the key whose columns precede it.
    fn belongs_to(&self, key: &[&Self]) -> bool {
        let first = key[0];
        let is_same_table = (&first.to_schema, &first.to_table) == (&self.to_schema, &self.to_table);
        let is_same_key = match (&self.constraint_name, self.position) {
            (Some(_), _) => true,
            (None, Some(position)) => position > 1,
            (None, None) => key.iter().all(|other| other.to_column != self.to_column),
        };
        is_same_table && first.constraint_name == self.constraint_name && is_same_key
    }

    /// Whether its key has to be inferred: older files of SQLite have neither constraint names nor positions.
    fn is_inferred(&self) -> bool {
        self.constraint_name.is_none() && self.position.is_none()
    }
}

/// Index of tables by schema and name in lower case, since some databases ignore letter case.
struct TableIndex<'a>(HashMap<(String, String), Vec<&'a Table>>);

impl<'a> TableIndex<'a> {
    fn new(tables: &'a [Table]) -> Self {
        let mut index: HashMap<_, Vec<_>> = HashMap::new();
        for table in tables {
            index.entry(fold_name(table.db.as_deref(), &table.name)).or_default().push(table);
        }
        Self(index)
    }

    /// Finds a table by its exact name, or else the only one whose name differs in letter case.
    fn find_table(&self, schema: Option<&str>, name: &str) -> Option<&'a Table> {
        let candidates = self.0.get(&fold_name(schema, name))?;
        let exact = candidates.iter().find(|table| table.db.as_deref() == schema && table.name == name);
        exact.or(candidates.first().filter(|_| candidates.len() == 1)).copied()
    }

    /// Resolves a foreign key; `None` if its target is not in the scan. Errors: a warning about a missing column.
    fn resolve_link(&self, table: &Table, key: &Key<'_>) -> Result<Option<Link>, String> {
        let schema = key[0].to_schema.as_deref().or(table.db.as_deref());
        let Some(target) = self.find_table(schema, &key[0].to_table) else { return Ok(None) };
        let Some(to_columns) = referenced_columns(key, target) else { return Ok(None) };
        let from_columns: Vec<_> = key.iter().map(|column| column.from_column.as_str()).collect();
        let missing = |owner: &Table, column: &str| {
            let (owner, from, to) = (owner.qualified_name(), table.qualified_name(), target.qualified_name());
            format!("{owner} has no column {column}, so that the foreign key from {from} to {to} is skipped")
        };
        let from_columns = table.resolve_columns(&from_columns).map_err(|column| missing(table, column))?;
        let to_columns = target.resolve_columns(&to_columns).map_err(|column| missing(target, column))?;
        if key.len() > 1 && key[0].is_inferred() && !target.has_primary_key(&to_columns) {
            return Ok(None);
        }
        let is_unique = table.has_primary_key(&from_columns);
        Ok(Some(Link {
            from_table: table.qualified_name(),
            from_columns,
            to_table: target.qualified_name(),
            to_columns,
            relationship_type: if is_unique { Relationship::OneToOne } else { Relationship::ManyToOne },
            constraint_name: key[0].constraint_name.clone(),
            enforced: key[0].enforced,
        }))
    }
}

fn fold_name(schema: Option<&str>, table: &str) -> (String, String) {
    (schema.unwrap_or_default().to_lowercase(), table.to_lowercase())
}

/// Returns the columns that a key refers to. Without column names, it refers to the primary key if that has one column.
fn referenced_columns<'a>(key: &Key<'a>, target: &'a Table) -> Option<Vec<&'a str>> {
    match (&key[..], &target.primary_key()[..]) {
        ([KeyColumn { to_column: None, .. }], [column]) => Some(vec![column]),
        _ => key.iter().map(|column| column.to_column.as_deref()).collect(),
    }
}

impl Table {
    /// Marks the columns of foreign keys.
    pub(super) fn with_marked_foreign_keys(mut self) -> Self {
        let names: HashSet<_> = self.foreign_keys.iter().map(|key| key.from_column.as_str()).collect();
        for column in &mut self.columns {
            column.foreign_key = names.contains(column.name.as_str());
        }
        self
    }

    pub(super) fn primary_key(&self) -> Vec<&str> {
        self.columns.iter().filter(|column| column.primary_key).map(|column| column.name.as_str()).collect()
    }

    pub(super) fn has_primary_key(&self, columns: &[String]) -> bool {
        let columns: HashSet<_> = columns.iter().map(String::as_str).collect();
        !columns.is_empty() && columns == self.primary_key().into_iter().collect()
    }

    /// Returns the names of columns in the letter case of the table. Errors: the first column that is missing.
    fn resolve_columns<'a>(&self, names: &[&'a str]) -> Result<Vec<String>, &'a str> {
        names.iter().map(|name| self.find_column(name).map(ToOwned::to_owned).ok_or(*name)).collect()
    }

    /// Finds a column by its exact name, or else the only one whose name differs in letter case.
    fn find_column(&self, name: &str) -> Option<&str> {
        letter_case::find(&self.columns, name, |column| &column.name).map(|column| column.name.as_str())
    }
}

#[cfg(test)]
mod tests;

//! From the foreign keys of scanned tables to links between tables, each with all columns of its key.

use super::table::{KeyColumn, Table};
use serde::Serialize;
use std::collections::{HashMap, HashSet};

/// A foreign key between two scanned tables, with the names of tables and columns as the database spells them.
#[derive(Debug, Serialize)]
pub(super) struct Link {
    from_table: String,
    from_columns: Vec<String>,
    to_table: String,
    to_columns: Vec<String>,
    relationship_type: Relationship,
    #[serde(skip_serializing_if = "Option::is_none")]
    constraint_name: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum Relationship {
    ManyToOne,
    OneToOne,
}

/// The links of all foreign keys that lead to a scanned table, and a sentence for each key whose columns are missing.
pub(super) fn links(tables: &[Table]) -> (Vec<Link>, Vec<String>) {
    let places = Places::new(tables);
    let (mut links, mut warnings) = (Vec::new(), Vec::new());
    for table in tables {
        for key in keys(&table.foreign_keys) {
            match places.link(table, &key) {
                Ok(link) => links.extend(link),
                Err(warning) => warnings.push(warning),
            }
        }
    }
    (links, warnings)
}

/// The columns of one foreign key, in the order of the key.
type Key<'a> = Vec<&'a KeyColumn>;

fn keys(columns: &[KeyColumn]) -> Vec<Key<'_>> {
    let mut keys: Vec<Key<'_>> = Vec::new();
    for column in columns {
        match keys.last_mut().filter(|key| column.continues(key)) {
            Some(key) => key.push(column),
            None => keys.push(vec![column]),
        }
    }
    keys
}

impl KeyColumn {
    fn continues(&self, key: &[&Self]) -> bool {
        let first = key[0];
        let is_same_table = (&first.to_schema, &first.to_table) == (&self.to_schema, &self.to_table);
        let is_same_key = match (&self.constraint_name, self.position) {
            (Some(_), _) => true,
            (None, Some(position)) => position > 1,
            (None, None) => key.iter().all(|other| other.to_column != self.to_column),
        };
        is_same_table && first.constraint_name == self.constraint_name && is_same_key
    }

    /// Whether the file does not say which key it belongs to: older files of SQLite have neither names nor positions.
    fn is_inferred(&self) -> bool {
        self.constraint_name.is_none() && self.position.is_none()
    }
}

/// Tables by schema and name in lower case: some databases ignore the letter case.
struct Places<'a>(HashMap<(String, String), Vec<&'a Table>>);

impl<'a> Places<'a> {
    fn new(tables: &'a [Table]) -> Self {
        let mut places: HashMap<_, Vec<_>> = HashMap::new();
        for table in tables {
            places.entry(folded(table.db.as_deref(), &table.name)).or_default().push(table);
        }
        Self(places)
    }

    /// The table in that letter case, else the only one in any other.
    fn table(&self, schema: Option<&str>, name: &str) -> Option<&'a Table> {
        let candidates = self.0.get(&folded(schema, name))?;
        let exact = candidates.iter().find(|table| table.db.as_deref() == schema && table.name == name);
        exact.or(candidates.first().filter(|_| candidates.len() == 1)).copied()
    }

    /// `None` for a key to a table outside of the scan. Errors: a sentence that names a missing column.
    fn link(&self, table: &Table, key: &Key<'_>) -> Result<Option<Link>, String> {
        let schema = key[0].to_schema.as_deref().or(table.db.as_deref());
        let Some(target) = self.table(schema, &key[0].to_table) else { return Ok(None) };
        let Some(to_columns) = referenced(key, target) else { return Ok(None) };
        let from_columns: Vec<_> = key.iter().map(|column| column.from_column.as_str()).collect();
        let missing = |place: &Table, column: &str| {
            let (place, from, to) = (place.qualified(), table.qualified(), target.qualified());
            format!("{place} has no column {column}, so the reference of {from} to {to} makes no join")
        };
        let from_columns = table.spelled(&from_columns).map_err(|column| missing(table, column))?;
        let to_columns = target.spelled(&to_columns).map_err(|column| missing(target, column))?;
        if key.len() > 1 && key[0].is_inferred() && !target.has_primary_key(&to_columns) {
            return Ok(None);
        }
        let is_unique = table.has_primary_key(&from_columns);
        Ok(Some(Link {
            from_table: table.qualified(),
            from_columns,
            to_table: target.qualified(),
            to_columns,
            relationship_type: if is_unique { Relationship::OneToOne } else { Relationship::ManyToOne },
            constraint_name: key[0].constraint_name.clone(),
        }))
    }
}

fn folded(schema: Option<&str>, table: &str) -> (String, String) {
    (schema.unwrap_or_default().to_lowercase(), table.to_lowercase())
}

/// The columns that a key refers to. Without names they are the primary key, if that has one column.
fn referenced<'a>(key: &Key<'a>, target: &'a Table) -> Option<Vec<&'a str>> {
    match (&key[..], &target.primary_key()[..]) {
        ([KeyColumn { to_column: None, .. }], [column]) => Some(vec![column]),
        _ => key.iter().map(|column| column.to_column.as_deref()).collect(),
    }
}

impl Table {
    fn primary_key(&self) -> Vec<&str> {
        self.columns.iter().filter(|column| column.primary_key).map(|column| column.name.as_str()).collect()
    }

    fn has_primary_key(&self, columns: &[String]) -> bool {
        let columns: HashSet<_> = columns.iter().map(String::as_str).collect();
        !columns.is_empty() && columns == self.primary_key().into_iter().collect()
    }

    /// The names of columns as the table spells them. Errors: the first that it does not have.
    fn spelled<'a>(&self, names: &[&'a str]) -> Result<Vec<String>, &'a str> {
        names.iter().map(|name| self.column(name).map(ToOwned::to_owned).ok_or(*name)).collect()
    }

    /// A column in that letter case, else the only one in any other.
    fn column(&self, name: &str) -> Option<&str> {
        let names = self.columns.iter().map(|column| column.name.as_str());
        names.clone().find(|other| *other == name).or_else(|| {
            let mut alike = names.filter(|other| other.to_lowercase() == name.to_lowercase());
            alike.next().filter(|_| alike.next().is_none())
        })
    }

    fn qualified(&self) -> String {
        self.db.as_ref().map_or_else(|| self.name.clone(), |db| format!("{db}.{}", self.name))
    }
}

#[cfg(test)]
mod tests;

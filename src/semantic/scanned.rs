//! The newest successful scan of a connection, as generation asks for it.
//!
//! Everything here blocks.

use crate::{
    error::{Code, Error, Result},
    ingest::newest_sync,
    order,
    project::{Project, inside},
};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    path::Path,
};

/// What was scanned.
#[derive(Debug)]
pub(super) struct Scanned {
    /// Folder of the scan below `raw-sources`.
    pub(super) sync_id: String,
    /// Tables and views, in the order of their files.
    pub(super) tables: Vec<Table>,
    /// References between them.
    pub(super) links: Vec<Link>,
}

/// A table as generation takes it; reads the staged file of one.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Table {
    pub(super) name: String,
    catalog: Option<String>,
    db: Option<String>,
    comment: Option<String>,
    columns: Vec<Column>,
    #[serde(skip_serializing, default)]
    foreign_keys: Vec<ForeignKey>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Column {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    primary_key: bool,
    nullable: bool,
    comment: Option<String>,
}

#[derive(Debug, Deserialize)]
struct ForeignKey {
    from_column: String,
    to_schema: Option<String>,
    to_table: String,
    to_column: Option<String>,
    constraint_name: Option<String>,
}

/// One column of a table that refers to one of another.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Link {
    from_table: String,
    from_column: String,
    to_table: String,
    to_column: String,
    relationship_type: &'static str,
}

/// Reads the newest successful scan. Errors: [`Code::ScanMissing`], [`Code::FileIo`].
pub(super) fn newest(project: &Project, connection_id: &str) -> Result<Scanned> {
    let missing = || {
        let message = format!("{connection_id} has not been scanned yet. Scan it with: ktx scan {connection_id}");
        Error::new(Code::ScanMissing, message)
    };
    let folder = newest_sync(&project.dir, connection_id)?.ok_or_else(missing)?;
    let tables = tables_in(project, &folder.join("tables"), connection_id)?;
    let links = links(&tables);
    Ok(Scanned { sync_id: folder.file_name().unwrap_or_default().to_string_lossy().into_owned(), tables, links })
}

/// A database without tables leaves no folder of them.
fn tables_in(project: &Project, dir: &Path, connection_id: &str) -> Result<Vec<Table>> {
    let mut paths = inside::list(&project.dir, dir)?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    order::sort(&mut paths);
    paths.iter().map(|path| table(project, path, connection_id)).collect()
}

fn table(project: &Project, path: &Path, connection_id: &str) -> Result<Table> {
    let text = inside::read_text(&project.dir, path)?.unwrap_or_default();
    serde_json::from_str(&text).map_err(|error| {
        let message =
            format!("{} cannot be understood: {error}. Scan again with: ktx scan {connection_id}", path.display());
        Error::new(Code::ScanMissing, message).caused_by(error)
    })
}

/// A link a column of each foreign key. Whoever makes joins of them takes the links between two tables for one key where
/// they lead to the whole primary key; a key of several columns that would not be understood so is left out, for a join
/// on a part of it would multiply rows.
fn links(tables: &[Table]) -> Vec<Link> {
    let by_place: HashMap<_, _> =
        tables.iter().map(|table| ((table.db.as_deref(), table.name.as_str()), table)).collect();
    let mut links = Vec::new();
    for table in tables {
        let all = table.keys();
        for keys in all.values() {
            let schema = keys[0].to_schema.as_deref().or(table.db.as_deref());
            let Some(target) = by_place.get(&(schema, keys[0].to_table.as_str())) else { continue };
            let siblings = all.values().filter(|other| other[0].to_table == keys[0].to_table).count();
            if keys.len() == 1 || (siblings == 1 && target.has_primary_key(keys)) {
                links.extend(keys.iter().filter_map(|key| link(table, key, target)));
            }
        }
    }
    links
}

fn link(table: &Table, key: &ForeignKey, target: &Table) -> Option<Link> {
    let to_column = match (&key.to_column, &target.primary_key()[..]) {
        (Some(column), _) => column.clone(),
        (None, [column]) => (*column).to_owned(),
        (None, _) => return None,
    };
    let is_unique = matches!(table.primary_key()[..], [column] if column == key.from_column);
    Some(Link {
        from_table: table.qualified(),
        from_column: key.from_column.clone(),
        to_table: target.qualified(),
        to_column,
        relationship_type: if is_unique { "one_to_one" } else { "many_to_one" },
    })
}

impl Table {
    fn primary_key(&self) -> Vec<&str> {
        self.columns.iter().filter(|column| column.primary_key).map(|column| column.name.as_str()).collect()
    }

    fn has_primary_key(&self, keys: &[&ForeignKey]) -> bool {
        let columns: HashSet<_> = keys.iter().filter_map(|key| key.to_column.as_deref()).collect();
        columns == self.primary_key().into_iter().collect()
    }

    fn qualified(&self) -> String {
        self.db.as_ref().map_or_else(|| self.name.clone(), |db| format!("{db}.{}", self.name))
    }

    /// The foreign keys, each with its columns. Where constraints have no names, the columns of one refer to different
    /// columns of the same table, and those of several refer to the same one.
    fn keys(&self) -> BTreeMap<(usize, &str), Vec<&ForeignKey>> {
        let mut grouped: BTreeMap<(usize, &str), Vec<&ForeignKey>> = BTreeMap::new();
        for (index, key) in self.foreign_keys.iter().enumerate() {
            let (first, name) = match &key.constraint_name {
                Some(name) => (self.first_with(|other| other.constraint_name.as_ref() == Some(name)), name.as_str()),
                None if self.is_part_of_several(key) => (self.first_with(|other| other.to_table == key.to_table), ""),
                None => (index, ""),
            };
            grouped.entry((first, name)).or_default().push(key);
        }
        grouped
    }

    fn first_with(&self, is_same: impl Fn(&ForeignKey) -> bool) -> usize {
        self.foreign_keys.iter().position(is_same).unwrap_or_default()
    }

    fn is_part_of_several(&self, key: &ForeignKey) -> bool {
        let siblings = self.foreign_keys.iter().filter(|other| other.to_table == key.to_table);
        siblings.map(|other| &other.to_column).collect::<HashSet<_>>().len() > 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    type Key<'a> = (&'a str, &'a str, Option<&'a str>, Option<&'a str>);

    fn table(name: &str, primary_key: &[&str], keys: &[Key<'_>]) -> Table {
        let keys: Vec<_> = keys
            .iter()
            .map(|(from, to, to_column, constraint)| {
                json!({ "from_column": from, "to_schema": "main", "to_table": to, "to_column": to_column, "constraint_name": constraint })
            })
            .collect();
        let columns: Vec<_> = primary_key
            .iter()
            .map(|name| json!({ "name": name, "type": "INTEGER", "primary_key": true, "nullable": false, "comment": null }))
            .collect();
        let table = json!({ "name": name, "catalog": null, "db": "main", "kind": "table", "comment": null, "columns": columns, "foreign_keys": keys });
        serde_json::from_value(table).unwrap()
    }

    fn found(primary_key: &[&str], keys: &[Key<'_>]) -> Vec<String> {
        let links = links(&[table("a", &["id"], keys), table("b", primary_key, &[])]);
        let text = |link: &Link| {
            format!(
                "{}.{} {}.{} {}",
                link.from_table, link.from_column, link.to_table, link.to_column, link.relationship_type
            )
        };
        links.iter().map(text).collect()
    }

    #[test]
    fn a_reference_of_one_column_is_a_link() {
        assert_eq!(found(&["id"], &[("b_id", "b", Some("id"), Some("fk"))]), ["main.a.b_id main.b.id many_to_one"]);
        assert_eq!(found(&["id"], &[("b_id", "b", None, None)]), ["main.a.b_id main.b.id many_to_one"]);
        assert_eq!(found(&["id"], &[("id", "b", Some("id"), None)]), ["main.a.id main.b.id one_to_one"]);
        assert_eq!(found(&["id"], &[("x", "b", Some("id"), None), ("y", "b", Some("id"), None)]).len(), 2);
        assert_eq!(found(&["id"], &[("id", "elsewhere", Some("id"), None)]).len(), 0);
    }

    #[test]
    fn a_reference_of_several_columns_is_linked_as_a_whole_or_not_at_all() {
        for constraint in [Some("fk"), None] {
            let keys = [("p", "b", Some("x"), constraint), ("q", "b", Some("y"), constraint)];
            assert_eq!(found(&["x", "y"], &keys).len(), 2);
            assert_eq!(found(&["x", "y", "z"], &keys).len(), 0);
        }
        let twice = [
            ("p", "b", Some("x"), Some("one")),
            ("q", "b", Some("y"), Some("one")),
            ("r", "b", Some("x"), Some("two")),
            ("s", "b", Some("y"), Some("two")),
        ];
        assert_eq!(found(&["x", "y"], &twice).len(), 0);
    }
}

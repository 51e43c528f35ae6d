//! The newest successful scan of a connection, as generation asks for it.
//!
//! Everything here blocks.

use crate::{
    error::{Code, Error, Result},
    files::read_text,
    ingest::newest_sync,
    project::Project,
};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fs,
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
    let tables = tables_in(&folder.join("tables"), connection_id)?;
    let links = links(&tables);
    Ok(Scanned { sync_id: folder.file_name().unwrap_or_default().to_string_lossy().into_owned(), tables, links })
}

fn tables_in(dir: &Path, connection_id: &str) -> Result<Vec<Table>> {
    let entries = fs::read_dir(dir).map_err(|error| Error::io("list", dir, error))?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path()).map_err(|error| Error::io("list", dir, error)));
    let mut paths = paths.collect::<Result<Vec<_>>>()?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    paths.iter().map(|path| table(path, connection_id)).collect()
}

fn table(path: &Path, connection_id: &str) -> Result<Table> {
    let text = read_text(path)?.unwrap_or_default();
    serde_json::from_str(&text).map_err(|error| {
        let message =
            format!("{} cannot be understood: {error}. Scan again with: ktx scan {connection_id}", path.display());
        Error::new(Code::ScanMissing, message).caused_by(error)
    })
}

/// References of one column each. A key of several columns would need them all at once, which a link cannot say.
fn links(tables: &[Table]) -> Vec<Link> {
    let by_place: HashMap<_, _> =
        tables.iter().map(|table| ((table.db.as_deref(), table.name.as_str()), table)).collect();
    let mut links = Vec::new();
    for table in tables {
        for keys in table.keys().into_values() {
            let [key] = keys[..] else { continue };
            let schema = key.to_schema.as_deref().or(table.db.as_deref());
            let Some(target) = by_place.get(&(schema, key.to_table.as_str())) else { continue };
            links.extend(link(table, key, target));
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
        from_table: table.name.clone(),
        from_column: key.from_column.clone(),
        to_table: target.name.clone(),
        to_column,
        relationship_type: if is_unique { "one_to_one" } else { "many_to_one" },
    })
}

impl Table {
    fn primary_key(&self) -> Vec<&str> {
        self.columns.iter().filter(|column| column.primary_key).map(|column| column.name.as_str()).collect()
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

    fn table(name: &str, keys: &[(&str, &str, Option<&str>, Option<&str>)]) -> Table {
        let keys: Vec<_> = keys
            .iter()
            .map(|(from, to, to_column, constraint)| {
                json!({ "from_column": from, "to_schema": "main", "to_table": to, "to_column": to_column, "constraint_name": constraint })
            })
            .collect();
        let columns =
            json!([{ "name": "id", "type": "INTEGER", "primary_key": true, "nullable": false, "comment": null }]);
        let table = json!({ "name": name, "catalog": null, "db": "main", "kind": "table", "comment": null, "columns": columns, "foreign_keys": keys });
        serde_json::from_value(table).unwrap()
    }

    fn found(keys: &[(&str, &str, Option<&str>, Option<&str>)]) -> Vec<String> {
        let links = links(&[table("a", keys), table("b", &[])]);
        links
            .iter()
            .map(|link| format!("{} {}.{} {}", link.from_column, link.to_table, link.to_column, link.relationship_type))
            .collect()
    }

    #[test]
    fn a_reference_of_one_column_is_a_link() {
        assert_eq!(found(&[("b_id", "b", Some("id"), Some("fk"))]), ["b_id b.id many_to_one"]);
        assert_eq!(found(&[("b_id", "b", None, None)]), ["b_id b.id many_to_one"]);
        assert_eq!(found(&[("id", "b", Some("id"), None)]), ["id b.id one_to_one"]);
        assert_eq!(found(&[("x", "b", Some("id"), None), ("y", "b", Some("id"), None)]).len(), 2);
        assert_eq!(found(&[("id", "elsewhere", Some("id"), None)]).len(), 0);
    }

    #[test]
    fn a_reference_of_several_columns_is_none() {
        assert_eq!(found(&[("x", "b", Some("id"), Some("fk")), ("y", "b", Some("other"), Some("fk"))]).len(), 0);
        assert_eq!(found(&[("x", "b", Some("id"), None), ("y", "b", Some("other"), None)]).len(), 0);
    }
}

//! The newest successful scan of a connection, as generation asks for it.
//!
//! Everything here blocks.

use crate::{
    error::{Code, Error, Result},
    ingest::newest_sync,
    project::{Project, format, inside},
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
    /// References that cannot be used, in sentences.
    pub(super) warnings: Vec<String>,
}

/// A table as generation takes it; reads the staged file of one.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Table {
    pub(super) name: String,
    pub(super) catalog: Option<String>,
    pub(super) db: Option<String>,
    /// Name of the source that the table has already.
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    pub(super) source_name: Option<String>,
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

#[derive(Debug, Clone, Deserialize)]
struct ForeignKey {
    from_column: String,
    to_schema: Option<String>,
    to_table: String,
    to_column: Option<String>,
    constraint_name: Option<String>,
    /// A column or the table that it names is not there.
    #[serde(skip)]
    is_broken: bool,
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
        Error::new(Code::ScanMissing, format!("{connection_id} has not been scanned yet"))
            .with_hint(format!("Scan it with: ktx scan {connection_id}"))
    };
    let folder = newest_sync(&project.dir, connection_id)?.ok_or_else(missing)?;
    let mut tables = tables_in(project, &folder.join("tables"), connection_id)?;
    let warnings = resolve(&mut tables);
    let links = links(&tables);
    let sync_id = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Scanned { sync_id, tables, links, warnings })
}

/// The tables of the newest successful scan, if there is one. Errors: as [`newest`].
pub(super) fn tables(project: &Project, connection_id: &str) -> Result<Option<Vec<Table>>> {
    let folder = newest_sync(&project.dir, connection_id)?;
    folder.map(|folder| tables_in(project, &folder.join("tables"), connection_id)).transpose()
}

/// A database without tables leaves no folder of them.
fn tables_in(project: &Project, dir: &Path, connection_id: &str) -> Result<Vec<Table>> {
    let mut paths = inside::list(&project.dir, dir)?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    paths.iter().map(|path| table(project, path, connection_id)).collect()
}

fn table(project: &Project, path: &Path, connection_id: &str) -> Result<Table> {
    let text = inside::read_text(&project.dir, path)?.unwrap_or_default();
    format::check_json(&path.display().to_string(), &text)?;
    serde_json::from_str(&text).map_err(|error| {
        Error::new(Code::ScanMissing, format!("{} cannot be understood: {error}", path.display()))
            .with_hint(format!("Scan again with: ktx scan {connection_id}"))
            .caused_by(error)
    })
}

/// Tables by schema and name in lower case.
type Places<'a> = HashMap<(String, String), Vec<&'a Table>>;

/// Writes the references as the tables and columns are written that they lead to: some databases do not mind the letter
/// case. Gives a sentence for each that leads to nothing.
fn resolve(tables: &mut [Table]) -> Vec<String> {
    let mut warnings = Vec::new();
    let mut places: Places<'_> = HashMap::new();
    for table in &*tables {
        places.entry(folded(table.db.as_deref(), &table.name)).or_default().push(table);
    }
    let resolved: Vec<Vec<_>> = tables
        .iter()
        .map(|table| table.foreign_keys.iter().map(|key| resolved(table, key, &places, &mut warnings)).collect())
        .collect();
    for (table, keys) in tables.iter_mut().zip(resolved) {
        table.foreign_keys = keys;
    }
    warnings
}

fn resolved(table: &Table, key: &ForeignKey, places: &Places<'_>, warnings: &mut Vec<String>) -> ForeignKey {
    let schema = key.to_schema.as_deref().or(table.db.as_deref());
    let alike = places.get(&folded(schema, &key.to_table)).map(Vec::as_slice).unwrap_or_default();
    let mut key = key.clone();
    let exact = alike.iter().find(|other| other.db.as_deref() == schema && other.name == key.to_table);
    let Some(target) = exact.or(alike.first().filter(|_| alike.len() == 1)) else {
        // What lies outside of the scan is no fault.
        return key;
    };
    (key.to_schema, key.to_table) = (target.db.clone(), target.name.clone());
    let from = table.column(&key.from_column);
    let to = key.to_column.as_ref().map(|column| target.column(column));
    if let (Some(from), None | Some(Some(_))) = (&from, &to) {
        key.from_column = (*from).to_owned();
        key.to_column = to.flatten().map(ToOwned::to_owned);
        return key;
    }
    let (place, column) = if from.is_none() {
        (table.qualified(), key.from_column.clone())
    } else {
        (target.qualified(), key.to_column.clone().unwrap_or_default())
    };
    let name = format!("the reference of {} to {}", table.qualified(), target.qualified());
    warnings.push(format!("{place} has no column {column}, so {name} makes no join"));
    key.is_broken = true;
    key
}

fn folded(schema: Option<&str>, table: &str) -> (String, String) {
    (schema.unwrap_or_default().to_lowercase(), table.to_lowercase())
}

/// The one item of that name: in the same letter case, else in any other.
fn one_of<'a, T>(items: impl Iterator<Item = &'a T> + Clone, name: fn(&T) -> &String, wanted: &str) -> Option<&'a T> {
    items.clone().find(|item| name(item) == wanted).or_else(|| {
        let mut alike = items.filter(|item| name(item).to_lowercase() == wanted.to_lowercase());
        alike.next().filter(|_| alike.next().is_none())
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
            if keys.iter().any(|key| key.is_broken) {
                // Without a name of the constraint it may be several, of which some are sound.
                let sound =
                    keys.iter().filter(|key| key.constraint_name.is_none() && key.is_whole_reference_to(target));
                links.extend(sound.filter_map(|key| link(table, key, target)));
                continue;
            }
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

impl ForeignKey {
    /// Whether it alone leads to one row of the table.
    fn is_whole_reference_to(&self, target: &Table) -> bool {
        !self.is_broken && target.has_primary_key(&[self])
    }
}

impl Table {
    fn primary_key(&self) -> Vec<&str> {
        self.columns.iter().filter(|column| column.primary_key).map(|column| column.name.as_str()).collect()
    }

    fn has_primary_key(&self, keys: &[&ForeignKey]) -> bool {
        let columns: HashSet<_> = keys.iter().filter_map(|key| key.to_column.as_deref()).collect();
        columns == self.primary_key().into_iter().collect()
    }

    /// The name of a column as the table has it.
    fn column(&self, name: &str) -> Option<&str> {
        one_of(self.columns.iter(), |column| &column.name, name).map(|column| column.name.as_str())
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
        let mut all: Vec<_> = keys.iter().map(|key| key.0).filter(|name| *name != "id").collect();
        all.push("id");
        let mut tables = [table("a", &all, keys), table("b", primary_key, &[])];
        for column in &mut tables[0].columns {
            column.primary_key = column.name == "id";
        }
        warned(&mut tables)
    }

    fn warned(tables: &mut [Table]) -> Vec<String> {
        let warnings = resolve(tables);
        let links = links(tables);
        let text = |link: &Link| {
            format!(
                "{}.{} {}.{} {}",
                link.from_table, link.from_column, link.to_table, link.to_column, link.relationship_type
            )
        };
        links.iter().map(text).chain(warnings).collect()
    }

    #[test]
    fn another_letter_case_is_understood_and_what_is_not_there_is_left_out() {
        let found = |keys: &[Key<'_>]| {
            let tables = [table("Orders", &["Id", "Customer", "x", "X"], keys), table("Customers", &["Id", "y"], &[])];
            let mut tables = tables;
            tables[1].columns[1].primary_key = false;
            warned(&mut tables)
        };
        let link = "main.Orders.Customer main.Customers.Id many_to_one";
        for (from, to, column) in [
            ("customer", "customers", Some("ID")),
            ("CUSTOMER", "CUSTOMERS", Some("id")),
            ("Customer", "Customers", Some("Id")),
            ("customer", "customers", None),
        ] {
            assert_eq!(found(&[(from, to, column, None)]), [link], "{from} {to}");
        }
        assert_eq!(found(&[("x", "customers", Some("id"), None)]), ["main.Orders.x main.Customers.Id many_to_one"]);
        assert_eq!(found(&[("customer", "elsewhere", Some("id"), None)]).len(), 0);
        let missing =
            "main.Customers has no column nr, so the reference of main.Orders to main.Customers makes no join";
        let pair = [("customer", "customers", Some("id"), Some("k")), ("x", "customers", Some("nr"), Some("k"))];
        assert_eq!(found(&pair), [missing]);
        let (sound, broken) = (("customer", "customers", Some("id"), None), ("x", "customers", Some("nr"), None));
        assert_eq!(found(&[sound, broken]), [link, missing]);
        assert_eq!(found(&[broken, ("X", "customers", Some("y"), None)]), [missing]);
        assert_eq!(
            found(&[("customer", "customers", Some("id"), None), ("z", "customers", Some("id"), Some("o"))]).len(),
            2
        );
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

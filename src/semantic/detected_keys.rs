//! Adds accepted keys and relationships of the newest detection to the tables and links of a scan, for the generation of
//! sources.

use super::{
    foreign_keys::{Link, Relationship},
    relationships::{ListedKey, ListedRelationship, ScannedColumns, read_all},
    table::Table,
};
use crate::{error::Result, project::Project};
use serde_json::Value;

const ACCEPTED: &str = "accepted";
/// Kind of evidence that equal values were counted.
const REPEATED: &str = "repeated";
const TARGET: &str = "target of a relationship";

/// Adds the accepted keys as grains of tables without a declared one, and the accepted relationships as links. Returns
/// warnings. Profile facts have to be there. Blocks.
pub(super) fn add_detected_keys(
    project: &Project,
    connection_id: &str,
    tables: &mut [Table],
    links: &mut Vec<Link>,
) -> Result<Vec<String>> {
    let scanned = ScannedColumns::new(connection_id, tables);
    let Some(found) = read_all(project, connection_id, &scanned)? else { return Ok(Vec::new()) };
    let mut detected = Detected { scanned, tables, warnings: found.warnings };
    for key in found.keys.iter().filter(|key| key.status == ACCEPTED) {
        detected.add_grain(key);
    }
    for link in found.relationships.iter().filter(|link| link.declared) {
        detected.remove_repeated(link, links);
    }
    let accepted = found.relationships.iter().filter(|link| link.status == ACCEPTED && !link.declared);
    links.extend(accepted.filter_map(|link| detected.link(link)).collect::<Vec<_>>());
    Ok(detected.warnings)
}

struct Detected<'a> {
    scanned: ScannedColumns,
    tables: &'a mut [Table],
    warnings: Vec<String>,
}

impl Detected<'_> {
    /// Finds columns of the scan; `None` if it does not have them any more.
    fn find(&self, table: &str, columns: &[String]) -> Option<(usize, Vec<String>)> {
        let (position, found) = self.scanned.position(table, columns)?;
        Some((position, found.columns))
    }

    /// The first accepted key of a table is its grain.
    fn add_grain(&mut self, key: &ListedKey) {
        let Some((position, columns)) = self.find(&key.table, &key.columns) else { return };
        let table = &self.tables[position];
        let is_free = table.primary_key().is_empty() && table.grain.is_empty();
        if is_free && !table.may_be_null(&columns) && !self.is_repeated(position, (&columns, &key.evidence), "key") {
            self.tables[position].grain = columns;
        }
    }

    /// Removes a declared link that the database does not enforce, and whose target repeats.
    fn remove_repeated(&mut self, found: &ListedRelationship, links: &mut Vec<Link>) {
        let from = self.find(&found.from.table, &found.from.columns);
        let to = self.find(&found.to.table, &found.to.columns);
        let (Some((from, from_columns)), Some((to, to_columns))) = (from, to) else { return };
        let (from, to_table) = (self.tables[from].qualified_name(), self.tables[to].qualified_name());
        let is_same = |link: &Link| {
            let from_side = link.from_table == from && link.from_columns == from_columns;
            from_side && link.to_table == to_table && link.to_columns == to_columns && link.enforced == Some(false)
        };
        if links.iter().any(is_same) && self.is_repeated(to, (&to_columns, &found.evidence), TARGET) {
            links.retain(|link| !is_same(link));
        }
    }

    fn link(&mut self, found: &ListedRelationship) -> Option<Link> {
        let (from, from_columns) = self.find(&found.from.table, &found.from.columns)?;
        let (to, to_columns) = self.find(&found.to.table, &found.to.columns)?;
        if self.is_repeated(to, (&to_columns, &found.evidence), TARGET) {
            return None;
        }
        if from_columns.len() != to_columns.len() || (from, &from_columns) == (to, &to_columns) {
            self.warnings.push(format!(
                "The relationship from {} ({}) to {} ({}) is left out, as it does not pair columns of two sides",
                found.from.table,
                from_columns.join(", "),
                found.to.table,
                to_columns.join(", ")
            ));
            return None;
        }
        let from = &mut self.tables[from];
        // Few rows may be unique by accident. Only a key is so by intent.
        let is_one_to_one = found.cardinality == "one_to_one" && from.is_key(&from_columns);
        for column in from.columns.iter_mut().filter(|column| from_columns.contains(&column.name)) {
            column.foreign_key = true;
        }
        let (from_table, to_table) = (from.qualified_name(), self.tables[to].qualified_name());
        let relationship_type = if is_one_to_one { Relationship::OneToOne } else { Relationship::ManyToOne };
        Some(Link {
            from_table,
            from_columns,
            to_table,
            to_columns,
            relationship_type,
            constraint_name: None,
            enforced: None,
        })
    }

    /// Whether the newest profile, or the count of the detection, shows that columns repeat, which is a warning.
    fn is_repeated(&mut self, position: usize, (columns, evidence): (&[String], &[Value]), what: &str) -> bool {
        let table = &self.tables[position];
        let profiled = if let [name] = columns { table.repetition(name) } else { None };
        let counted = evidence.iter().find(|signal| signal["kind"] == REPEATED);
        let table = table.qualified_name();
        let Some((distinct, values)) = profiled else {
            let Some(text) = counted.and_then(|signal| signal["text"].as_str()) else { return false };
            let columns = columns.join(", ");
            self.warnings.push(format!("{text}, so that {columns} of {table} is left out as {what}"));
            return true;
        };
        let name = &columns[0];
        self.warnings.push(format!(
            "{name} of {table} has {distinct} distinct values in {values} rows, so that it is left out as {what}"
        ));
        true
    }
}

impl Table {
    /// Whether columns are the primary key or the grain.
    fn is_key(&self, columns: &[String]) -> bool {
        let is_grain = columns.len() == self.grain.len() && columns.iter().all(|column| self.grain.contains(column));
        self.has_primary_key(columns) || (!columns.is_empty() && is_grain)
    }

    /// Whether rows may have NULL in one of the columns: a unique constraint allows many such rows.
    fn may_be_null(&self, columns: &[String]) -> bool {
        let of_key = self.columns.iter().filter(|column| columns.contains(&column.name));
        of_key.into_iter().any(|column| column.facts.as_ref().map_or(column.nullable, |facts| facts.nulls > 0))
    }

    /// Numbers of distinct values and of rows with a value, if the newest profile shows that a column repeats.
    fn repetition(&self, name: &str) -> Option<(u64, u64)> {
        let facts = self.columns.iter().find(|column| column.name == name)?.facts.as_ref()?;
        let values = self.rows?.saturating_sub(facts.nulls);
        (facts.distinct_exact && facts.distinct < values).then_some((facts.distinct, values))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::semantic::{files::tests::project, foreign_keys::resolve_links, newest_scan, table::ColumnFacts};
    use serde_json::json;
    use std::{fs, path::Path};

    /// Writes a sync with the tables `customers` and `orders` without declared keys.
    fn write_sync(dir: &Path, detection: &Value) {
        let sync = dir.join("raw-sources/shop/live-database/1");
        fs::create_dir_all(sync.join("tables")).unwrap();
        for (name, columns) in [("customers", ["id", "code"]), ("orders", ["customer_id", "line"])] {
            let column =
                |name| json!({ "name": name, "type": "int", "nullable": name == "code", "primary_key": false });
            let table = json!({ "name": name, "db": "s", "columns": columns.map(column) });
            fs::write(sync.join(format!("tables/s.{name}.json")), table.to_string()).unwrap();
        }
        fs::write(sync.join("relationships.json"), detection.to_string()).unwrap();
    }

    fn key(table: &str, columns: &[&str], status: &str) -> Value {
        json!({ "table": table, "columns": columns, "status": status, "score": 1, "declared": false, "evidence": [] })
    }

    fn relationship(status: &str, cardinality: &str, declared: bool) -> Value {
        json!({ "from": { "table": "s.orders", "columns": ["customer_id"] }, "to": { "table": "s.customers", "columns": ["id"] },
            "status": status, "cardinality": cardinality, "score": 1, "declared": declared, "evidence": [] })
    }

    /// Returns the tables and links of a generation with a detection, and its warnings.
    fn add(keys: &[Value], relationships: &[Value], distinct_ids: u64) -> (Vec<Table>, Vec<Link>, Vec<String>) {
        let dir = tempfile::tempdir().unwrap();
        write_sync(dir.path(), &json!({ "relationships": relationships, "keys": keys }));
        let project = project(dir.path());
        let mut tables = newest_scan::read(&project, "shop").unwrap().tables;
        let (mut links, _) = resolve_links(&tables);
        tables[0].rows = Some(9);
        let facts = ColumnFacts { distinct: distinct_ids, distinct_exact: true, ..ColumnFacts::default() };
        tables[0].columns[0].facts = Some(facts);
        let warnings = add_detected_keys(&project, "shop", &mut tables, &mut links).unwrap();
        (tables, links, warnings)
    }

    #[test]
    fn accepted_keys_become_grains_and_accepted_relationships_links() {
        let keys = [
            key("s.customers", &["code"], "review"),
            key("s.customers", &["id"], "accepted"),
            key("s.customers", &["code"], "accepted"),
            key("s.orders", &["customer_id", "line"], "accepted"),
            key("s.gone", &["id"], "accepted"),
        ];
        let (tables, links, warnings) = add(&keys, &[relationship("accepted", "many_to_one", false)], 9);
        assert_eq!(tables.iter().map(|table| table.grain.join(" ")).collect::<Vec<_>>(), ["id", "customer_id line"]);
        let sent = serde_json::to_value(&links).unwrap();
        let expected = json!([{ "from_table": "s.orders", "from_columns": ["customer_id"], "to_table": "s.customers",
            "to_columns": ["id"], "relationship_type": "many_to_one" }]);
        assert_eq!((sent, warnings), (expected, Vec::<String>::new()));
        assert!(tables[1].columns[0].foreign_key && !tables[1].columns[1].foreign_key);
    }

    #[test]
    fn other_relationships_are_no_links() {
        for found in [
            relationship("review", "many_to_one", false),
            relationship("rejected", "many_to_one", false),
            relationship("accepted", "many_to_one", true),
        ] {
            assert!(add(&[], std::slice::from_ref(&found), 9).1.is_empty(), "{found}");
        }
    }

    #[test]
    fn one_to_one_needs_a_key() {
        let found = [relationship("accepted", "one_to_one", false)];
        let kind =
            |keys: &[Value]| serde_json::to_value(&add(keys, &found, 9).1).unwrap()[0]["relationship_type"].clone();
        assert_eq!(kind(&[]), "many_to_one");
        assert_eq!(kind(&[key("s.orders", &["customer_id"], "accepted")]), "one_to_one");
    }

    #[test]
    fn nullable_columns_are_no_grain() {
        assert!(add(&[key("s.customers", &["code"], "accepted")], &[], 9).0[0].grain.is_empty());
        assert!(add(&[key("s.customers", &["id", "code"], "accepted")], &[], 9).0[0].grain.is_empty());
    }

    #[test]
    fn relationship_of_different_numbers_of_columns_is_a_warning() {
        let mut found = relationship("accepted", "many_to_one", false);
        found["from"]["columns"] = json!(["customer_id", "line"]);
        let (_, links, warnings) = add(&[], &[found], 9);
        assert!(links.is_empty());
        assert!(warnings[0].starts_with("The relationship from s.orders (customer_id, line) to s.customers (id)"));
    }

    #[test]
    fn target_that_repeats_is_a_warning() {
        let found = [relationship("accepted", "many_to_one", false)];
        let (tables, links, warnings) = add(&[key("s.customers", &["id"], "accepted")], &found, 8);
        assert!(tables[0].grain.is_empty() && links.is_empty());
        assert_eq!(warnings.len(), 2);
        assert!(warnings[1].starts_with("id of s.customers has 8 distinct values in 9 rows"), "{warnings:?}");
    }

    #[test]
    fn accepted_target_without_rows_stays_a_link() {
        let mut found = relationship("accepted", "many_to_one", false);
        found["evidence"] = json!([{ "kind": "inclusion", "text": "20 rows refer to none", "value": 0 }]);
        let (_, links, warnings) = add(&[], &[found], 9);
        assert_eq!((links.len(), warnings), (1, Vec::new()));
    }

    #[test]
    fn counted_target_that_repeats_is_a_warning() {
        let mut found = relationship("accepted", "many_to_one", false);
        found["evidence"] =
            json!([{ "kind": "repeated", "text": "The target has 5 distinct values in 9 rows", "value": 0.5 }]);
        let (_, links, warnings) = add(&[], &[found], 9);
        assert!(links.is_empty());
        let expected = "The target has 5 distinct values in 9 rows, so that id of s.customers is left out as target of a relationship";
        assert_eq!(warnings, [expected]);
    }
}

//! Adds the facts of profiles to the tables of a scan, for the generation of sources.

use super::{
    column::Scalar,
    table::{Column, ColumnFacts, Table},
};
use crate::{
    error::Result,
    ingest::profile::{ProfiledSyncs, StagedColumn, StagedProfile, TableIdentity},
    project::Project,
};
use serde_json::Value;

/// Adds the facts of the newest profiles. Tables without a profile are unchanged. Blocks.
pub(super) fn add_profile_facts(project: &Project, connection_id: &str, tables: &mut [Table]) -> Result<()> {
    let syncs = ProfiledSyncs::of(project, connection_id)?;
    for table in tables {
        if let Some(found) = syncs.find(&TableIdentity::from(&*table))? {
            add_facts(table, found.profile);
        }
    }
    Ok(())
}

fn add_facts(table: &mut Table, profile: StagedProfile) {
    table.rows = profile.measured_rows();
    let is_sample = profile.sampled_rows.is_some();
    for (column, StagedColumn { facts, .. }) in table.columns.iter_mut().zip(profile.columns) {
        // A sample may lack values of the table.
        let values = facts.values.filter(|_| facts.values_complete && !is_sample).unwrap_or_default();
        column.facts = Some(ColumnFacts {
            nulls: facts.nulls,
            distinct: facts.distinct,
            distinct_exact: facts.distinct_exact && !is_sample,
            min: facts.min.and_then(scalar),
            max: facts.max.and_then(scalar),
            formats: facts.formats.into_iter().map(|format| format.kind).collect(),
            values: values.into_iter().filter_map(|found| scalar(found.value)).collect(),
        });
    }
}

fn scalar(value: Value) -> Option<Scalar> {
    match value {
        Value::Bool(value) => Some(Scalar::Boolean(value)),
        Value::Number(value) => Some(Scalar::Number(value)),
        Value::String(value) => Some(Scalar::String(value)),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

impl<'a> From<&'a Table> for TableIdentity<'a> {
    fn from(table: &'a Table) -> Self {
        let column = |column: &'a Column| (column.name.as_str(), column.kind.as_str());
        Self {
            catalog: table.catalog.as_deref(),
            db: table.db.as_deref(),
            name: &table.name,
            columns: table.columns.iter().filter(|column| column.readable != Some(false)).map(column).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::semantic::{files::tests::project, newest_scan};
    use serde_json::{json, to_value};
    use std::{fs, path::Path};

    /// Writes a sync in which the table `orders` has a profile.
    fn write_sync(dir: &Path, sync: &str, profile: &Value) {
        let columns = json!([{ "name": "id", "type": "int", "nullable": false, "primary_key": false },
            { "name": "status", "type": "text", "nullable": true, "primary_key": false }]);
        let table = json!({ "catalog": null, "db": "s", "name": "orders", "kind": "table", "columns": columns });
        for (folder, content) in [("tables", &table), ("profiles", profile)] {
            let folder = dir.join("raw-sources/shop/live-database").join(sync).join(folder);
            fs::create_dir_all(&folder).unwrap();
            if !content.is_null() {
                fs::write(folder.join("s.orders.json"), content.to_string()).unwrap();
            }
        }
    }

    fn profile(status: &str, changes: &Value) -> Value {
        let mut facts = json!({ "name": "status", "type": "text", "nulls": 1, "distinct": 2, "distinct_exact": true,
            "values_complete": true, "values": [{ "value": status, "count": 3 }, { "value": "open", "count": 1 }] });
        facts.as_object_mut().unwrap().extend(changes["status"].as_object().cloned().unwrap_or_default());
        let id = json!({ "name": "id", "type": "int", "nulls": 0, "distinct": 4, "distinct_exact": true, "min": 1, "max": 4 });
        json!({ "catalog": null, "db": "s", "name": "orders", "rows": 5, "rows_exact": true, "columns": [id, facts],
            "sampled_rows": changes["sampled_rows"] })
    }

    fn facts(dir: &Path) -> Value {
        let project = project(dir);
        let mut tables = newest_scan::read(&project, "shop").unwrap().tables;
        add_profile_facts(&project, "shop", &mut tables).unwrap();
        to_value(&tables[0]).unwrap()
    }

    #[test]
    fn newest_profile_of_the_columns_is_used() {
        let dir = tempfile::tempdir().unwrap();
        write_sync(dir.path(), "1", &profile("paid", &Value::Null));
        write_sync(dir.path(), "2", &profile("sent", &json!({ "status": { "type": "varchar" } })));
        write_sync(dir.path(), "3", &Value::Null);
        let table = facts(dir.path());
        let expected =
            json!({ "nulls": 1, "distinct": 2, "distinct_exact": true, "formats": [], "values": ["paid", "open"] });
        assert_eq!((&table["rows"], &table["columns"][1]["facts"]), (&json!(5), &expected));
        assert_eq!(
            (&table["columns"][0]["facts"]["min"], &table["columns"][0]["facts"]["max"]),
            (&json!(1), &json!(4))
        );
    }

    #[test]
    fn values_of_a_sample_and_of_a_sensitive_column_are_not_used() {
        let sensitive = json!({ "class": "email", "by": "content", "evidence": "e" });
        for changes in [
            json!({ "sampled_rows": 4 }),
            json!({ "status": { "sensitive": sensitive } }),
            json!({ "status": { "values_complete": false } }),
        ] {
            let dir = tempfile::tempdir().unwrap();
            write_sync(dir.path(), "1", &profile("paid", &changes));
            let table = facts(dir.path());
            assert_eq!(table["columns"][1]["facts"]["values"], json!([]), "{changes}");
            assert_eq!(table["columns"][0]["facts"]["distinct_exact"], changes["sampled_rows"].is_null(), "{changes}");
        }
    }
}

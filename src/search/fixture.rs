//! A project with the scan of a shop, for tests.

use super::{
    document::Kind,
    request::{SearchAnswer, SearchRequest},
    run::search,
    storage::IndexPaths,
};
use crate::project::Project;
use serde_json::{Value, json};
use std::{fs, path::PathBuf};

/// A `ktx.yaml` without a policy.
pub(super) const CONFIG: &str = "connections: { shop: { driver: sqlite } }";

/// A project with a scan of a shop.
pub(super) struct Shop {
    pub(super) dir: tempfile::TempDir,
    pub(super) project: Project,
}

impl Shop {
    pub(super) fn new(config: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let shop = Self { project: Project::parsed(dir.path(), config), dir };
        shop.write("ktx.yaml", config);
        shop.table(
            "orders",
            "one row for each order",
            &["order_id", "cust_nbr", "seg_cd", "total_amt"],
            Some("customers"),
        );
        shop.table("customers", "people who buy", &["cust_id", "emailAddress", "first_name"], None);
        shop.table("refund_tx", "money given back", &["refund_id", "order_id", "reason"], Some("orders"));
        shop.table("warehouse", "", &["id", "city"], None);
        shop.profile("orders", &json!({ "seg_cd": [["Enterprise", 3120], ["smb", 12]] }));
        shop
    }

    pub(super) fn path(&self, path: &str) -> PathBuf {
        self.dir.path().join(path)
    }

    pub(super) fn write(&self, path: &str, text: &str) {
        fs::create_dir_all(self.path(path).parent().unwrap()).unwrap();
        fs::write(self.path(path), text).unwrap();
    }

    pub(super) fn table(&self, name: &str, comment: &str, columns: &[&str], refers_to: Option<&str>) {
        let column = |name: &&str| json!({ "name": name, "type": "text", "nullable": true, "primary_key": false, "comment": null });
        let columns: Vec<_> = columns.iter().map(column).collect();
        let keys: Value = refers_to.map_or(json!([]), |to| {
            let target = if to == "orders" { "order_id" } else { "cust_id" };
            json!([{ "from_column": columns[1]["name"], "to_schema": "s", "to_table": to, "to_column": target }])
        });
        let table = json!({ "catalog": null, "db": "s", "name": name, "kind": "table", "comment": comment, "columns": columns,
            "foreign_keys": keys });
        self.write(&format!("raw-sources/shop/live-database/1/tables/s.{name}.json"), &table.to_string());
    }

    pub(super) fn profile(&self, table: &str, values: &Value) {
        let file = self.path(&format!("raw-sources/shop/live-database/1/tables/s.{table}.json"));
        let scanned: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
        let facts = |column: &Value| {
            let pairs = values[column["name"].as_str().unwrap()].as_array().cloned().unwrap_or_default();
            let values: Vec<_> = pairs.iter().map(|pair| json!({ "value": pair[0], "count": pair[1] })).collect();
            json!({ "name": column["name"], "type": "text", "nulls": 0, "distinct": 2, "distinct_exact": true, "values": values })
        };
        let columns: Vec<_> = scanned["columns"].as_array().unwrap().iter().map(facts).collect();
        let profile =
            json!({ "catalog": null, "db": "s", "name": table, "rows": 5000, "rows_exact": true, "columns": columns });
        self.write(&format!("raw-sources/shop/live-database/1/profiles/s.{table}.json"), &profile.to_string());
    }

    pub(super) fn search(&self, query: &str, kinds: &[Kind]) -> SearchAnswer {
        let request = SearchRequest { query: query.into(), kinds: kinds.to_vec(), ..SearchRequest::default() };
        search(&self.project, &request).unwrap()
    }

    /// The first hit of a kind.
    pub(super) fn first(&self, query: &str, kind: Kind) -> String {
        self.search(query, &[kind]).hits.first().map_or_else(String::new, |hit| hit.name.clone())
    }

    pub(super) fn index(&self) -> PathBuf {
        IndexPaths::new(&self.project).file()
    }
}

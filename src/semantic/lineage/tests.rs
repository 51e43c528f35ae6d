use super::find::{WITHOUT, find_lineage};
use crate::{error::Error, ports::JsonRunner, project::Project, semantic::files::tests::project};
use serde_json::{Value, json};
use std::{fs, path::Path, sync::Arc};

/// Answers with the tables that the statement lists after `reads`; one without it cannot be parsed.
struct Parser;

impl JsonRunner for Parser {
    type Error = Error;

    async fn request(&self, _: &str, payload: String) -> Result<String, Error> {
        let request: Value = serde_json::from_str(&payload).unwrap();
        let result = |item: &Value| {
            let tables = item["sql"].as_str().unwrap().strip_prefix("reads ");
            let table = |text: &str| match text.split_once('.') {
                Some((db, name)) => json!({ "catalog": null, "db": db, "name": name }),
                None => json!({ "catalog": null, "db": null, "name": text }),
            };
            let touched: Vec<_> = tables.iter().flat_map(|text| text.split(' ')).map(table).collect();
            let error = tables.is_none().then_some("no");
            let key = item["id"].as_str().unwrap().to_owned();
            (key, json!({ "tables_touched": touched, "columns_by_clause": {}, "error": error }))
        };
        let results: serde_json::Map<_, _> = request["items"].as_array().unwrap().iter().map(result).collect();
        Ok(json!({ "results": results }).to_string())
    }
}

fn write(dir: &Path, path: &str, text: &str) {
    fs::create_dir_all(dir.join(path).parent().unwrap()).unwrap();
    fs::write(dir.join(path), text).unwrap();
}

fn table(dir: &Path, db: &str, name: &str, definition: Option<&str>) {
    let kind = if definition.is_some() { "view" } else { "table" };
    let table = json!({ "name": name, "catalog": null, "db": db, "kind": kind, "comment": null, "columns": [],
        "definition": definition });
    write(dir, &format!("raw-sources/shop/live-database/1/tables/{db}.{name}.json"), &table.to_string());
}

async fn lineage(dir: &Path, name: &str) -> Value {
    let found = find_lineage(&Arc::new(project(dir)), "shop", name, &Parser).await.unwrap();
    serde_json::to_value(found).unwrap()
}

#[tokio::test]
async fn views_are_followed_and_what_is_not_known_is_said() {
    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path();
    for (db, name) in [("s", "orders"), ("s", "days"), ("old", "days")] {
        table(dir, db, name, None);
    }
    table(dir, "s", "monthly", Some("reads s.ORDERS s.monthly far.away"));
    table(dir, "s", "yearly", Some("reads s.monthly s.strange days"));
    table(dir, "s", "strange", Some("?"));
    write(dir, "semantic-layer/shop/daily.yaml", "name: daily\nsql: reads s.orders\ngrain: [day]\n");
    let orders = lineage(dir, "orders").await;
    assert_eq!(orders["upstream"], json!([]));
    assert_eq!(
        orders["downstream"],
        json!([{ "steps": 1, "table": "s.monthly" }, { "steps": 2, "table": "s.yearly" }])
    );
    assert_eq!(orders["usedBy"], json!(["source daily"]));
    assert_eq!(
        orders["unknown"],
        json!([
            format!("These views may read it, too: s.strange{WITHOUT}"),
            "These names are those of several tables: days in s.yearly",
        ])
    );
    let yearly = lineage(dir, "yearly").await;
    let direct = json!([{ "steps": 1, "table": "s.monthly" }, { "steps": 1, "table": "s.strange" },
        { "steps": 2, "table": "far.away", "scanned": false }, { "steps": 2, "table": "s.orders" }]);
    assert_eq!(yearly["upstream"], direct);
    assert_eq!(yearly["unknown"][0], format!("What these views read is not known: s.strange{WITHOUT}"));
}

#[tokio::test]
async fn explores_and_the_query_history_use_a_table() {
    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path();
    table(dir, "s", "orders", None);
    let physical = json!({ "view": "orders", "ok": true, "schema": "s", "name": "Orders", "connection": "shop" });
    let explore = json!({ "name": "sales", "model_name": "retail", "physicalTables": [physical] });
    write(dir, "raw-sources/lk/looker/1/explores/retail.sales.json", &explore.to_string());
    let config = "connections: { shop: { driver: postgres }, lk: { driver: looker } }";
    let project = Arc::new(Project::parsed(dir, config));
    let found = find_lineage(&project, "shop", "orders", &Parser).await.unwrap();
    assert_eq!(found.used_by, ["explore retail.sales"]);
}

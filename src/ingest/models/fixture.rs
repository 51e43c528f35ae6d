//! An explore of the tests: orders with two joined views, of which one is in another connection.

use crate::ingest::adapters::looker::StagedExplore;
use serde_json::{Value, json};

/// The explore with some joins.
pub(super) fn explore(joins: &[Value]) -> StagedExplore {
    let dimension = |name: &str, kind: &str, sql: &str, description: &str| {
        json!({ "name": name, "type": kind, "sql": sql, "description": description,
            "primary_key": name.ends_with(".id") })
    };
    let table = |alias: &str, name: &str, connection: &str| {
        json!({ "view": name, "alias": alias, "ok": true, "catalog": null, "schema": "s", "name": name,
            "connection": connection })
    };
    let explore = json!({
        "description": " Sales of the shop\n",
        "joins": joins,
        "fields": { "dimensions": [
            dimension("orders.customer_id", "number", "${TABLE}.customer_id ", "Who pays"),
            dimension("orders.customer", "string", "${customer_id}", ""),
            dimension("orders.region", "string", "${TABLE}.region", ""),
            dimension("orders.day", "date_date", "${TABLE}.created_at", "When it was placed"),
            dimension("orders.total", "number", "${TABLE}.price * ${TABLE}.quantity", "Without tax"),
            dimension("orders.level", "tier", "${TABLE}.price", "Small or large"),
            dimension("orders.level_number", "number", "${level}", "Number of the level"),
            dimension("orders.day_text", "string", "${day}", ""),
            dimension("orders.hidden_reference", "number", "${unstaged}", ""),
            dimension("orders.moment", "date_raw", "${TABLE}.created_at", ""),
            dimension("orders.loop", "number", "${loop}", ""),
            dimension("buyers.id", "number", "${TABLE}.\"customer id\"", ""),
            dimension("buyers.region", "string", "${TABLE}.region", ""),
            dimension("elsewhere.id", "number", "${TABLE}.id", "Not of this connection"),
        ] },
        "physicalTables": [
            table("orders", "orders", "w"), table("buyers", "customers", "w"), table("elsewhere", "people", "x"),
        ],
    });
    serde_json::from_value(explore).unwrap()
}

//! Adds referenced queries to tiles (merged queries with their source queries, and queries of SQL Runner), and to every
//! query its connection and table.

use super::{
    client::{Client, to_text},
    entity_results::{EntityResult, EntityResults},
    inventory::Inventory,
    kinds::{EXPLORES, MERGE_QUERY, QUERY, SQL_QUERY, pick},
};
use crate::{
    error::Result,
    ingest::{
        entity::Entity,
        progress::{Phase, Progress},
    },
};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};

/// Adds `merge_query` to tiles of merged queries, and `sql_query` to those of SQL Runner. A query that cannot be read
/// is a warning. Errors: those of the network.
pub(super) async fn add_referenced_queries(
    inventory: &mut Inventory,
    client: &Client,
    progress: Progress<'_>,
) -> Result<()> {
    let merged = collect_ids(inventory, |tile| tile_id(tile, "merge_result_id"));
    let sql = collect_ids(inventory, |tile| tile_id(tile, "sql_query_id"));
    if merged.is_empty() && sql.is_empty() {
        return Ok(());
    }
    progress.report(Phase::Fetch, "Reading queries of tiles");
    let mut merged = fetch_by_ids(inventory, client, "merge_queries", &merged, progress).await?;
    let sources: BTreeSet<_> = merged.values().flat_map(source_query_ids).collect();
    let sources = fetch_by_ids(inventory, client, "queries", &sources, progress).await?;
    for query in merged.values_mut() {
        *query = pick(query, MERGE_QUERY);
        for source in query["source_queries"].as_array_mut().into_iter().flatten() {
            if let Some(query) = sources.get(&to_text(&source["query_id"])) {
                source["query"] = pick(query, QUERY);
            }
        }
    }
    let sql = fetch_by_ids(inventory, client, "sql_queries", &sql, progress).await?;
    for tile in tiles(inventory) {
        let merge = tile_id(tile, "merge_result_id").and_then(|id| merged.get(&id));
        let runner = tile_id(tile, "sql_query_id").and_then(|id| sql.get(&id));
        if let Some(query) = merge {
            tile["merge_query"] = query.clone();
        }
        if let Some(query) = runner {
            tile["sql_query"] = pick(query, SQL_QUERY);
        }
    }
    Ok(())
}

/// Adds `connection` and `table` to every query: those of its explore, which may be carried over from an earlier sync.
pub(super) fn add_tables(inventory: &mut Inventory, previous: &[Entity]) {
    let previous = previous.iter().filter(|entity| entity.folder == EXPLORES);
    let mut tables: HashMap<_, _> =
        previous.filter_map(|entity| Some((entity.title.clone(), carried_over_table(entity)?))).collect();
    tables.extend(
        inventory
            .explores
            .iter()
            .map(|explore| (explore.name(), query_table(&explore.connection, &explore.physical_tables))),
    );
    for (_, items) in &mut inventory.lists {
        for item in items {
            for_each_query(item, &mut |query| {
                let explore = format!("{}.{}", to_text(&query["model"]), to_text(&query["view"]));
                if let Some((connection, table)) = tables.get(&explore) {
                    query["connection"] = connection.clone();
                    query["table"] = table.clone();
                }
            });
        }
    }
}

/// Returns the connection of an explore and the table of its base view; null if it has none.
fn query_table(connection: &Value, tables: &Value) -> (Value, Value) {
    (connection.clone(), tables[0]["canonical_table"].clone())
}

fn carried_over_table(entity: &Entity) -> Option<(Value, Value)> {
    let explore: Value = serde_json::from_str(&entity.text).ok()?;
    Some(query_table(&explore["connection"], &explore["physicalTables"]))
}

/// Calls `change` with every query in a value: an object with a model, a view and fields.
fn for_each_query(value: &mut Value, change: &mut impl FnMut(&mut Value)) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| for_each_query(item, change)),
        Value::Object(object) => {
            for key in ["query", "result_maker", "dashboard_elements", "merge_query", "source_queries"] {
                if let Some(below) = object.get_mut(key) {
                    for_each_query(below, change);
                }
            }
            if object.contains_key("model") && object.contains_key("view") && object.contains_key("fields") {
                change(value);
            }
        }
        _ => {}
    }
}

async fn fetch_by_ids(
    inventory: &mut Inventory,
    client: &Client,
    path: &str,
    ids: &BTreeSet<String>,
    progress: Progress<'_>,
) -> Result<HashMap<String, Value>> {
    let requests = ids.iter().map(|id| async move {
        let answer = client.get_entity(&[path, id], &[]).await;
        EntityResult::new(id.clone(), answer.map(|value| (id.clone(), value)))
    });
    let results = EntityResults::fetch_all("Reading queries of tiles", requests, ids.len(), progress).await?;
    inventory.warnings.extend(results.warnings(path, "cannot be read"));
    Ok(results.into_values().into_iter().collect())
}

fn tiles(inventory: &mut Inventory) -> impl Iterator<Item = &mut Value> {
    let dashboards = inventory.lists.iter_mut().filter(|(kind, _)| kind.plural == "dashboards");
    dashboards
        .flat_map(|(_, items)| items)
        .flat_map(|item| item["dashboard_elements"].as_array_mut().into_iter().flatten())
}

fn collect_ids(inventory: &mut Inventory, id: impl Fn(&Value) -> Option<String>) -> BTreeSet<String> {
    tiles(inventory).filter_map(|tile| id(tile)).collect()
}

/// Returns an id of a tile or of its `result_maker`.
fn tile_id(tile: &Value, key: &str) -> Option<String> {
    [&tile[key], &tile["result_maker"][key]].into_iter().find(|id| !id.is_null()).map(to_text)
}

fn source_query_ids(query: &Value) -> impl Iterator<Item = String> {
    let sources = query["source_queries"].as_array().into_iter().flatten();
    sources.map(|source| &source["query_id"]).filter(|id| !id.is_null()).map(to_text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_query_of_an_item_is_visited() {
        let query = json!({ "model": "m", "view": "v", "fields": [] });
        let mut item = json!({ "model": "m", "query": query, "dashboard_elements": [
            { "query": query, "result_maker": { "query": query, "filterables": [{ "model": "m", "view": "v" }] } },
            { "merge_query": { "source_queries": [{ "query": query }] } },
        ] });
        let mut count = 0;
        for_each_query(&mut item, &mut |query| {
            count += 1;
            query["table"] = "t".into();
        });
        assert_eq!(count, 4);
        assert_eq!(item["dashboard_elements"][1]["merge_query"]["source_queries"][0]["query"]["table"], "t");
    }
}

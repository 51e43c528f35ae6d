//! Queries of tiles that only name them: merged queries with their source queries, and queries of SQL Runner. And where
//! the rows of every query come from.

use super::{
    client::{Client, text_of},
    found::Found,
    kinds::{EXPLORES, MERGE_QUERY, QUERY, SQL_QUERY, pick},
    many::{Many, One},
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

/// Adds `merge_query` to tiles of merged queries, and `sql_query` to those of SQL Runner; one that cannot be read is a
/// warning. Errors: those of the network.
pub(super) async fn add_referenced(found: &mut Found, client: &Client, progress: Progress<'_>) -> Result<()> {
    let merged = ids(found, |tile| tile_id(tile, "merge_result_id"));
    let sql = ids(found, |tile| tile_id(tile, "sql_query_id"));
    if merged.is_empty() && sql.is_empty() {
        return Ok(());
    }
    progress.tell(Phase::Fetch, "Reading queries of tiles");
    let mut merged = read(found, client, "merge_queries", &merged, progress).await?;
    let sources: BTreeSet<_> = merged.values().flat_map(source_ids).collect();
    let sources = read(found, client, "queries", &sources, progress).await?;
    for query in merged.values_mut() {
        *query = pick(query, MERGE_QUERY);
        for source in query["source_queries"].as_array_mut().into_iter().flatten() {
            if let Some(query) = sources.get(&text_of(&source["query_id"])) {
                source["query"] = pick(query, QUERY);
            }
        }
    }
    let sql = read(found, client, "sql_queries", &sql, progress).await?;
    for tile in tiles(found) {
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

/// Adds `connection` and `table` to every query: those of the explore that it asks, which may be one that is kept from
/// an earlier sync.
pub(super) fn add_places(found: &mut Found, kept: &[Entity]) {
    let kept = kept.iter().filter(|entity| entity.folder == EXPLORES);
    let mut places: HashMap<_, _> =
        kept.filter_map(|entity| Some((entity.title.clone(), kept_place(entity)?))).collect();
    places.extend(
        found.explores.iter().map(|explore| (explore.name(), place(&explore.connection, &explore.physical_tables))),
    );
    for (_, items) in &mut found.lists {
        for item in items {
            in_every_query(item, &mut |query| {
                let explore = format!("{}.{}", text_of(&query["model"]), text_of(&query["view"]));
                if let Some((connection, table)) = places.get(&explore) {
                    query["connection"] = connection.clone();
                    query["table"] = table.clone();
                }
            });
        }
    }
}

/// The connection, and the table of the explore's own view; null where there is none.
fn place(connection: &Value, tables: &Value) -> (Value, Value) {
    (connection.clone(), tables[0]["canonical_table"].clone())
}

fn kept_place(entity: &Entity) -> Option<(Value, Value)> {
    let explore: Value = serde_json::from_str(&entity.text).ok()?;
    Some(place(&explore["connection"], &explore["physicalTables"]))
}

/// Calls it with every object that names a model and a view below the value.
fn in_every_query(value: &mut Value, change: &mut impl FnMut(&mut Value)) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| in_every_query(item, change)),
        Value::Object(object) => {
            for key in ["query", "result_maker", "dashboard_elements", "merge_query", "source_queries"] {
                if let Some(below) = object.get_mut(key) {
                    in_every_query(below, change);
                }
            }
            if object.contains_key("model") && object.contains_key("view") && object.contains_key("fields") {
                change(value);
            }
        }
        _ => {}
    }
}

async fn read(
    found: &mut Found,
    client: &Client,
    path: &str,
    ids: &BTreeSet<String>,
    progress: Progress<'_>,
) -> Result<HashMap<String, Value>> {
    let requests = ids.iter().map(|id| async move {
        let answer = client.get_one(&[path, id], &[]).await;
        One::of(id.clone(), answer.map(|value| (id.clone(), value)))
    });
    let many = Many::gather("Reading queries of tiles", requests, ids.len(), progress).await?;
    found.warnings.extend(many.warnings(path, "cannot be read"));
    Ok(many.values().into_iter().collect())
}

fn tiles(found: &mut Found) -> impl Iterator<Item = &mut Value> {
    let dashboards = found.lists.iter_mut().filter(|(kind, _)| kind.plural == "dashboards");
    dashboards
        .flat_map(|(_, items)| items)
        .flat_map(|item| item["dashboard_elements"].as_array_mut().into_iter().flatten())
}

fn ids(found: &mut Found, id: impl Fn(&Value) -> Option<String>) -> BTreeSet<String> {
    tiles(found).filter_map(|tile| id(tile)).collect()
}

/// Of the tile itself or of what makes its result.
fn tile_id(tile: &Value, key: &str) -> Option<String> {
    [&tile[key], &tile["result_maker"][key]].into_iter().find(|id| !id.is_null()).map(text_of)
}

fn source_ids(query: &Value) -> impl Iterator<Item = String> {
    let sources = query["source_queries"].as_array().into_iter().flatten();
    sources.map(|source| &source["query_id"]).filter(|id| !id.is_null()).map(text_of)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_query_of_an_item_is_found() {
        let query = json!({ "model": "m", "view": "v", "fields": [] });
        let mut item = json!({ "model": "m", "query": query, "dashboard_elements": [
            { "query": query, "result_maker": { "query": query, "filterables": [{ "model": "m", "view": "v" }] } },
            { "merge_query": { "source_queries": [{ "query": query }] } },
        ] });
        let mut count = 0;
        in_every_query(&mut item, &mut |query| {
            count += 1;
            query["table"] = "t".into();
        });
        assert_eq!(count, 4);
        assert_eq!(item["dashboard_elements"][1]["merge_query"]["source_queries"][0]["query"]["table"], "t");
    }
}

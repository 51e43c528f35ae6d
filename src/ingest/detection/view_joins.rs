//! Joins that the definitions of views have.

use super::names::TableNames;
use crate::{
    error::{Code, Error, Result},
    ingest::entity::Entity,
    ports::{JsonRunner, UsedColumn, UsedJoin, analyze_patterns},
    relationships::{JoinOrigin, Kind, Table, WrittenJoin},
};
use serde::{Deserialize, Serialize};

/// Maximum definitions and bytes of a request.
const MAX_DEFINITIONS: usize = 200;
const MAX_BYTES: usize = 1024 * 1024;

/// The SQL of a view.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Definition {
    id: String,
    sql: String,
}

/// Returns the definitions of the views of a pull; `tables` are those of the entities, in the same order. Blocks.
pub fn read_definitions(entities: &[Entity], tables: &[Table]) -> Vec<Definition> {
    #[derive(Deserialize)]
    struct View {
        definition: Option<String>,
    }
    let read = |(position, (entity, _)): (usize, (&Entity, &Table))| {
        let sql = serde_json::from_str::<View>(&entity.text).ok()?.definition?;
        Some(Definition { id: position.to_string(), sql })
    };
    let views = entities.iter().zip(tables).enumerate().filter(|(_, (_, table))| table.kind == Kind::View);
    views.filter_map(read).collect()
}

/// Analyses definitions, and returns the joins between tables of the scan. Definitions that cannot be parsed have none.
///
/// Errors: those of the runner.
pub async fn read_view_joins<R: JsonRunner>(
    definitions: &[Definition],
    dialect: &str,
    tables: &[Table],
    runner: &R,
) -> Result<Vec<WrittenJoin>, R::Error> {
    let names = TableNames::new(tables);
    let mut joins = Vec::new();
    for batch in batches(definitions) {
        let items = serde_json::to_string(batch).map_err(|error| {
            Error::new(Code::Internal, "Definitions of views cannot be written as JSON").caused_by(error)
        })?;
        let analysed = analyze_patterns(runner, &items, dialect, None).await?;
        let used = analysed.results.values().flat_map(|analysis| &analysis.usage.joins);
        joins.extend(used.filter_map(|join| written_join(join, tables, &names)));
    }
    Ok(joins)
}

/// Divides definitions into parts within the limits; a longer definition is a part of its own.
fn batches(definitions: &[Definition]) -> impl Iterator<Item = &[Definition]> {
    let mut rest = definitions;
    std::iter::from_fn(move || {
        let mut bytes = 0;
        let fits = |definition: &&Definition| {
            bytes += definition.sql.len();
            bytes <= MAX_BYTES
        };
        let count = rest.iter().take(MAX_DEFINITIONS).take_while(fits).count().max(1).min(rest.len());
        let (part, others) = rest.split_at(count);
        rest = others;
        (!part.is_empty()).then_some(part)
    })
}

fn written_join(join: &UsedJoin, tables: &[Table], names: &TableNames) -> Option<WrittenJoin> {
    let find = |column: &UsedColumn| {
        let table = (column.catalog.as_deref(), column.db.as_deref(), column.table.as_str());
        names.find_used(tables, table, &column.column)
    };
    let (left, right) = (find(&join.left)?, find(&join.right)?);
    Some(WrittenJoin { left, right, count: 1, origin: JoinOrigin::View })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use std::cell::RefCell;

    /// Answers each definition `LEFT.COLUMN=RIGHT.COLUMN` with that join.
    struct Analysis(RefCell<Vec<usize>>);

    impl JsonRunner for Analysis {
        type Error = Error;

        async fn request(&self, _: &str, payload: String) -> Result<String> {
            let request: Value = serde_json::from_str(&payload).unwrap();
            let items = request["items"].as_array().unwrap();
            self.0.borrow_mut().push(items.len());
            let column = |text: &str| {
                let (table, column) = text.split_once('.').unwrap();
                json!({ "catalog": null, "db": null, "table": table, "column": column })
            };
            let analyse = |item: &Value| {
                let joins = item["sql"].as_str().unwrap().split_once('=');
                let joins: Vec<_> = joins
                    .map(|(left, right)| json!({ "left": column(left), "right": column(right) }))
                    .into_iter()
                    .collect();
                let error = joins.is_empty().then_some("It cannot be parsed");
                let analysis = json!({ "fingerprint": "f", "normalized_sql": "", "tables_touched": [], "columns_by_clause": {},
                    "error": error, "usage": { "joins": joins } });
                (item["id"].as_str().unwrap().to_owned(), analysis)
            };
            Ok(json!({ "results": items.iter().map(analyse).collect::<serde_json::Map<_, _>>() }).to_string())
        }
    }

    fn tables() -> Vec<Table> {
        let table = |name: &str| {
            let json =
                json!({ "catalog": null, "db": "s", "name": name, "columns": [{ "name": "id", "type": "int" }] });
            serde_json::from_value(json).unwrap()
        };
        vec![table("orders"), table("customers")]
    }

    fn entity(definition: Option<&str>) -> Entity {
        let text = json!({ "name": "v", "definition": definition }).to_string();
        let name = |text: &str| text.to_owned();
        Entity {
            name: name("v"),
            folder: "tables",
            description: None,
            title: name("v"),
            group: name("s"),
            hash: name(""),
            text,
        }
    }

    /// Definitions of entities that are views.
    fn definitions_of(entities: &[Entity]) -> Vec<Definition> {
        let view = Table { kind: Kind::View, ..Table::default() };
        read_definitions(entities, &vec![view; entities.len()])
    }

    #[test]
    fn tables_are_not_parsed_for_definitions() {
        assert_eq!(read_definitions(&[entity(Some("x"))], &[Table::default()]), []);
    }

    #[tokio::test]
    async fn joins_of_definitions_are_found_among_the_tables() {
        let entities = [
            entity(Some("ORDERS.id=customers.id")),
            entity(None),
            entity(Some("orders.id=gone.id")),
            entity(Some("SELECT (")),
        ];
        let definitions = definitions_of(&entities);
        assert_eq!(definitions.iter().map(|view| view.id.as_str()).collect::<Vec<_>>(), ["0", "2", "3"]);
        let analysis = Analysis(RefCell::default());
        let joins = read_view_joins(&definitions, "postgres", &tables(), &analysis).await.unwrap();
        let names: Vec<_> = joins.iter().map(|join| (join.left.name.as_str(), join.right.name.as_str())).collect();
        assert_eq!(names, [("orders", "customers")]);
        assert_eq!(joins[0].origin, JoinOrigin::View);
    }

    #[tokio::test]
    async fn definitions_are_sent_in_parts() {
        let long = "x".repeat(MAX_BYTES);
        let mut entities: Vec<_> = (0..MAX_DEFINITIONS + 1).map(|_| entity(Some("x"))).collect();
        entities.extend([entity(Some(&long)), entity(Some("x"))]);
        let analysis = Analysis(RefCell::default());
        read_view_joins(&definitions_of(&entities), "postgres", &[], &analysis).await.unwrap();
        assert_eq!(analysis.0.take(), [MAX_DEFINITIONS, 1, 1, 1]);
        read_view_joins(&[], "postgres", &[], &analysis).await.unwrap();
        assert!(analysis.0.take().is_empty());
    }
}

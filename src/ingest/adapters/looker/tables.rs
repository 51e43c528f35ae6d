//! Resolves the views of explores to physical tables, with one request for all distinct references of a run.

use super::{dialects, inventory::Inventory};
use crate::{
    error::{Code, Error},
    ports::{JsonRunner, parse_table_identifiers},
    project::looker::ConnectionMapping,
};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Maximum warnings about single views in a report; further ones are counted.
const MAX_WARNINGS: usize = 50;

/// Prefix of Looker's connections to its own database.
const INTERNAL_PREFIX: &str = "looker__";

/// The resolved connection of an explore.
pub(super) struct Target {
    /// sqlglot's name of the dialect, or the reason why it is unknown.
    dialect: Result<&'static str, String>,
    /// Connection of the project.
    connection: Option<String>,
}

/// The table reference of a view of an explore.
struct Reference {
    view: String,
    /// Name in the fields of the explore: that of the explore or of the join.
    alias: String,
    sql: Option<String>,
    /// Key of its request, or the reason why there is none.
    request_key: Result<String, Unresolved>,
}

/// Reason why a view has no physical table.
#[derive(Clone)]
struct Unresolved {
    reason: String,
    detail: String,
}

impl Unresolved {
    fn new(reason: &str, detail: &str) -> Self {
        Self { reason: reason.to_owned(), detail: detail.trim_end_matches('.').to_owned() }
    }
}

#[derive(Serialize)]
struct Item<'a> {
    key: &'a str,
    sql_table_name: &'a str,
    dialect: &'a str,
}

#[derive(Deserialize)]
struct ParsedTable {
    ok: bool,
    catalog: Option<String>,
    schema: Option<String>,
    name: Option<String>,
    canonical_table: Option<String>,
    reason: Option<String>,
    detail: Option<String>,
}

/// Adds `connection` and `physicalTables` to every explore, and a warning for each view that cannot be resolved.
///
/// Errors: those of the runner. It gets one request, or none if no view has a table reference.
pub(super) async fn resolve<R: JsonRunner>(
    inventory: &mut Inventory,
    mappings: &IndexMap<String, ConnectionMapping>,
    runner: &R,
) -> Result<(), R::Error> {
    let targets = find_targets(inventory, mappings);
    let mut requests = IndexMap::new();
    let references: Vec<_> = inventory
        .explores
        .iter()
        .map(|explore| collect_references(&explore.head, inventory, &targets, &mut requests))
        .collect();
    let answers = parse_references(runner, &requests).await?;
    let mut warnings = BTreeSet::new();
    for (explore, references) in inventory.explores.iter_mut().zip(references) {
        let name = find_connection_name(&explore.head, &inventory.models).unwrap_or_default();
        let target = targets.get(&name);
        let connection = target.and_then(|target| target.connection.clone());
        let mut tables = Vec::new();
        for reference in references {
            let result =
                reference.request_key.as_ref().map_err(Clone::clone).and_then(|key| find_result(&answers, key));
            if let Err(unresolved) = &result
                && explore.can_see_lookml
            {
                warnings.insert(warning(&reference, unresolved));
            }
            tables.push(physical_table(reference, result, connection.as_deref()));
        }
        explore.connection = json!({
            "looker": name, "dialect": target.and_then(|target| target.dialect.clone().ok()), "project": connection,
        });
        explore.physical_tables = tables.into();
    }
    add_warnings(&mut inventory.warnings, &warnings);
    Ok(())
}

/// Returns the connections of all explores by name, and adds a warning for each that is not mapped.
fn find_targets(inventory: &mut Inventory, mappings: &IndexMap<String, ConnectionMapping>) -> BTreeMap<String, Target> {
    let mut names = BTreeSet::new();
    names
        .extend(inventory.explores.iter().filter_map(|explore| find_connection_name(&explore.head, &inventory.models)));
    let mut targets = BTreeMap::new();
    for name in names {
        let (connection, driver) = match mappings.get(&name) {
            Some(ConnectionMapping::Resolved { connection_id, driver }) => {
                (Some(connection_id.clone()), Some(driver.as_str()))
            }
            Some(ConnectionMapping::Missing(reason)) => {
                inventory
                    .warnings
                    .push(format!("The Looker connection {name} is mapped to a missing connection. {reason}"));
                (None, None)
            }
            // Looker's own database is not a connection of any project.
            None if name.starts_with(INTERNAL_PREFIX) => (None, None),
            None => {
                inventory.warnings.push(format!(
                    "The Looker connection {name} is not mapped to a connection of this project. Add it to mappings.connectionMappings in ktx.yaml"
                ));
                (None, None)
            }
        };
        let listed = inventory.connections.iter().find(|connection| connection["name"] == name.as_str());
        let dialect = find_dialect(&name, listed.and_then(|connection| connection["dialect_name"].as_str()), driver);
        targets.insert(name, Target { dialect, connection });
    }
    targets
}

fn find_dialect(name: &str, looker: Option<&str>, driver: Option<&str>) -> Result<&'static str, String> {
    match (looker, driver) {
        (Some(looker), driver) => dialects::from_looker(looker)
            .or_else(|| driver.and_then(dialects::from_driver))
            .ok_or_else(|| format!("the dialect {looker} of the Looker connection {name} is not known")),
        (None, Some(driver)) => dialects::from_driver(driver)
            .ok_or_else(|| format!("the driver {driver}, which {name} is mapped to, has no known dialect")),
        (None, None) => Err(format!(
            "the dialect of the Looker connection {name} is not known: this user may not see it, and it is not mapped"
        )),
    }
}

/// Returns the connection of an explore. Without one, it is the only connection that its model allows, if any.
fn find_connection_name(explore: &Value, models: &[Value]) -> Option<String> {
    let explore_connection = explore["connection_name"].as_str().filter(|name| !name.is_empty());
    let model_connection = || {
        let model = models.iter().find(|model| model["name"] == explore["model_name"])?;
        let allowed = model["allowed_db_connection_names"].as_array()?;
        if allowed.len() == 1 { allowed[0].as_str() } else { None }
    };
    explore_connection.or_else(model_connection).map(str::to_owned)
}

/// Keys of requests by dialect and text.
type Requests = IndexMap<(&'static str, String), String>;

/// Returns the references of an explore's base view and joins, and adds their requests.
fn collect_references(
    explore: &Value,
    inventory: &Inventory,
    targets: &BTreeMap<String, Target>,
    requests: &mut Requests,
) -> Vec<Reference> {
    let name = format!("{}.{}", str_or_empty(&explore["model_name"]), str_or_empty(&explore["name"]));
    let target = find_connection_name(explore, &inventory.models).and_then(|connection| targets.get(&connection));
    let base_view = explore["view_name"].as_str().unwrap_or_else(|| str_or_empty(&explore["name"]));
    let base = std::iter::once((base_view, str_or_empty(&explore["name"]), name.clone(), &explore["sql_table_name"]));
    let joins = explore["joins"].as_array().into_iter().flatten().map(|join| {
        let alias = str_or_empty(&join["name"]);
        (join["from"].as_str().unwrap_or(alias), alias, format!("{name}.{alias}"), &join["sql_table_name"])
    });
    let reference = |(view, alias, key, sql): (&str, &str, String, &Value)| {
        let sql = sql.as_str().map(str::trim).filter(|sql| !sql.is_empty()).map(str::to_owned);
        let request_key = match (&sql, target.map(|target| &target.dialect)) {
            (None, _) => Err(Unresolved::new(
                "no_physical_table",
                "Looker names no table for this view, as for one that is derived from a query",
            )),
            (_, None) => Err(Unresolved::new("unsupported_dialect", "the explore has no connection")),
            (_, Some(Err(reason))) => Err(Unresolved::new("unsupported_dialect", reason)),
            (Some(sql), Some(Ok(dialect))) => Ok(add_request(requests, dialect, sql, key)),
        };
        Reference { view: view.to_owned(), alias: alias.to_owned(), sql, request_key }
    };
    base.chain(joins).map(reference).collect()
}

/// Adds a request unless the same text has one, and returns its key.
fn add_request(requests: &mut Requests, dialect: &'static str, sql: &str, key: String) -> String {
    if let Some(key) = requests.get(&(dialect, sql.to_owned())) {
        return key.clone();
    }
    // Names of models and explores have no dots, but the server might send one that makes keys ambiguous.
    let key = if requests.values().any(|used| *used == key) { format!("{key}#{}", requests.len()) } else { key };
    requests.insert((dialect, sql.to_owned()), key.clone());
    key
}

async fn parse_references<R: JsonRunner>(
    runner: &R,
    requests: &Requests,
) -> Result<HashMap<String, ParsedTable>, R::Error> {
    if requests.is_empty() {
        return Ok(HashMap::new());
    }
    let items: Vec<_> =
        requests.iter().map(|((dialect, sql), key)| Item { key, sql_table_name: sql, dialect }).collect();
    let items = serde_json::to_string(&items).map_err(json_error)?;
    let results = parse_table_identifiers(runner, &items).await?;
    let results: HashMap<String, ParsedTable> = serde_json::from_str(&results).map_err(json_error)?;
    match requests.values().find(|key| !results.contains_key(*key)) {
        Some(key) => {
            let message =
                format!("KTX managed daemon HTTP /sql/parse-table-identifier answered without a result for {key}");
            Err(Error::new(Code::HttpAnswerInvalid, message).into())
        }
        None => Ok(results),
    }
}

fn json_error(error: serde_json::Error) -> Error {
    Error::new(Code::Internal, "Table identifiers cannot be exchanged as JSON").caused_by(error)
}

fn find_result<'a>(answers: &'a HashMap<String, ParsedTable>, key: &str) -> Result<&'a ParsedTable, Unresolved> {
    match answers.get(key) {
        Some(parsed) if parsed.ok => Ok(parsed),
        Some(parsed) => Err(Unresolved::new(
            parsed.reason.as_deref().unwrap_or("parse_error"),
            parsed.detail.as_deref().unwrap_or("The daemon gave no detail"),
        )),
        None => Err(Unresolved::new("parse_error", "The daemon gave no answer")),
    }
}

fn physical_table(reference: Reference, result: Result<&ParsedTable, Unresolved>, connection: Option<&str>) -> Value {
    match result {
        Ok(parsed) => json!({
            "view": reference.view, "alias": reference.alias, "sql_table_name": reference.sql, "ok": true, "catalog": parsed.catalog,
            "schema": parsed.schema, "name": parsed.name, "canonical_table": parsed.canonical_table,
            "connection": connection,
        }),
        Err(unresolved) => json!({
            "view": reference.view, "alias": reference.alias, "sql_table_name": reference.sql, "ok": false, "reason": unresolved.reason,
            "detail": unresolved.detail, "connection": connection,
        }),
    }
}

fn warning(reference: &Reference, unresolved: &Unresolved) -> String {
    format!("The view {} has no physical table: {} ({})", reference.view, unresolved.reason, unresolved.detail)
}

fn add_warnings(warnings: &mut Vec<String>, view_warnings: &BTreeSet<String>) {
    warnings.extend(view_warnings.iter().take(MAX_WARNINGS).cloned());
    if let Some(more) = view_warnings.len().checked_sub(MAX_WARNINGS).filter(|more| *more > 0) {
        warnings.push(format!(
            "{more} more views have no physical table; physicalTables in the files of their explores has the reasons"
        ));
    }
}

fn str_or_empty(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

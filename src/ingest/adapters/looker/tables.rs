//! From the views of explores to physical tables: every reference of a run in one request, each text once.

use super::{dialects, found::Found};
use crate::{
    error::{Code, Error},
    ports::{JsonRunner, parse_table_identifiers},
    project::looker::ConnectionMapping,
};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Sentences about single views that a report shows; the rest is counted.
const SHOWN: usize = 50;

/// How the names of Looker's connections to itself begin.
const INTERNAL: &str = "looker__";

/// A connection of Looker, as far as it is known here.
pub(super) struct Target {
    /// As sqlglot calls it, or why it is not known.
    dialect: Result<&'static str, String>,
    /// Connection of the project.
    connection: Option<String>,
}

/// One view of one explore.
struct Reference {
    view: String,
    /// What the fields of the explore call it: the name of the explore or of the join.
    alias: String,
    sql: Option<String>,
    /// Key of the request, or what is wrong before it is asked.
    asked: Result<String, Refusal>,
}

#[derive(Clone)]
struct Refusal {
    reason: String,
    detail: String,
}

#[derive(Serialize)]
struct Item<'a> {
    key: &'a str,
    sql_table_name: &'a str,
    dialect: &'a str,
}

#[derive(Deserialize)]
struct Parsed {
    ok: bool,
    catalog: Option<String>,
    schema: Option<String>,
    name: Option<String>,
    canonical_table: Option<String>,
    reason: Option<String>,
    detail: Option<String>,
}

/// Adds `connection` and `physicalTables` to every explore; what cannot be resolved is a warning with its reason.
///
/// Errors: those of the runner, which is asked once, and not at all where no explore has a table.
pub(super) async fn resolve<R: JsonRunner>(
    found: &mut Found,
    mappings: &IndexMap<String, ConnectionMapping>,
    runner: &R,
) -> Result<(), R::Error> {
    let targets = targets(found, mappings);
    let mut asked = IndexMap::new();
    let references: Vec<_> =
        found.explores.iter().map(|explore| references_of(&explore.head, found, &targets, &mut asked)).collect();
    let answers = ask(runner, &asked).await?;
    let mut unresolved = BTreeSet::new();
    for (explore, references) in found.explores.iter_mut().zip(references) {
        let name = connection_name(&explore.head, &found.models).unwrap_or_default();
        let target = targets.get(&name);
        let connection = target.and_then(|target| target.connection.clone());
        let mut tables = Vec::new();
        for reference in references {
            let result = reference.asked.as_ref().map_err(Clone::clone).and_then(|key| outcome(&answers, key));
            if let Err(refusal) = &result
                && explore.shows_lookml
            {
                unresolved.insert(sentence(&reference, refusal));
            }
            tables.push(physical(reference, result, connection.as_deref()));
        }
        explore.connection = json!({
            "looker": name, "dialect": target.and_then(|target| target.dialect.clone().ok()), "project": connection,
        });
        explore.physical_tables = tables.into();
    }
    warn(&mut found.warnings, &unresolved);
    Ok(())
}

/// Every connection that an explore uses; one that is not mapped or of an unknown dialect is a warning.
fn targets(found: &mut Found, mappings: &IndexMap<String, ConnectionMapping>) -> BTreeMap<String, Target> {
    let mut names = BTreeSet::new();
    names.extend(found.explores.iter().filter_map(|explore| connection_name(&explore.head, &found.models)));
    let mut targets = BTreeMap::new();
    for name in names {
        let (connection, driver) = match mappings.get(&name) {
            Some(ConnectionMapping::Resolved { connection_id, driver }) => {
                (Some(connection_id.clone()), Some(driver.as_str()))
            }
            Some(ConnectionMapping::Missing(why)) => {
                found.warnings.push(format!("The Looker connection {name} is mapped to nothing. {why}"));
                (None, None)
            }
            // Looker's own database, which no project has.
            None if name.starts_with(INTERNAL) => (None, None),
            None => {
                found.warnings.push(format!(
                    "The Looker connection {name} is not mapped to a connection of this project. Add it to mappings.connectionMappings in ktx.yaml"
                ));
                (None, None)
            }
        };
        let listed = found.connections.iter().find(|connection| connection["name"] == name.as_str());
        let dialect = dialect_of(&name, listed.and_then(|connection| connection["dialect_name"].as_str()), driver);
        targets.insert(name, Target { dialect, connection });
    }
    targets
}

fn dialect_of(name: &str, looker: Option<&str>, driver: Option<&str>) -> Result<&'static str, String> {
    match (looker, driver) {
        (Some(looker), driver) => dialects::of_looker(looker)
            .or_else(|| driver.and_then(dialects::of_driver))
            .ok_or_else(|| format!("the dialect {looker} of the Looker connection {name} is not known")),
        (None, Some(driver)) => dialects::of_driver(driver)
            .ok_or_else(|| format!("the driver {driver}, which {name} is mapped to, is no known dialect")),
        (None, None) => Err(format!(
            "the dialect of the Looker connection {name} is not known: this user may not see it, and it is not mapped"
        )),
    }
}

/// The connection of an explore; where it does not say, that of its model if there is only one.
fn connection_name(explore: &Value, models: &[Value]) -> Option<String> {
    let own = explore["connection_name"].as_str().filter(|name| !name.is_empty());
    let of_model = || {
        let model = models.iter().find(|model| model["name"] == explore["model_name"])?;
        let allowed = model["allowed_db_connection_names"].as_array()?;
        if allowed.len() == 1 { allowed[0].as_str() } else { None }
    };
    own.or_else(of_model).map(str::to_owned)
}

/// What is asked: texts by dialect, with the key of the first view that has them.
type Asked = IndexMap<(&'static str, String), String>;

fn references_of(
    explore: &Value,
    found: &Found,
    targets: &BTreeMap<String, Target>,
    asked: &mut Asked,
) -> Vec<Reference> {
    let name = format!("{}.{}", text(&explore["model_name"]), text(&explore["name"]));
    let target = connection_name(explore, &found.models).and_then(|connection| targets.get(&connection));
    let base_view = explore["view_name"].as_str().unwrap_or_else(|| text(&explore["name"]));
    let base = std::iter::once((base_view, text(&explore["name"]), name.clone(), &explore["sql_table_name"]));
    let joins = explore["joins"].as_array().into_iter().flatten().map(|join| {
        let alias = text(&join["name"]);
        (join["from"].as_str().unwrap_or(alias), alias, format!("{name}.{alias}"), &join["sql_table_name"])
    });
    let reference = |(view, alias, key, sql): (&str, &str, String, &Value)| {
        let sql = sql.as_str().map(str::trim).filter(|sql| !sql.is_empty()).map(str::to_owned);
        let asked = match (&sql, target.map(|target| &target.dialect)) {
            (None, _) => Err(refusal(
                "no_physical_table",
                "Looker names no table for this view, as for one that is derived from a query",
            )),
            (_, None) => Err(refusal("unsupported_dialect", "the explore has no connection")),
            (_, Some(Err(why))) => Err(refusal("unsupported_dialect", why)),
            (Some(sql), Some(Ok(dialect))) => Ok(key_for(asked, dialect, sql, key)),
        };
        Reference { view: view.to_owned(), alias: alias.to_owned(), sql, asked }
    };
    base.chain(joins).map(reference).collect()
}

fn key_for(asked: &mut Asked, dialect: &'static str, sql: &str, key: String) -> String {
    if let Some(key) = asked.get(&(dialect, sql.to_owned())) {
        return key.clone();
    }
    // Names of models and explores have no dots, but who knows what a server sends.
    let key = if asked.values().any(|used| *used == key) { format!("{key}#{}", asked.len()) } else { key };
    asked.insert((dialect, sql.to_owned()), key.clone());
    key
}

async fn ask<R: JsonRunner>(runner: &R, asked: &Asked) -> Result<HashMap<String, Parsed>, R::Error> {
    if asked.is_empty() {
        return Ok(HashMap::new());
    }
    let items: Vec<_> = asked.iter().map(|((dialect, sql), key)| Item { key, sql_table_name: sql, dialect }).collect();
    let items = serde_json::to_string(&items).map_err(unreadable)?;
    let results = parse_table_identifiers(runner, &items).await?;
    let results: HashMap<String, Parsed> = serde_json::from_str(&results).map_err(unreadable)?;
    match asked.values().find(|key| !results.contains_key(*key)) {
        Some(key) => {
            let message = format!("KTX managed daemon HTTP /sql/parse-table-identifier answered nothing for {key}");
            Err(Error::new(Code::HttpAnswerInvalid, message).into())
        }
        None => Ok(results),
    }
}

fn unreadable(error: serde_json::Error) -> Error {
    Error::new(Code::Internal, "Table identifiers cannot be exchanged as JSON").caused_by(error)
}

fn outcome<'a>(answers: &'a HashMap<String, Parsed>, key: &str) -> Result<&'a Parsed, Refusal> {
    match answers.get(key) {
        Some(parsed) if parsed.ok => Ok(parsed),
        Some(parsed) => Err(refusal(
            parsed.reason.as_deref().unwrap_or("parse_error"),
            parsed.detail.as_deref().unwrap_or("The daemon gives no detail"),
        )),
        None => Err(refusal("parse_error", "The daemon gives no answer")),
    }
}

fn physical(reference: Reference, result: Result<&Parsed, Refusal>, connection: Option<&str>) -> Value {
    match result {
        Ok(parsed) => json!({
            "view": reference.view, "alias": reference.alias, "sql_table_name": reference.sql, "ok": true, "catalog": parsed.catalog,
            "schema": parsed.schema, "name": parsed.name, "canonical_table": parsed.canonical_table,
            "connection": connection,
        }),
        Err(refusal) => json!({
            "view": reference.view, "alias": reference.alias, "sql_table_name": reference.sql, "ok": false, "reason": refusal.reason,
            "detail": refusal.detail, "connection": connection,
        }),
    }
}

fn refusal(reason: &str, detail: &str) -> Refusal {
    Refusal { reason: reason.to_owned(), detail: detail.trim_end_matches('.').to_owned() }
}

fn sentence(reference: &Reference, refusal: &Refusal) -> String {
    format!("The view {} has no physical table: {} ({})", reference.view, refusal.reason, refusal.detail)
}

fn warn(warnings: &mut Vec<String>, unresolved: &BTreeSet<String>) {
    warnings.extend(unresolved.iter().take(SHOWN).cloned());
    if let Some(more) = unresolved.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        warnings.push(format!(
            "{more} more views have no physical table; physicalTables in the files of their explores says why"
        ));
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

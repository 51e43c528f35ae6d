//! Converts an introspection to entities.

use super::{
    denied::{remove_denied, unused_patterns},
    introspection::{ForeignKey, Introspection, PATH, Table},
    values::hide_values,
};
use crate::{
    error::Result,
    ingest::{
        entity::{Attachment, Entity, PullResult, content_hash, staged_json},
        profile::ProfileTable,
        qualified_name::qualified_name,
    },
    parallel,
    ports::unexpected_answer,
    project::{
        connection::Database,
        policy::{Policy, PolicySettings},
    },
};
use serde::{Deserialize, Serialize};

/// Folder of the tables in a sync.
pub(in crate::ingest) const TABLES_DIR: &str = "tables";
/// File with the connection, its schemas and the time of the introspection.
pub(crate) const CONNECTION_FILE: &str = "connection.json";
/// File with the foreign keys of all tables.
pub(super) const FOREIGN_KEYS_FILE: &str = "foreign-keys.json";

#[derive(Serialize)]
struct ConnectionFile<'a> {
    connection_id: &'a str,
    driver: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    environment: Option<&'a str>,
    schemas: &'a [String],
    extracted_at: &'a str,
    /// Number of the facts that the daemon reports.
    facts: u32,
    /// The data policy, which decides what the other files have.
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<PolicySettings>,
}

/// Returns the data policy of a sync from its connection file; that of an earlier version denies nothing.
pub(in crate::ingest) fn read_policy(connection_file: Option<&str>) -> Policy {
    #[derive(Deserialize)]
    struct WithPolicy {
        #[serde(default)]
        policy: PolicySettings,
    }
    let file = connection_file.and_then(|text| serde_json::from_str::<WithPolicy>(text).ok());
    file.and_then(|file| Policy::parse(&file.policy).ok()).unwrap_or_default()
}

/// Returns the number of the facts of a sync from its connection file; 0 for one of an earlier version.
pub(in crate::ingest) fn read_facts(connection_file: Option<&str>) -> u32 {
    #[derive(Deserialize)]
    struct Facts {
        #[serde(default)]
        facts: u32,
    }
    connection_file.and_then(|text| serde_json::from_str(text).ok()).map_or(0, |file: Facts| file.facts)
}

#[derive(Serialize)]
struct QualifiedForeignKey<'a> {
    from_catalog: Option<&'a str>,
    from_schema: Option<&'a str>,
    from_table: &'a str,
    #[serde(flatten)]
    key: &'a ForeignKey<'a>,
}

/// Converts an introspection to entities and attachments, and to the tables to profile, in the order of the entities.
///
/// What the data policy denies is left out, and the values of masked columns.
pub(super) fn to_pull_result(
    database: &Database,
    mut found: Introspection<'_>,
) -> Result<(PullResult, Vec<ProfileTable>)> {
    let unused = unused_patterns(&found.tables, &database.policy);
    let left_out = remove_denied(&mut found.tables, &database.policy);
    hide_values(&mut found.tables, &database.policy);
    let tables = qualify_names(found.tables)
        .map_err(|name| unexpected_answer(PATH, "tables", &format!("{name} occurs twice")))?;
    let connection = ConnectionFile {
        connection_id: &database.connection_id,
        driver: &database.driver,
        environment: database.environment.as_deref(),
        schemas: &found.metadata.schemas,
        extracted_at: &found.extracted_at,
        facts: found.facts,
        policy: database.policy.settings(),
    };
    let keys: Vec<_> = tables.iter().flat_map(|(_, table)| foreign_keys(table)).collect();
    let attachments = vec![
        Attachment { file: CONNECTION_FILE, text: staged_json(&connection)? },
        Attachment { file: FOREIGN_KEYS_FILE, text: staged_json(&keys)? },
    ];
    let warning = tables.is_empty().then(|| no_tables_warning(&found.metadata.schemas));
    let warnings = warning.into_iter().chain(found.warnings).chain(unused).collect();
    let profile_tables = tables.iter().map(|(_, table)| table.to_profile(&database.policy)).collect();
    let entities = parallel::map(tables, |(name, table)| entity(name, table))?;
    let policy = database.policy.clone();
    Ok((PullResult { entities, attachments, warnings, left_out, policy, ..PullResult::default() }, profile_tables))
}

/// Converts the tables of staged files to entities. Errors: the name of a table that occurs twice.
pub(super) fn from_tables(tables: Vec<Table<'_>>) -> Result<Result<Vec<Entity>>, String> {
    Ok(parallel::map(qualify_names(tables)?, |(name, table)| entity(name, table)))
}

/// Returns the tables with their qualified names, sorted by name. Errors: a name that occurs twice.
fn qualify_names(tables: Vec<Table<'_>>) -> Result<Vec<(String, Table<'_>)>, String> {
    let with_catalog = tables.windows(2).any(|pair| pair[0].catalog != pair[1].catalog);
    let name = |table: &Table<'_>| {
        let catalog = table.catalog.as_deref().filter(|_| with_catalog);
        qualified_name(catalog, table.db.as_deref(), &table.name)
    };
    let mut tables: Vec<_> = tables.into_iter().map(|table| (name(&table), table)).collect();
    tables.sort_by(|left, right| left.0.cmp(&right.0));
    match tables.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        Some(pair) => Err(pair[0].0.clone()),
        None => Ok(tables),
    }
}

fn entity(name: String, mut table: Table<'_>) -> Result<Entity> {
    let text = staged_json(&table)?;
    table.keep_compared();
    let group = table.db.clone().or_else(|| table.catalog.clone()).unwrap_or_else(|| "default".into());
    Ok(Entity {
        description: None,
        hash: content_hash(&table)?,
        title: name.clone(),
        name,
        folder: TABLES_DIR,
        group,
        text,
    })
}

fn foreign_keys<'a>(table: &'a Table<'_>) -> impl Iterator<Item = QualifiedForeignKey<'a>> {
    table.foreign_keys.iter().map(|key| QualifiedForeignKey {
        from_catalog: table.catalog.as_deref(),
        from_schema: table.db.as_deref(),
        from_table: &table.name,
        key,
    })
}

fn no_tables_warning(schemas: &[String]) -> String {
    match schemas {
        [] => "No tables or views were found".into(),
        schemas => format!("No tables or views were found in {}", schemas.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn table(catalog: Value, db: Value, name: &str) -> Value {
        json!({ "catalog": catalog, "db": db, "name": name, "kind": "table", "comment": null, "estimated_rows": 3,
            "columns": [{ "name": "id", "type": "int", "nullable": false, "primary_key": true, "comment": null }],
            "foreign_keys": [{ "from_column": "id", "to_schema": db, "to_table": "t", "to_column": "id", "constraint_name": null }] })
    }

    fn pull(tables: &[Value]) -> Result<PullResult> {
        let answer = json!({ "connection_id": "c", "extracted_at": "now", "metadata": { "driver": "x", "schemas": ["s"] }, "tables": tables });
        let database = Database {
            connection_id: "c".into(),
            driver: "x".into(),
            url: crate::redact::SecretText::new(""),
            schemas: Vec::new(),
            include: Vec::new(),
            exclude: Vec::new(),
            policy: crate::project::policy::Policy::default(),
            environment: None,
            max_concurrent_statements: None,
        };
        to_pull_result(&database, Introspection::parse(&answer.to_string()).unwrap()).map(|(pulled, _)| pulled)
    }

    fn names(tables: &[Value]) -> Vec<String> {
        pull(tables).unwrap().entities.into_iter().map(|entity| entity.name).collect()
    }

    #[test]
    fn names_are_sorted_and_unique() {
        assert_eq!(names(&[table("d".into(), "s".into(), "b"), table("d".into(), "s".into(), "a")]), ["s.a", "s.b"]);
        assert_eq!(
            names(&[table("d".into(), "s".into(), "a"), table("e".into(), "s".into(), "a")]),
            ["d.s.a", "e.s.a"]
        );
        assert_eq!(
            names(&[
                table(Value::Null, "a.b".into(), "c"),
                table(Value::Null, "a".into(), "b.c"),
                table(Value::Null, Value::Null, "x\"")
            ]),
            ["\"a.b\".c", "\"x\"\"\"", "a.\"b.c\""]
        );
    }

    #[test]
    fn duplicate_table_is_an_error() {
        let twice = table(Value::Null, "s".into(), "a");
        let error = pull(&[twice.clone(), twice]).unwrap_err();
        assert!(error.to_string().ends_with("tables: s.a occurs twice"), "{error}");
    }

    #[test]
    fn estimates_and_times_are_staged_but_not_compared() {
        let before = table(Value::Null, "s".into(), "a");
        let mut after = before.clone();
        after["estimated_rows"] = 4.into();
        after["bytes"] = 5.into();
        after["modified_at"] = "now".into();
        let (before, after) = (pull(&[before]).unwrap(), pull(&[after]).unwrap());
        assert_eq!(before.entities[0].hash, after.entities[0].hash);
        assert_ne!(before.entities[0].text, after.entities[0].text);
        assert!(before.attachments[0].text.contains("\"extracted_at\": \"now\""));
        let keys: Value = serde_json::from_str(&before.attachments[1].text).unwrap();
        assert_eq!(
            (&keys[0]["from_table"], &keys[0]["from_column"], &keys[0]["to_table"]),
            (&"a".into(), &"id".into(), &"t".into())
        );
    }

    #[test]
    fn position_is_compared_for_composite_keys_only() {
        let hash = |position: Option<u32>| {
            let mut table = table(Value::Null, "s".into(), "a");
            table["foreign_keys"][0]["position"] = position.into();
            pull(&[table]).unwrap().entities[0].hash.clone()
        };
        assert_eq!(hash(None), hash(Some(1)));
        assert_ne!(hash(None), hash(Some(2)));
    }

    #[test]
    fn empty_database_is_a_warning() {
        assert_eq!(pull(&[]).unwrap().warnings, ["No tables or views were found in s"]);
    }
}

//! What a server can tell of its statements: its version, where the extension is, and what that version's columns are.

use super::connect::explain;
use crate::{
    error::{Code, Error, Result},
    project::connection::Database,
};
use std::collections::HashSet;
use tokio_postgres::{Client, types::Type};

/// Oldest server whose statements can be read.
const OLDEST: i32 = 110_000;

/// Where the statements are. A view of that name that somebody else made, in front of the extension, is as good.
const FACTS: &str = "
    SELECT /* ktx */ current_setting('server_version_num')::int4, current_user::text,
        coalesce(
            (SELECT format('%I.', n.nspname) FROM pg_catalog.pg_extension AS e
             JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace WHERE e.extname = 'pg_stat_statements'),
            (SELECT format('%I.', n.nspname) FROM pg_catalog.pg_class AS c
             JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
             WHERE c.oid = to_regclass('pg_stat_statements'))
        )";

const COLUMNS: &str = "
    SELECT /* ktx */ attname::text FROM pg_catalog.pg_attribute
    WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped";

/// What was found out.
#[derive(Debug, Clone)]
pub(super) struct Server {
    /// Name of the role that asks.
    pub(super) role: String,
    /// Schema with a dot, quoted where it must be.
    schema: String,
    columns: HashSet<String>,
    info_columns: HashSet<String>,
}

impl Server {
    /// Looks. Errors: [`Code::SourceForbidden`] says what to create; [`Code::ConnectionInvalid`] for an old server.
    pub(super) async fn look(client: &Client, database: &Database) -> Result<Self> {
        let fail = |error| explain(database, &error);
        let rows = client.query_typed(FACTS, &[]).await.map_err(fail)?;
        let Some(row) = rows.first() else { return Err(Error::new(Code::Internal, "PostgreSQL gave no row")) };
        let (version, role): (i32, String) = (row.get(0), row.get(1));
        if version < OLDEST {
            let message = format!(
                "The connection {} is PostgreSQL {}, and its statements can be read from version 11 on. Update the server",
                database.connection_id,
                version / 10_000
            );
            return Err(Error::new(Code::ConnectionInvalid, message));
        }
        let Some(schema) = row.get::<_, Option<String>>(2) else { return Err(no_extension(database)) };
        let columns = async |relation: &str| {
            let name = format!("{schema}{relation}");
            let rows = client.query_typed(COLUMNS, &[(&name, Type::TEXT)]).await.map_err(fail)?;
            Ok::<HashSet<String>, Error>(rows.iter().map(|row| row.get(0)).collect())
        };
        let info_columns = columns("pg_stat_statements_info").await?;
        let columns = columns("pg_stat_statements").await?;
        Ok(Self { role, schema, columns, info_columns })
    }

    /// The statements of the current database: one row for a text, whoever ran it. At most `limit`, by total time.
    pub(super) fn statements(&self, limit: usize, longest: usize) -> String {
        let has = |column: &str| self.columns.contains(column);
        // The extension's version 1.8, of PostgreSQL 13, split the times of planning and execution.
        let total = if has("total_exec_time") { "total_exec_time" } else { "total_time" };
        let since =
            if has("stats_since") { "(extract(epoch FROM min(s.stats_since)) * 1000)::int8" } else { "NULL::int8" };
        let nested = if has("toplevel") { "bool_and(NOT s.toplevel)" } else { "false" };
        let schema = &self.schema;
        format!(
            "SELECT /* ktx */ s.queryid::int8, CASE WHEN length(s.query) <= {longest} THEN s.query END,
                sum(s.calls)::int8, sum(s.{total})::float8, sum(s.rows)::int8, {since}, {nested}
            FROM {schema}pg_stat_statements AS s
            WHERE s.dbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
                AND s.query NOT LIKE '%/* ktx */%'
            GROUP BY s.queryid, s.query ORDER BY 4 DESC, 1 LIMIT {limit}"
        )
    }

    /// When the statistics began (milliseconds since 1970) and how often entries were dropped to make room, where the
    /// server says so (from 14 on).
    pub(super) fn info(&self) -> Option<String> {
        let known = self.info_columns.contains("dealloc") && self.info_columns.contains("stats_reset");
        known.then(|| {
            format!(
                "SELECT /* ktx */ (extract(epoch FROM stats_reset) * 1000)::int8, dealloc::int8 FROM {}pg_stat_statements_info",
                self.schema
            )
        })
    }
}

fn no_extension(database: &Database) -> Error {
    let message = format!(
        "The database of the connection {} has no pg_stat_statements. Let an administrator add it to shared_preload_libraries, restart the server, and run in this database: CREATE EXTENSION pg_stat_statements",
        database.connection_id
    );
    Error::new(Code::SourceForbidden, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(columns: &[&str], info: &[&str]) -> Server {
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Server { role: "r".into(), schema: "\"my ext\".".into(), columns: set(columns), info_columns: set(info) }
    }

    #[test]
    fn each_version_is_asked_for_the_columns_that_it_has() {
        let old = server(&["total_time"], &[]);
        let sql = old.statements(10, 100);
        assert!(
            sql.contains("sum(s.total_time)") && sql.contains("NULL::int8") && sql.contains("\"my ext\".pg_stat"),
            "{sql}"
        );
        assert!(!sql.contains("toplevel") && !sql.contains("stats_since"), "{sql}");
        assert_eq!(old.info(), None);
        let new = server(&["total_exec_time", "toplevel", "stats_since"], &["dealloc", "stats_reset"]);
        let sql = new.statements(10, 100);
        for part in ["sum(s.total_exec_time)", "s.toplevel", "min(s.stats_since)", "LIMIT 10"] {
            assert!(sql.contains(part), "{sql}");
        }
        assert!(new.info().unwrap().contains("\"my ext\".pg_stat_statements_info"));
    }
}

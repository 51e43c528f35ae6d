//! Filters for statements: those on data are analysed, and those on the system catalogue or the server are skipped.

use super::comments;
use crate::ports::TableName;

/// First keywords of statements that read or change data.
const DATA_KEYWORDS: &[&str] = &["select", "with", "insert", "update", "delete", "merge", "values", "table"];

/// Whether the first keyword of a statement is that of a query or a change of data.
pub(super) fn is_data_statement(sql: &str) -> bool {
    let rest = skip_comments(sql);
    let end = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
    DATA_KEYWORDS.iter().any(|word| rest[..end].eq_ignore_ascii_case(word))
}

/// Skips white space, parentheses and comments.
fn skip_comments(sql: &str) -> &str {
    let mut rest = sql;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '(');
        match comments::split_comment(rest) {
            Some((_, after)) => rest = after,
            None => return rest,
        }
    }
}

/// Whether a statement in a dialect uses a table that is not a system table.
pub(super) fn uses_user_tables(tables: &[TableName], dialect: &str) -> bool {
    tables.iter().any(|table| !is_system_table(table, dialect))
}

fn is_system_table(table: &TableName, dialect: &str) -> bool {
    let schema = table.db.as_deref().unwrap_or_default().to_lowercase();
    let name = table.name.to_lowercase();
    match dialect {
        "clickhouse" => return matches!(schema.as_str(), "system" | "information_schema"),
        "bigquery" => return schema.starts_with("information_schema") || name.starts_with("information_schema."),
        "snowflake" => {
            let is_shared = table.catalog.as_deref().is_some_and(|catalog| catalog.eq_ignore_ascii_case("snowflake"));
            return is_shared || schema == "information_schema";
        }
        _ => {}
    }
    matches!(schema.as_str(), "pg_catalog" | "information_schema" | "pg_toast")
        || name.starts_with("pg_stat_statements")
        || (schema.is_empty() && name.starts_with("pg_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_keyword_is_found_after_comments_and_parentheses() {
        for sql in [
            "SELECT 1",
            "/* app:checkout */ select 1",
            "-- who\n  (\n(SELECT 1) UNION SELECT 2)",
            "/* a /* nested */ b */With x AS (SELECT 1) SELECT 2",
            "INSERT INTO t VALUES ($1)",
            "table t",
        ] {
            assert!(is_data_statement(sql), "{sql}");
        }
        for sql in [
            "",
            "BEGIN",
            "SET x = 1",
            "VACUUM t",
            "CREATE TABLE t()",
            "/* select",
            "selective",
            "-- select",
            "COPY t TO stdout",
        ] {
            assert!(!is_data_statement(sql), "{sql}");
        }
    }

    #[test]
    fn system_tables_are_recognised() {
        let table =
            |db: Option<&str>, name: &str| TableName { catalog: None, db: db.map(str::to_owned), name: name.into() };
        assert!(uses_user_tables(&[table(Some("pg_catalog"), "pg_class"), table(None, "orders")], "postgres"));
        assert!(uses_user_tables(&[table(Some("public"), "pg_orders")], "postgres"));
        assert!(uses_user_tables(&[table(Some("system"), "orders")], "postgres"));
        assert!(!uses_user_tables(&[table(Some("system"), "parts")], "clickhouse"));
        assert!(uses_user_tables(&[table(None, "pg_orders")], "clickhouse"));
        assert!(!uses_user_tables(&[table(Some("INFORMATION_SCHEMA"), "JOBS")], "bigquery"));
        assert!(!uses_user_tables(&[table(None, "INFORMATION_SCHEMA.JOBS_BY_PROJECT")], "bigquery"));
        assert!(uses_user_tables(&[table(Some("shop"), "orders")], "bigquery"));
        let shared = TableName { catalog: Some("SNOWFLAKE".into()), ..table(Some("ACCOUNT_USAGE"), "QUERY_HISTORY") };
        assert!(!uses_user_tables(&[shared], "snowflake"));
        assert!(uses_user_tables(&[table(Some("SHOP"), "ORDERS")], "snowflake"));
        for tables in [
            vec![],
            vec![table(Some("pg_catalog"), "pg_class"), table(None, "pg_index")],
            vec![table(Some("information_schema"), "tables")],
            vec![table(Some("ext"), "pg_stat_statements_info")],
        ] {
            assert!(!uses_user_tables(&tables, "postgres"), "{tables:?}");
        }
    }
}

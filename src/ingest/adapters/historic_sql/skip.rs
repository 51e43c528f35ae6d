//! Which statements are about the data of the database, and which about the server or about looking at it.

use crate::ports::TableName;

/// First words of statements that read or change data.
const WORDS: &[&str] = &["select", "with", "insert", "update", "delete", "merge", "values", "table"];

/// Whether a statement is a query or changes data, by its first word.
pub(super) fn is_about_data(sql: &str) -> bool {
    let rest = after_comments(sql);
    let end = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
    WORDS.iter().any(|word| rest[..end].eq_ignore_ascii_case(word))
}

/// What follows white space, parentheses and comments, which nest in PostgreSQL.
fn after_comments(sql: &str) -> &str {
    let mut rest = sql;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '(');
        if let Some(comment) = rest.strip_prefix("--") {
            rest = comment.find('\n').map_or("", |end| &comment[end..]);
        } else if rest.starts_with("/*") {
            rest = after_block(rest);
        } else {
            return rest;
        }
    }
}

fn after_block(sql: &str) -> &str {
    let (mut depth, mut rest) = (0, sql);
    loop {
        match (rest.get(..2), rest.chars().next()) {
            (Some("/*"), _) => (depth, rest) = (depth + 1, &rest[2..]),
            (Some("*/"), _) => (depth, rest) = (depth - 1, &rest[2..]),
            (_, Some(letter)) => rest = &rest[letter.len_utf8()..],
            (_, None) => return "",
        }
        if depth == 0 {
            return rest;
        }
    }
}

/// Whether a statement touches a table that is not the server's own.
pub(super) fn touches_data(tables: &[TableName]) -> bool {
    tables.iter().any(|table| !is_of_server(table))
}

fn is_of_server(table: &TableName) -> bool {
    let schema = table.db.as_deref().unwrap_or_default().to_lowercase();
    let name = table.name.to_lowercase();
    matches!(schema.as_str(), "pg_catalog" | "information_schema" | "pg_toast")
        || name.starts_with("pg_stat_statements")
        || (schema.is_empty() && name.starts_with("pg_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_word_decides_wherever_it_stands() {
        for sql in [
            "SELECT 1",
            "/* app:checkout */ select 1",
            "-- who\n  (\n(SELECT 1) UNION SELECT 2)",
            "/* a /* nested */ b */With x AS (SELECT 1) SELECT 2",
            "INSERT INTO t VALUES ($1)",
            "table t",
        ] {
            assert!(is_about_data(sql), "{sql}");
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
            assert!(!is_about_data(sql), "{sql}");
        }
    }

    #[test]
    fn the_servers_own_tables_are_known() {
        let table =
            |db: Option<&str>, name: &str| TableName { catalog: None, db: db.map(str::to_owned), name: name.into() };
        assert!(touches_data(&[table(Some("pg_catalog"), "pg_class"), table(None, "orders")]));
        assert!(touches_data(&[table(Some("public"), "pg_orders")]));
        for tables in [
            vec![],
            vec![table(Some("pg_catalog"), "pg_class"), table(None, "pg_index")],
            vec![table(Some("information_schema"), "tables")],
            vec![table(Some("ext"), "pg_stat_statements_info")],
        ] {
            assert!(!touches_data(&tables), "{tables:?}");
        }
    }
}

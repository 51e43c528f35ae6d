//! The program that made a statement, by the comment that it adds.
//!
//! Source: the documentation of each product, and what it sends by default.

use super::comments::split_comment;

/// Kind of caller of tools that people ask questions with.
const BI_TOOL: &str = "bi_tool";
/// Kind of caller of tools that run by themselves.
const SCHEDULER: &str = "scheduler";

/// What a comment of a tool begins with, in lower case.
const SIGNATURES: &[(&str, &str)] = &[
    ("looker query context", BI_TOOL),
    ("metabase", BI_TOOL),
    ("sigma ", BI_TOOL),
    ("hex query metadata", BI_TOOL),
    ("lightdash", BI_TOOL),
    ("username: ", BI_TOOL), // Redash
    ("mode: ", BI_TOOL),
    ("{\"app\": \"dbt\"", SCHEDULER),
    ("airflow", SCHEDULER),
    ("dagster", SCHEDULER),
    ("fivetran", SCHEDULER),
    ("sqlmesh", SCHEDULER),
];
/// Comments that are read at the start and at the end of a statement.
const MAX_COMMENTS: usize = 4;

/// Returns the kind of the tool that a comment at the start or at the end of a statement names.
pub(super) fn tool_of(sql: &str) -> Option<&'static str> {
    leading_comments(sql).into_iter().chain(trailing_comment(sql)).find_map(kind_of)
}

fn kind_of(comment: &str) -> Option<&'static str> {
    let text = comment.trim_start().get(..40).unwrap_or(comment.trim_start()).to_lowercase();
    SIGNATURES.iter().find(|(signature, _)| text.starts_with(signature)).map(|(_, kind)| *kind)
}

fn leading_comments(sql: &str) -> Vec<&str> {
    let (mut rest, mut found) = (sql.trim_start(), Vec::new());
    while let Some((comment, after)) = split_comment(rest).filter(|_| found.len() < MAX_COMMENTS) {
        found.push(comment);
        rest = after.trim_start();
    }
    found
}

fn trailing_comment(sql: &str) -> Option<&str> {
    let sql = sql.trim_end().trim_end_matches(';').trim_end();
    match sql.strip_suffix("*/") {
        Some(text) => text.rsplit_once("/*").map(|(_, comment)| comment),
        None => sql.lines().next_back().and_then(|line| line.trim_start().strip_prefix("--")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_name_their_tool() {
        for (sql, expected) in [
            ("-- Looker Query Context '{\"user_id\":1}'\nSELECT 1", Some(BI_TOOL)),
            ("-- Metabase:: userID: 1 queryType: native\nSELECT 1", Some(BI_TOOL)),
            ("/* {\"app\": \"dbt\", \"dbt_version\": \"1.9\"} */\nselect 1", Some(SCHEDULER)),
            ("/* Username: ada, Query ID: 7 */ SELECT 1", Some(BI_TOOL)),
            ("SELECT 1\n-- Hex query metadata: {\"categories\": []}", Some(BI_TOOL)),
            ("SELECT 1 /* airflow dag */;", Some(SCHEDULER)),
            ("-- for the board\n/* Sigma \u{3a3} {} */ SELECT 1", Some(BI_TOOL)),
            ("SELECT 'Metabase::' AS x", None),
            ("SELECT 1 -- the airflow of the building", None),
            ("/* größe größe größe größe größe größe größe */ SELECT 1", None),
            ("", None),
            ("--", None),
            ("/*", None),
        ] {
            assert_eq!(tool_of(sql), expected, "{sql}");
        }
    }
}

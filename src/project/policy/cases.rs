//! The cases of patterns that the daemon's test reads as well: staged files and statements are denied alike.

use super::{Pattern, Policy, TableName};
use crate::project::Project;
use serde::Deserialize;

#[derive(Deserialize)]
struct Cases {
    tables: Vec<Case>,
    columns: Vec<Case>,
    references: References,
}

#[derive(Deserialize)]
struct Case {
    pattern: String,
    /// What the daemon gets.
    parts: Vec<String>,
    matches: Vec<Vec<String>>,
    others: Vec<Vec<String>>,
    /// Names that the daemon denies as well, since the collation of a database is not known.
    #[serde(default)]
    statements: Vec<Vec<String>>,
}

#[derive(Deserialize)]
struct Denied {
    pattern: String,
}

/// References with their dialect.
#[derive(Deserialize)]
struct References {
    deny: Vec<Denied>,
    denied: Vec<(String, String)>,
    allowed: Vec<(String, String)>,
}

fn cases() -> Cases {
    serde_json::from_str(include_str!("../../../tests/policy/patterns.json")).unwrap()
}

fn table(parts: &[String]) -> TableName<'_> {
    let mut names = parts.iter().rev().map(String::as_str);
    TableName { name: names.next().unwrap(), schema: names.next(), catalog: names.next() }
}

fn check(cases: Vec<Case>, is_column: bool, matches: fn(&Pattern, &[String]) -> bool) {
    for Case { pattern: text, parts, matches: expected, others, statements } in cases {
        let pattern = Pattern::parse(&text, is_column).unwrap();
        assert_eq!(serde_json::to_value(&pattern).unwrap(), serde_json::json!({ "pattern": text, "parts": parts }));
        assert!(expected.iter().all(|name| matches(&pattern, name)), "{text} {expected:?}");
        let others: Vec<_> = others.into_iter().chain(statements).collect();
        assert!(!others.iter().any(|name| matches(&pattern, name)), "{text} {others:?}");
    }
}

#[test]
fn tables_match_as_in_statements() {
    check(cases().tables, false, |pattern, name| pattern.matches_table(table(name)));
}

#[test]
fn columns_match_as_in_statements() {
    check(cases().columns, true, |pattern, name| {
        let (column, names) = name.split_last().unwrap();
        pattern.matches_column(table(names), column)
    });
}

#[test]
fn references_are_denied_as_in_statements() {
    let References { deny, denied, allowed } = cases().references;
    let deny: Vec<_> = deny.into_iter().map(|denied| denied.pattern).collect();
    let deny = serde_json::to_string(&deny).unwrap();
    let text = format!("connections: {{ w: {{ driver: x, policy: {{ deny: {{ tables: {deny} }} }} }} }}");
    let policy: Policy = Project::parsed("/p".as_ref(), &text).policy("w").unwrap();
    let is_denied = |(_, reference): &&(String, String)| policy.denies_reference(reference);
    assert_eq!(denied.iter().filter(|case| !is_denied(case)).collect::<Vec<_>>(), Vec::<&(_, _)>::new());
    assert_eq!(allowed.iter().filter(is_denied).collect::<Vec<_>>(), Vec::<&(_, _)>::new());
}

//! Values that the check constraints of a table allow in a column.

use super::table::Table;
use std::collections::BTreeMap;

/// Returns the texts that checks list, by column. A check counts if it names a single column and compares it with texts
/// only: `status IN ('open', 'paid')`, also as `PostgreSQL` spells it.
pub(super) fn listed_values(table: &Table) -> BTreeMap<&str, Vec<String>> {
    let mut listed: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for check in &table.checks {
        let (rest, texts) = take_texts(&check.expression);
        let words: Vec<_> = rest.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '$').collect();
        let mut columns = table.columns.iter().filter(|column| words.iter().any(|word| is_same(word, &column.name)));
        let is_list = words.iter().any(|word| is_same(word, "in") || is_same(word, "any"));
        let has_not = words.iter().any(|word| is_same(word, "not")) || rest.contains("<>") || rest.contains("!=");
        if let (Some(column), None, true, false) = (columns.next(), columns.next(), is_list, has_not) {
            listed.entry(&column.name).or_default().extend(texts);
        }
    }
    listed
}

fn is_same(left: &str, right: &str) -> bool {
    left.eq_ignore_ascii_case(right)
}

/// Splits an expression into the rest and the texts in single quotes, in which `''` is a quote.
fn take_texts(expression: &str) -> (String, Vec<String>) {
    let (mut rest, mut texts, mut open): (String, Vec<String>, Option<String>) = Default::default();
    let mut chars = expression.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, &mut open) {
            ('\'', Some(text)) if chars.peek() == Some(&'\'') => {
                text.push('\'');
                chars.next();
            }
            ('\'', Some(_)) => texts.extend(open.take()),
            ('\'', None) => open = Some(String::new()),
            (c, Some(text)) => text.push(c),
            (c, None) => rest.push(c),
        }
    }
    (rest, texts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn listed(expression: &str) -> Vec<String> {
        let column = |name: &str| json!({ "name": name, "type": "text", "nullable": true, "primary_key": false, "comment": null });
        let table: Table = serde_json::from_value(json!({ "name": "t", "catalog": null, "db": null, "comment": null,
            "columns": [column("status"), column("kind")], "checks": [{ "name": null, "expression": expression }] }))
        .unwrap();
        listed_values(&table).remove("status").unwrap_or_default()
    }

    #[test]
    fn lists_of_one_column_are_its_values() {
        assert_eq!(listed("status IN ('open', 'it''s')"), ["open", "it's"]);
        assert_eq!(listed("((status)::text = ANY (ARRAY['open'::text, 'paid'::text]))"), ["open", "paid"]);
        for other in
            ["status <> 'x'", "status NOT IN ('a')", "status IN ('a') OR kind IN ('b')", "length(status) > 3", "'"]
        {
            assert!(listed(other).is_empty(), "{other}");
        }
    }
}

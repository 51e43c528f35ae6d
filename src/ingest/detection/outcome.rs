//! Comparison of two detections: scores and counts of the evidence change with the data and are no difference.

use crate::project::answers::Columns;
use serde::Deserialize;

#[derive(PartialEq, Deserialize)]
struct Outcome {
    relationships: Vec<LinkOutcome>,
    keys: Vec<KeyOutcome>,
}

#[derive(PartialEq, Deserialize)]
struct LinkOutcome {
    from: Columns,
    to: Columns,
    status: String,
    cardinality: String,
    declared: bool,
}

#[derive(PartialEq, Deserialize)]
struct KeyOutcome {
    table: String,
    columns: Vec<String>,
    status: String,
    declared: bool,
}

/// Whether two files `relationships.json` have the same relationships and keys with the same status. A file that cannot
/// be parsed differs.
pub fn is_same_outcome(before: &str, after: &str) -> bool {
    let parse = |text| serde_json::from_str::<Outcome>(text).ok();
    parse(before).is_some_and(|before| parse(after) == Some(before))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn detection(status: &str, score: f64) -> Value {
        let side = |table| json!({ "table": table, "columns": ["id"] });
        let link = json!({ "from": side("a"), "to": side("b"), "status": status, "cardinality": "many_to_one",
            "score": score, "declared": false, "evidence": [{ "kind": "inclusion", "text": "t", "value": score }] });
        let key = json!({ "table": "b", "columns": ["id"], "status": status, "score": score, "declared": false, "evidence": [] });
        json!({ "relationships": [link], "keys": [key] })
    }

    #[test]
    fn only_the_status_is_a_difference() {
        let same = |before: &Value, after: &Value| is_same_outcome(&before.to_string(), &after.to_string());
        assert!(same(&detection("review", 0.5), &detection("review", 0.6)));
        assert!(!same(&detection("review", 0.5), &detection("accepted", 0.5)));
        assert!(!same(&json!({}), &json!({})));
    }
}

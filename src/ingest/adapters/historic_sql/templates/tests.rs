use super::*;
use crate::ports::{Analysis, ColumnUsage, LiteralSlot, TableName};
use indexmap::IndexMap;
use serde_json::Value;

fn statement(calls: i64, total_ms: f64) -> CountedStatement {
    let (query_id, sql) = ("1".into(), "select".into());
    CountedStatement { query_id, sql, calls, total_ms, rows: 2, ..CountedStatement::default() }
}

fn analysis(fingerprint: &str, table: &str) -> PatternAnalysis {
    let analysis = Analysis {
        fingerprint: Some(fingerprint.into()),
        normalized_sql: Some(format!("SELECT * FROM {table} WHERE a = ?")),
        literal_slots: vec![LiteralSlot { position: 1, r#type: "string".into(), example_value: "secret".into() }],
        tables_touched: vec![TableName { catalog: None, db: None, name: table.into() }],
        columns_by_clause: IndexMap::new(),
        error: None,
    };
    PatternAnalysis { analysis, pattern: None, usage: ColumnUsage::default() }
}

fn pulled(pairs: Vec<(CountedStatement, PatternAnalysis)>, min_calls: u64) -> PullResult {
    let (batch, analyses): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
    let results = analyses.into_iter().enumerate().map(|(id, analysis)| (id.to_string(), analysis)).collect();
    merged(batch, PatternBatch { results, repetitions: HashMap::new() }, min_calls)
}

fn merged(batch: Vec<CountedStatement>, analyses: PatternBatch, min_calls: u64) -> PullResult {
    let mut templates = Templates::new("postgres");
    templates.merge(batch, analyses).unwrap();
    templates.into_pull_result(min_calls, Vec::new(), &Baseline::default()).unwrap()
}

#[test]
fn templates_that_name_what_is_denied_are_removed_and_counted() {
    let text = "connections: { w: { driver: x, policy: { deny: { tables: [hr.pay], columns: [users.secret] } } } }";
    let policy = crate::project::Project::parsed("/p".as_ref(), text).policy("w").unwrap();
    let mut secret = analysis("c", "users");
    secret.analysis.columns_by_clause.insert("where".into(), vec!["SECRET".into()]);
    let mut other = analysis("d", "accounts");
    other.analysis.columns_by_clause.insert("where".into(), vec!["secret".into()]);
    let analyses = [analysis("a", "pay"), analysis("b", "users"), secret, other];
    let results = analyses.into_iter().enumerate().map(|(id, analysis)| (id.to_string(), analysis)).collect();
    let mut templates = Templates::new("postgres");
    let batch = (0..4).map(|_| statement(1, 1.0)).collect();
    templates.merge(batch, PatternBatch { results, repetitions: HashMap::new() }).unwrap();
    templates.remove_denied(&policy);
    let pulled = templates.into_pull_result(1, Vec::new(), &Baseline::default()).unwrap();
    let mut names: Vec<_> = pulled.entities.iter().map(|entity| entity.name.as_str()).collect();
    names.sort_unstable();
    assert_eq!((names, pulled.left_out.templates), (vec!["b", "d"], 2));
}

#[test]
fn statements_of_one_fingerprint_are_merged_and_ranked_by_total_time() {
    let pulled = pulled(
        vec![
            (statement(3, 10.0), analysis("a", "orders")),
            (statement(1, 100.0), analysis("b", "customers")),
            (statement(2, 20.0), analysis("a", "orders")),
        ],
        1,
    );
    let names: Vec<_> = pulled.entities.iter().map(|entity| entity.name.as_str()).collect();
    assert_eq!(names, ["a", "b"]);
    let template: Value = serde_json::from_str(&pulled.entities[0].text).unwrap();
    assert_eq!((&template["calls"], &template["total_ms"], &template["rows"]), (&5.into(), &30.0.into(), &4.into()));
    assert_eq!((&template["mean_ms"], &template["statements"]), (&6.0.into(), &2.into()));
    let index: Value = serde_json::from_str(&pulled.attachments[0].text).unwrap();
    assert_eq!((&index[0]["fingerprint"], &index[1]["rank"]), (&"b".into(), &2.into()));
}

#[test]
fn min_calls_applies_to_the_sum_of_a_template() {
    let pairs = vec![
        (statement(3, 1.0), analysis("a", "orders")),
        (statement(2, 1.0), analysis("a", "orders")),
        (statement(4, 1.0), analysis("b", "orders")),
    ];
    assert_eq!(pulled(pairs, 5).entities.len(), 1);
}

#[test]
fn statistics_are_not_compared() {
    let hash = |calls| pulled(vec![(statement(calls, 1.0), analysis("a", "orders"))], 1).entities.remove(0).hash;
    assert_eq!(hash(1), hash(1000));
}

#[test]
fn unparsed_statements_are_counted_and_system_statements_skipped() {
    let mut broken = analysis("", "x");
    broken.analysis.error = Some("Line 1: no.".into());
    let own = analysis("s", "pg_class");
    let pulled = pulled(vec![(statement(1, 1.0), broken), (statement(1, 1.0), own)], 1);
    assert!(pulled.entities.is_empty());
    assert_eq!(
        pulled.warnings,
        [
            "1 statements cannot be analysed and are skipped; the first: Line 1: no",
            "No statements on tables with at least 1 calls were found"
        ]
    );
}

#[test]
fn missing_analysis_is_an_error() {
    let none = PatternBatch { results: IndexMap::new(), repetitions: HashMap::new() };
    let error = Templates::new("postgres").merge(vec![statement(1, 1.0)], none).unwrap_err();
    assert_eq!(error.code(), Code::HttpAnswerInvalid);
}

#[test]
fn repetitions_count_for_the_pattern_of_their_first_statement() {
    let mut first = analysis("fingerprint of the first", "orders");
    first.pattern = Some("pattern".into());
    let analyses = PatternBatch {
        results: [("0".into(), first), ("2".into(), analysis("b", "orders"))].into(),
        repetitions: [("1".into(), "0".into())].into(),
    };
    let pulled = merged(vec![statement(3, 1.0), statement(4, 1.0), statement(9, 9.0)], analyses, 1);
    let calls: Vec<_> = pulled
        .entities
        .iter()
        .map(|entity| serde_json::from_str::<Template>(&entity.text).unwrap())
        .map(|template| (template.fingerprint, template.calls, template.statements))
        .collect();
    assert_eq!(calls, [("b".into(), 9, 1), ("pattern".into(), 7, 2)]);
}

#[test]
fn callers_are_those_of_the_comment_else_those_of_the_names() {
    let by_name = |calls| [("person".to_owned(), calls)].into();
    let comment =
        CountedStatement { sql: "-- Metabase:: x\nselect".into(), callers: Some(by_name(9)), ..statement(9, 1.0) };
    let named = CountedStatement { callers: Some(by_name(2)), ..statement(2, 1.0) };
    let pairs = vec![(comment, analysis("a", "orders")), (named, analysis("a", "orders"))];
    let template: Template = serde_json::from_str(&pulled(pairs, 1).entities[0].text).unwrap();
    assert_eq!(template.callers(), &[("bi_tool".to_owned(), 9), ("person".to_owned(), 2)].into());
}

#[test]
fn literals_are_not_staged() {
    let pulled = pulled(vec![(statement(1, 1.0), analysis("a", "orders"))], 1);
    assert!(pulled.entities[0].text.contains(r#""type": "string""#), "{}", pulled.entities[0].text);
    let attachments = pulled.attachments.iter().map(|attachment| &attachment.text);
    assert!(attachments.chain([&pulled.entities[0].text]).all(|text| !text.contains("secret")));
}

//! The ports of SQL analysis; keys are snake_case on the wire and camelCase for hosts.

use super::{JsonRunner, read_answer};
use crate::error::{Code, Error};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use std::{collections::HashMap, fmt};

const FINGERPRINT: &str = "/api/sql/analyze-for-fingerprint";
const BATCH: &str = "/sql/analyze-batch";

/// A statement without its literals.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all(serialize = "camelCase"))]
pub struct Fingerprint {
    /// Equal for statements that differ in literals and layout only.
    pub fingerprint: String,
    /// The statement with `?` for each literal.
    pub normalized_sql: String,
    /// Physical tables in order of appearance.
    pub tables_touched: Vec<String>,
    /// The literals that were replaced with `?`, in order.
    pub literal_slots: Vec<LiteralSlot>,
}

/// A literal that was replaced.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all(serialize = "camelCase"))]
pub struct LiteralSlot {
    /// Number of the placeholder, from 1.
    pub position: u32,
    /// `string`, `number`, `timestamp`, `date`, `boolean`, `null` or `unknown`.
    pub r#type: String,
    /// The literal's text.
    pub example_value: String,
}

/// Analysis of one statement of a batch.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all(serialize = "camelCase"))]
pub struct Analysis {
    /// `None` when the statement could not be parsed.
    pub fingerprint: Option<String>,
    /// `None` when the statement could not be parsed.
    pub normalized_sql: Option<String>,
    /// The literals that were replaced with `?`, in order.
    #[serde(default)]
    pub literal_slots: Vec<LiteralSlot>,
    /// Physical tables in order of appearance.
    pub tables_touched: Vec<TableName>,
    /// Columns by clause.
    pub columns_by_clause: IndexMap<String, Vec<String>>,
    /// The reason why the statement could not be parsed.
    pub error: Option<String>,
}

/// A physical table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableName {
    /// Catalog or database.
    pub catalog: Option<String>,
    /// Schema.
    pub db: Option<String>,
    /// Name.
    pub name: String,
}

/// A column of a table, qualified as far as the statement and the catalog name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsedColumn {
    /// Catalog or database.
    pub catalog: Option<String>,
    /// Schema.
    pub db: Option<String>,
    /// Name of the table.
    pub table: String,
    /// Name of the column, as the statement spells it.
    pub column: String,
}

/// Two columns that a statement compares for equality, in the order of their names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsedJoin {
    /// The column whose name is first.
    pub left: UsedColumn,
    /// The other column.
    pub right: UsedColumn,
}

/// A column that a statement compares with values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsedFilter {
    /// The column.
    pub column: UsedColumn,
    /// Operator in lower case, such as `=`, `not in` or `between`.
    pub operator: String,
}

/// An aggregate function of a column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsedAggregate {
    /// Name in lower case, such as `sum` or `count distinct`.
    pub function: String,
    /// The column.
    pub column: UsedColumn,
}

/// What the statements of a pattern do with columns whose tables are certain.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ColumnUsage {
    /// Columns compared for equality.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub joins: Vec<UsedJoin>,
    /// Columns compared with values.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<UsedFilter>,
    /// Columns of GROUP BY.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groupings: Vec<UsedColumn>,
    /// Columns of aggregate functions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub aggregates: Vec<UsedAggregate>,
}

/// Analysis of the first statement of a pattern.
#[derive(Debug, Deserialize)]
pub struct PatternAnalysis {
    /// Analysis of the statement.
    #[serde(flatten)]
    pub analysis: Analysis,
    /// Equal for statements that differ in what a fingerprint ignores or in names of aliases; `None` if the statement
    /// could not be parsed, or if the daemon does not know patterns.
    pub pattern: Option<String>,
    /// Usage of columns.
    #[serde(default)]
    pub usage: ColumnUsage,
}

/// Analyses of a batch by pattern.
#[derive(Debug, Deserialize)]
pub struct PatternBatch {
    /// Analyses of the first statements of each pattern, and of statements that could not be parsed, by id.
    pub results: IndexMap<String, PatternAnalysis>,
    /// Ids of the other statements, with the id of the first statement of the same pattern.
    #[serde(default)]
    pub repetitions: HashMap<String, String>,
}

impl TableName {
    /// Whether a name in lower case means the table: alone, with its schema, or with its catalog as well.
    pub fn is_called(&self, lower: &str) -> bool {
        let full = self.to_string().to_lowercase();
        full == lower || full.strip_suffix(lower).is_some_and(|rest| rest.ends_with('.'))
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for qualifier in [&self.catalog, &self.db].into_iter().flatten() {
            write!(f, "{qualifier}.")?;
        }
        f.write_str(&self.name)
    }
}

#[derive(Deserialize)]
struct BatchAnswer {
    results: IndexMap<String, Analysis>,
}

/// Analyses one statement.
pub async fn analyze_for_fingerprint<R: JsonRunner>(
    runner: &R,
    sql: &str,
    dialect: &str,
) -> Result<Fingerprint, R::Error> {
    #[derive(Serialize)]
    struct Payload<'a> {
        sql: &'a str,
        dialect: &'a str,
    }
    let text = runner.request(FINGERPRINT, encode(&Payload { sql, dialect })?).await?;
    Ok(read_answer(FINGERPRINT, &text)?)
}

/// Analyses a JSON array of `{ id, sql }` in one call. `catalog` is the JSON object `{ tables }` in which unqualified
/// tables are looked up.
pub async fn analyze_batch<R: JsonRunner>(
    runner: &R,
    items: &str,
    dialect: &str,
    catalog: Option<&str>,
) -> Result<IndexMap<String, Analysis>, R::Error> {
    let text = runner.request(BATCH, batch_payload(items, dialect, catalog, "")?).await?;
    Ok(crate::offload::spawn_blocking(move || read_answer::<BatchAnswer>(BATCH, &text)).await?.results)
}

/// Analyses a JSON array of `{ id, sql }`, and each pattern of statements once; `catalog` is as for [`analyze_batch`].
pub async fn analyze_patterns<R: JsonRunner>(
    runner: &R,
    items: &str,
    dialect: &str,
    catalog: Option<&str>,
) -> Result<PatternBatch, R::Error> {
    let text = runner.request(BATCH, batch_payload(items, dialect, catalog, ",\"patterns_only\":true")?).await?;
    Ok(crate::offload::spawn_blocking(move || read_answer(BATCH, &text)).await?)
}

/// Returns the JSON of a request; `options` are further keys, each after a comma.
fn batch_payload(items: &str, dialect: &str, catalog: Option<&str>, options: &str) -> Result<String, Error> {
    let catalog = catalog.map_or_else(String::new, |catalog| format!(",\"catalog\":{catalog}"));
    Ok(format!("{{\"dialect\":{},\"items\":{items}{catalog}{options}}}", encode(&dialect)?))
}

fn encode(value: &impl Serialize) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|error| Error::new(Code::Internal, error.to_string()))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use std::cell::RefCell;

    /// Returns the same answer to every request.
    pub(crate) struct CannedRunner {
        answer: String,
        sent: RefCell<(String, String)>,
    }

    impl CannedRunner {
        pub(crate) fn new(answer: &str) -> Self {
            Self { answer: answer.to_owned(), sent: RefCell::default() }
        }

        pub(crate) fn sent(&self) -> (String, String) {
            self.sent.borrow().clone()
        }
    }

    impl JsonRunner for CannedRunner {
        type Error = Error;

        async fn request(&self, path: &str, payload: String) -> Result<String, Error> {
            *self.sent.borrow_mut() = (path.to_owned(), payload);
            Ok(self.answer.clone())
        }
    }

    #[tokio::test]
    async fn keys_are_translated_to_camel_case() {
        let answer = r#"{"fingerprint":"f","normalized_sql":"SELECT ?","tables_touched":["a.b"],
            "literal_slots":[{"position":1,"type":"number","example_value":"42"}]}"#;
        let runner = CannedRunner::new(answer);
        let found = analyze_for_fingerprint(&runner, "SELECT 42", "postgres").await.unwrap();
        assert_eq!(
            serde_json::to_string(&found).unwrap(),
            r#"{"fingerprint":"f","normalizedSql":"SELECT ?","tablesTouched":["a.b"],"literalSlots":[{"position":1,"type":"number","exampleValue":"42"}]}"#
        );
        assert_eq!(runner.sent(), (FINGERPRINT.into(), r#"{"sql":"SELECT 42","dialect":"postgres"}"#.into()));
    }

    #[tokio::test]
    async fn missing_field_is_named_with_its_path() {
        let runner = CannedRunner::new(
            r#"{"results":{"q1":{"fingerprint":"f","normalized_sql":"x","literal_slots":[{"position":1}]}}}"#,
        );
        let error = analyze_batch(&runner, "[]", "mysql", None).await.unwrap_err();
        assert!(error.to_string().contains("results.q1.literal_slots[0]"), "{error}");
        assert!(error.to_string().contains("type"), "{error}");
    }

    #[tokio::test]
    async fn batch_may_have_a_catalog_and_no_literals() {
        let result =
            r#"{"fingerprint":"f","normalized_sql":"x","tables_touched":[],"columns_by_clause":{},"error":null}"#;
        let runner = CannedRunner::new(&format!(r#"{{"results":{{"q1":{result}}}}}"#));
        let found = analyze_batch(&runner, "[]", "mysql", Some(r#"{"tables":[]}"#)).await.unwrap();
        assert!(found["q1"].literal_slots.is_empty());
        assert_eq!(runner.sent(), (BATCH.into(), r#"{"dialect":"mysql","items":[],"catalog":{"tables":[]}}"#.into()));
    }
}

//! Query templates: statements of the same fingerprint, with the sums of their statistics.

use super::{
    baseline::Baseline,
    caller, filter,
    log_counts::LogCounts,
    logged::{self, EarlierDays, Failures, LogSettings, LoggedDays, LoggedTemplate},
    usage::{USAGE_FILE, UsageCounter},
};
use crate::{
    error::{Code, Error, Result},
    ingest::{
        adapters::staged::StagedFolder,
        entity::{Attachment, Entity, PullResult, content_hash, staged_json},
        report::LeftOut,
    },
    ports::{ColumnUsage, CountedStatement, DayCounts, PatternAnalysis, PatternBatch, TableName},
    project::policy::{self, Policy},
};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::{
    cmp::Ordering,
    collections::{BTreeMap, HashMap},
};

/// Folder of the templates in a sync.
pub(super) const FOLDER: &str = "templates";
/// File with the templates in the order of their total time.
pub(super) const INDEX_FILE: &str = "templates.json";

/// A staged template. Literals of its statements are not staged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Template {
    /// Id of the template: equal for statements that differ in literals, lengths of lists, comments and names of aliases.
    pub fingerprint: String,
    /// sqlglot's name of the SQL.
    pub dialect: String,
    /// The first of its statements, with `?` for each literal.
    pub normalized_sql: String,
    /// Physical tables, in order of appearance.
    pub tables: Vec<TableName>,
    /// Columns by clause.
    pub columns_by_clause: IndexMap<String, Vec<String>>,
    /// Types of the literals.
    literal_slots: Vec<StagedSlot>,
    /// Usage of columns whose tables are certain.
    #[serde(default)]
    pub usage: ColumnUsage,
    /// Number of executions.
    pub calls: i64,
    /// Total time, in milliseconds.
    pub total_ms: f64,
    /// Mean time of a call, in milliseconds.
    pub mean_ms: f64,
    /// Total number of rows.
    pub rows: i64,
    /// Number of statements that the database counts separately.
    pub statements: usize,
    /// Whether all its calls were within functions.
    pub nested: bool,
    #[serde(flatten)]
    log: LogCounts,
}

impl Template {
    /// Adds calls; `tool` is the kind of caller that a comment names.
    pub(super) fn add(&mut self, counts: &DayCounts, tool: Option<&str>) {
        self.calls += counts.calls;
        self.total_ms += counts.total_ms;
        self.mean_ms = self.total_ms / self.calls.max(1) as f64;
        self.rows += counts.rows;
        self.log.add(counts, tool);
    }

    /// Calls by the kind of caller: `person`, `service_account`, `scheduler` or `bi_tool`; empty if unknown.
    pub fn callers(&self) -> &BTreeMap<String, i64> {
        &self.log.callers
    }

    /// Whether it names a denied table, or a denied column in a statement on its table.
    pub(in crate::ingest) fn names_denied(&self, policy: &Policy) -> bool {
        let columns = || self.columns_by_clause.values().flatten();
        policy.denies()
            && self
                .tables
                .iter()
                .map(policy_name)
                .any(|table| policy.table_denied(table) || columns().any(|column| policy.column_denied(table, column)))
    }

    /// The statement on one line.
    pub(super) fn statement_line(&self) -> String {
        self.normalized_sql.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Whether its counts are those of a window of time, not of all time.
    pub(super) fn is_windowed(&self) -> bool {
        self.log.last_seen_ms.is_some()
    }

    /// Compares by total time, the longest first, then by fingerprint.
    pub fn by_total_time(&self, other: &Self) -> Ordering {
        other.total_ms.total_cmp(&self.total_ms).then_with(|| self.fingerprint.cmp(&other.fingerprint))
    }
}

/// A literal of the normalised statement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct StagedSlot {
    position: u32,
    r#type: String,
}

/// The part of a template that is compared: not its statistics.
#[derive(Serialize)]
struct Content<'a> {
    fingerprint: &'a str,
    dialect: &'a str,
    tables: &'a [TableName],
    columns_by_clause: &'a IndexMap<String, Vec<String>>,
}

#[derive(Serialize)]
struct IndexEntry<'a> {
    rank: usize,
    fingerprint: &'a str,
    tables: &'a [TableName],
    calls: i64,
    total_ms: f64,
}

fn policy_name(table: &TableName) -> policy::TableName<'_> {
    policy::TableName { catalog: table.catalog.as_deref(), schema: table.db.as_deref(), name: &table.name }
}

/// The templates of a run.
#[derive(Debug)]
pub(super) struct Templates {
    dialect: String,
    by_fingerprint: HashMap<String, Template>,
    /// The days of templates of a log.
    days: HashMap<String, LoggedDays>,
    failures: Failures,
    left_out: LeftOut,
}

/// Result of the analysis of a statement.
enum Found {
    Template(String),
    Failure(String),
    SystemTables,
}

impl Templates {
    /// Creates an empty collection of statements in a dialect.
    pub(super) fn new(dialect: &str) -> Self {
        Self {
            dialect: dialect.to_owned(),
            by_fingerprint: HashMap::new(),
            days: HashMap::new(),
            failures: Failures::default(),
            left_out: LeftOut::default(),
        }
    }

    /// Creates a collection with the templates of earlier days, to which those of later days are added.
    pub(super) fn resume(dialect: &str, earlier: EarlierDays<Template>) -> Self {
        let mut templates = Self { failures: earlier.failures, ..Self::new(dialect) };
        for LoggedTemplate { template, days } in earlier.templates {
            templates.days.insert(template.fingerprint.clone(), days);
            templates.by_fingerprint.insert(template.fingerprint.clone(), template);
        }
        templates
    }

    /// Writes the days of a log for the next run, and sums them.
    ///
    /// Errors: [`Code::Internal`].
    pub(super) fn sum_days(&mut self, settings: &LogSettings<'_>) -> Result<Box<RawValue>> {
        let record = logged::record(settings, &self.by_fingerprint, &self.days, &self.failures)?;
        for (fingerprint, logged) in self.days.drain() {
            let Some(template) = self.by_fingerprint.get_mut(&fingerprint) else { continue };
            logged.days.values().for_each(|counts| template.add(counts, None));
            template.statements = logged.statements.len();
            template.nested = false;
        }
        Ok(record)
    }

    /// The templates, in any order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Template> {
        self.by_fingerprint.values()
    }

    /// Removes the templates that name a denied table or column, and counts them.
    pub(super) fn remove_denied(&mut self, policy: &Policy) {
        let count = self.by_fingerprint.len();
        self.by_fingerprint.retain(|_, template| !template.names_denied(policy));
        self.left_out.templates = count - self.by_fingerprint.len();
    }

    /// Adds the statements of a batch. Ids of `analyses` are positions in it.
    ///
    /// Errors: [`Code::HttpAnswerInvalid`] if an analysis is missing.
    pub(super) fn merge(&mut self, batch: Vec<CountedStatement>, analyses: PatternBatch) -> Result<()> {
        let PatternBatch { results, repetitions } = analyses;
        let found: HashMap<_, _> = results.into_iter().map(|(id, analysis)| (id, self.find_or_add(analysis))).collect();
        for (position, statement) in batch.into_iter().enumerate() {
            let id = position.to_string();
            let analysis = found.get(repetitions.get(&id).unwrap_or(&id)).ok_or_else(|| {
                let message = format!("KTX managed daemon HTTP /sql/analyze-batch answered without a result for {id}");
                Error::new(Code::HttpAnswerInvalid, message)
            })?;
            match analysis {
                Found::Template(fingerprint) => self.count(fingerprint, &statement),
                Found::Failure(reason) => self.failures.add(&statement, reason),
                Found::SystemTables => {}
            }
        }
        Ok(())
    }

    /// Returns the template of an analysis, without its statistics.
    fn find_or_add(&mut self, PatternAnalysis { analysis, pattern, usage }: PatternAnalysis) -> Found {
        let (fingerprint, normalized_sql) = match (analysis.error, analysis.fingerprint, analysis.normalized_sql) {
            (None, Some(fingerprint), Some(sql)) => (pattern.unwrap_or(fingerprint), sql),
            (error, ..) => return Found::Failure(error.unwrap_or_else(|| "no reason was given".into())),
        };
        if !filter::uses_user_tables(&analysis.tables_touched, &self.dialect) {
            return Found::SystemTables;
        }
        let slots = analysis.literal_slots.into_iter();
        self.by_fingerprint.entry(fingerprint.clone()).or_insert_with(|| Template {
            fingerprint: fingerprint.clone(),
            dialect: self.dialect.clone(),
            normalized_sql,
            tables: analysis.tables_touched,
            columns_by_clause: analysis.columns_by_clause,
            literal_slots: slots.map(|slot| StagedSlot { position: slot.position, r#type: slot.r#type }).collect(),
            usage,
            calls: 0,
            total_ms: 0.0,
            mean_ms: 0.0,
            rows: 0,
            statements: 0,
            nested: true,
            log: LogCounts::default(),
        });
        Found::Template(fingerprint)
    }

    fn count(&mut self, fingerprint: &str, statement: &CountedStatement) {
        let tool = caller::tool_of(&statement.sql);
        if let Some(days) = &statement.days {
            self.days.entry(fingerprint.to_owned()).or_default().add(&statement.query_id, days, tool);
            return;
        }
        let Some(template) = self.by_fingerprint.get_mut(fingerprint) else { return };
        template.add(&statement.counts(), tool);
        template.statements += 1;
        template.nested &= statement.nested;
    }

    /// Converts the templates with at least `min_calls` calls to entities and attachments.
    pub(super) fn into_pull_result(
        self,
        min_calls: u64,
        mut warnings: Vec<String>,
        baseline: &Baseline,
    ) -> Result<PullResult> {
        let mut templates: Vec<_> = self.by_fingerprint.into_values().collect();
        templates.retain(|template| u64::try_from(template.calls).unwrap_or(0) >= min_calls);
        templates.sort_by(Template::by_total_time);
        warnings.extend(self.failures.warning());
        if templates.is_empty() {
            warnings.push(format!("No statements on tables with at least {min_calls} calls were found"));
        }
        let index: Vec<_> = templates.iter().enumerate().map(index_entry).collect();
        let mut usage = UsageCounter::default();
        templates.iter().for_each(|template| usage.add(&template.usage, template.calls));
        let attachments = vec![
            Attachment { file: INDEX_FILE, text: staged_json(&index)? },
            Attachment { file: USAGE_FILE, text: staged_json(&usage.into_summary())? },
        ];
        let baseline = serde_json::to_string(baseline)
            .map_err(|_| Error::new(Code::Internal, "The baseline cannot be written as JSON"))?;
        let mut entities = templates.iter().map(entity).collect::<Result<Vec<_>>>()?;
        entities.sort_by(|left, right| left.name.cmp(&right.name));
        Ok(PullResult {
            entities,
            attachments,
            warnings,
            left_out: self.left_out,
            baseline: Some(baseline),
            ..PullResult::default()
        })
    }
}

/// Parses the files of a staged sync.
pub(super) fn parse_entities(folder: &StagedFolder) -> Result<Vec<Entity>> {
    folder.files.iter().map(|file| entity(&file.parse()?)).collect()
}

fn index_entry((position, template): (usize, &Template)) -> IndexEntry<'_> {
    IndexEntry {
        rank: position + 1,
        fingerprint: &template.fingerprint,
        tables: &template.tables,
        calls: template.calls,
        total_ms: template.total_ms,
    }
}

/// Returns a description, such as `1200 calls, 0.42 ms each: SELECT …`.
fn describe(template: &Template) -> String {
    format!("{} calls, {:.2} ms each: {}", template.calls, template.mean_ms, template.statement_line())
}

fn entity(template: &Template) -> Result<Entity> {
    let content = Content {
        fingerprint: &template.fingerprint,
        dialect: &template.dialect,
        tables: &template.tables,
        columns_by_clause: &template.columns_by_clause,
    };
    let first =
        template.tables.iter().find(|table| filter::uses_user_tables(std::slice::from_ref(table), &template.dialect));
    let group = first.map(|table| match &table.db {
        Some(schema) => format!("{schema}.{}", table.name),
        None => table.name.clone(),
    });
    Ok(Entity {
        name: template.fingerprint.clone(),
        description: Some(describe(template)),
        folder: FOLDER,
        title: template.fingerprint.clone(),
        group: group.unwrap_or_else(|| "default".into()),
        hash: content_hash(&content)?,
        text: staged_json(template)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::{Analysis, LiteralSlot};
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
        assert_eq!(
            (&template["calls"], &template["total_ms"], &template["rows"]),
            (&5.into(), &30.0.into(), &4.into())
        );
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
}

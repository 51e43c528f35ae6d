//! Query templates: statements with the same fingerprint, with their counts together.

use super::{baseline::Baseline, skip};
use crate::{
    error::{Code, Error, Result},
    ingest::{
        adapters::staged::StagedFolder,
        entity::{Attachment, Entity, Pulled, content_hash, staged_json},
    },
    ports::{Analysis, CountedStatement, TableName},
};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Dialect of the statements.
pub(super) const DIALECT: &str = "postgres";

/// Folder of the templates.
pub(super) const FOLDER: &str = "templates";
/// The templates by total time.
pub(super) const INDEX_FILE: &str = "templates.json";

/// A template as it is staged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Template {
    fingerprint: String,
    dialect: String,
    normalized_sql: String,
    tables: Vec<TableName>,
    columns_by_clause: IndexMap<String, Vec<String>>,
    literal_slots: Vec<Slot>,
    calls: i64,
    /// Milliseconds.
    total_ms: f64,
    /// Milliseconds a call.
    mean_ms: f64,
    rows: i64,
    /// Statements that PostgreSQL counts apart.
    statements: usize,
    /// Whether it only ever ran inside of functions.
    nested: bool,
}

/// A literal that PostgreSQL did not replace itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Slot {
    position: u32,
    r#type: String,
    example_value: String,
}

/// What makes a template another one; how often it ran does not.
#[derive(Serialize)]
struct Content<'a> {
    fingerprint: &'a str,
    dialect: &'a str,
    tables: &'a [TableName],
    columns_by_clause: &'a IndexMap<String, Vec<String>>,
}

#[derive(Serialize)]
struct Ranked<'a> {
    rank: usize,
    fingerprint: &'a str,
    tables: &'a [TableName],
    calls: i64,
    total_ms: f64,
}

/// The templates of a run, as they come together.
#[derive(Debug, Default)]
pub(super) struct Templates {
    by_fingerprint: HashMap<String, Template>,
    /// How many could not be analysed, and why the first could not.
    unparsed: Option<(usize, String)>,
}

impl Templates {
    /// Adds the statements of a batch; `analyses` are by their position in it.
    ///
    /// Errors: [`Code::HttpAnswerInvalid`] where one is missing.
    pub(super) fn merge(
        &mut self,
        batch: Vec<CountedStatement>,
        mut analyses: IndexMap<String, Analysis>,
    ) -> Result<()> {
        for (position, statement) in batch.into_iter().enumerate() {
            let analysis = analyses.swap_remove(&position.to_string()).ok_or_else(|| {
                let message = format!("KTX managed daemon HTTP /sql/analyze-batch answered nothing for {position}");
                Error::new(Code::HttpAnswerInvalid, message)
            })?;
            self.add(&statement, analysis);
        }
        Ok(())
    }

    fn add(&mut self, statement: &CountedStatement, analysis: Analysis) {
        let (fingerprint, normalized_sql) = match (analysis.error, analysis.fingerprint, analysis.normalized_sql) {
            (None, Some(fingerprint), Some(sql)) => (fingerprint, sql),
            (error, ..) => {
                let reason = error.unwrap_or_else(|| "no reason was given".into());
                self.unparsed.get_or_insert((0, reason)).0 += 1;
                return;
            }
        };
        if !skip::touches_data(&analysis.tables_touched) {
            return;
        }
        let slots = analysis.literal_slots.into_iter().map(|slot| Slot {
            position: slot.position,
            r#type: slot.r#type,
            example_value: slot.example_value,
        });
        let slots = slots.collect();
        let template = self.by_fingerprint.entry(fingerprint).or_insert_with_key(|fingerprint| Template {
            fingerprint: fingerprint.clone(),
            dialect: DIALECT.into(),
            normalized_sql,
            tables: analysis.tables_touched,
            columns_by_clause: analysis.columns_by_clause,
            literal_slots: slots,
            calls: 0,
            total_ms: 0.0,
            mean_ms: 0.0,
            rows: 0,
            statements: 0,
            nested: true,
        });
        template.calls += statement.calls;
        template.total_ms += statement.total_ms;
        template.mean_ms = template.total_ms / template.calls.max(1) as f64;
        template.rows += statement.rows;
        template.statements += 1;
        template.nested &= statement.nested;
    }

    /// The files of the templates with at least so many calls.
    pub(super) fn pulled(self, min_calls: u64, mut warnings: Vec<String>, baseline: &Baseline) -> Result<Pulled> {
        let mut templates: Vec<_> = self.by_fingerprint.into_values().collect();
        templates.retain(|template| u64::try_from(template.calls).unwrap_or(0) >= min_calls);
        templates.sort_by(|left, right| {
            right.total_ms.total_cmp(&left.total_ms).then_with(|| left.fingerprint.cmp(&right.fingerprint))
        });
        if let Some((count, reason)) = self.unparsed {
            let reason = reason.trim_end_matches('.');
            warnings.push(format!("{count} statements cannot be analysed and are left out; the first: {reason}"));
        }
        if templates.is_empty() {
            warnings.push(format!("No statements on tables with at least {min_calls} calls were found"));
        }
        let index: Vec<_> = templates.iter().enumerate().map(ranked).collect();
        let attachments = vec![Attachment { file: INDEX_FILE, text: staged_json(&index)? }];
        let baseline = serde_json::to_string(baseline)
            .map_err(|_| Error::new(Code::Internal, "What is to be remembered cannot be written as JSON"))?;
        let mut entities = templates.iter().map(entity).collect::<Result<Vec<_>>>()?;
        entities.sort_by(|left, right| left.name.cmp(&right.name));
        Ok(Pulled { entities, attachments, warnings, baseline: Some(baseline) })
    }
}

/// Entities of files that were staged before.
pub(super) fn restaged(folder: &StagedFolder) -> Result<Vec<Entity>> {
    folder.files.iter().map(|file| entity(&file.parse()?)).collect()
}

fn ranked((position, template): (usize, &Template)) -> Ranked<'_> {
    Ranked {
        rank: position + 1,
        fingerprint: &template.fingerprint,
        tables: &template.tables,
        calls: template.calls,
        total_ms: template.total_ms,
    }
}

/// `1200 calls, 0.42 ms each: SELECT …`.
fn describe(template: &Template) -> String {
    let statement: Vec<_> = template.normalized_sql.split_whitespace().collect();
    format!("{} calls, {:.2} ms each: {}", template.calls, template.mean_ms, statement.join(" "))
}

fn entity(template: &Template) -> Result<Entity> {
    let content = Content {
        fingerprint: &template.fingerprint,
        dialect: &template.dialect,
        tables: &template.tables,
        columns_by_clause: &template.columns_by_clause,
    };
    let first = template.tables.iter().find(|table| skip::touches_data(std::slice::from_ref(table)));
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
    use serde_json::Value;

    fn statement(calls: i64, total_ms: f64) -> CountedStatement {
        let (query_id, sql) = ("1".into(), "select".into());
        CountedStatement { query_id, sql, calls, total_ms, rows: 2, since_ms: None, nested: false }
    }

    fn analysis(fingerprint: &str, table: &str) -> Analysis {
        Analysis {
            fingerprint: Some(fingerprint.into()),
            normalized_sql: Some(format!("SELECT * FROM {table}")),
            literal_slots: Vec::new(),
            tables_touched: vec![TableName { catalog: None, db: None, name: table.into() }],
            columns_by_clause: IndexMap::new(),
            error: None,
        }
    }

    fn pulled(pairs: Vec<(CountedStatement, Analysis)>, min_calls: u64) -> Pulled {
        let mut templates = Templates::default();
        let (batch, analyses): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
        let analyses = analyses.into_iter().enumerate().map(|(id, analysis)| (id.to_string(), analysis)).collect();
        templates.merge(batch, analyses).unwrap();
        templates.pulled(min_calls, Vec::new(), &Baseline::default()).unwrap()
    }

    #[test]
    fn statements_of_one_fingerprint_are_counted_together_and_ranked_by_time() {
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
    fn calls_count_when_they_are_together() {
        let pairs = vec![
            (statement(3, 1.0), analysis("a", "orders")),
            (statement(2, 1.0), analysis("a", "orders")),
            (statement(4, 1.0), analysis("b", "orders")),
        ];
        assert_eq!(pulled(pairs, 5).entities.len(), 1);
    }

    #[test]
    fn how_often_a_template_ran_is_no_change_of_it() {
        let hash = |calls| pulled(vec![(statement(calls, 1.0), analysis("a", "orders"))], 1).entities.remove(0).hash;
        assert_eq!(hash(1), hash(1000));
    }

    #[test]
    fn what_cannot_be_analysed_is_counted_and_the_servers_own_is_left_out() {
        let broken =
            Analysis { error: Some("Line 1: no.".into()), fingerprint: Some(String::new()), ..analysis("", "x") };
        let own = analysis("s", "pg_class");
        let pulled = pulled(vec![(statement(1, 1.0), broken), (statement(1, 1.0), own)], 1);
        assert!(pulled.entities.is_empty());
        assert_eq!(
            pulled.warnings,
            [
                "1 statements cannot be analysed and are left out; the first: Line 1: no",
                "No statements on tables with at least 1 calls were found"
            ]
        );
    }

    #[test]
    fn a_missing_analysis_is_an_error() {
        let error = Templates::default().merge(vec![statement(1, 1.0)], IndexMap::new()).unwrap_err();
        assert_eq!(error.code(), Code::HttpAnswerInvalid);
    }
}

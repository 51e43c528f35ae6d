//! The templates of a run, to which analysed statements are added.

use super::{
    baseline::Baseline,
    caller, filter,
    log_counts::LogCounts,
    logged::{self, EarlierDays, Failures, LogSettings, LoggedDays, LoggedTemplate},
    pulled,
    template::{StagedSlot, Template},
};
use crate::{
    error::{Code, Error, Result},
    ingest::{entity::PullResult, report::LeftOut},
    ports::{CountedStatement, PatternAnalysis, PatternBatch},
    project::policy::Policy,
};
use serde_json::value::RawValue;
use std::collections::HashMap;

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
        warnings.extend(self.failures.warning());
        if templates.is_empty() {
            warnings.push(format!("No statements on tables with at least {min_calls} calls were found"));
        }
        Ok(PullResult { warnings, left_out: self.left_out, ..pulled::pull_result(templates, baseline)? })
    }
}

#[cfg(test)]
mod tests;

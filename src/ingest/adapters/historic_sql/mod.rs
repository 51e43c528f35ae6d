//! The statements that ran on a PostgreSQL database, from `pg_stat_statements`: one file a query template.
//!
//! The statements are read before they are analysed, so that no transaction of ours stays open on the database meanwhile.
//! They are analysed in batches and merged by fingerprint. The daemon does both.

mod baseline;
mod skip;
mod snapshot;
mod template;

use super::{SourceAdapter, staged::Shape};
use crate::{
    error::{Code, Error, Result},
    ingest::{
        baseline as recorded,
        entity::Pulled,
        failure::{RunFailure, convert_error},
        progress::{Phase, Progress},
    },
    offload,
    ports::{CountedStatement, JsonRunner, analyze_batch},
    project::{Adapter, historic_sql::HistoricSqlSource},
    redact::Redactor,
};
use baseline::{Baseline, Comparison};
use serde::Serialize;
use snapshot::Snapshot;
use std::path::PathBuf;
use template::{DIALECT, Templates};

/// Name of the source.
pub const SOURCE: &str = Adapter::HistoricSql.name();
/// Statements of one request.
const BATCH: usize = 1000;
/// Bytes of statements of one request; the daemon takes 64 MiB.
const BATCH_BYTES: usize = 8 << 20;

/// How a sync looks on disk.
pub(super) const SHAPE: Shape =
    Shape { folders: &[template::FOLDER], attachments: &[template::INDEX_FILE], entities: template::restaged };

/// A database, what is wanted of its statements, and the way to the daemon that reads and analyses them.
pub struct HistoricSql<'a, R> {
    source: HistoricSqlSource,
    project_dir: PathBuf,
    runner: &'a R,
    redactor: Redactor,
}

#[derive(Serialize)]
struct Item<'a> {
    id: String,
    sql: &'a str,
}

impl<'a, R: JsonRunner<Error: RunFailure>> HistoricSql<'a, R> {
    /// Nothing is connected yet.
    pub fn new(source: HistoricSqlSource, project_dir: PathBuf, runner: &'a R) -> Self {
        let redactor = Redactor::new(&source.database.url);
        Self { source, project_dir, runner, redactor }
    }

    async fn baseline(&self) -> Result<Baseline> {
        let (dir, id) = (self.project_dir.clone(), self.source.database.connection_id.clone());
        offload::spawn_blocking(move || Ok(Baseline::parse(recorded::read(&dir, &id, SOURCE)?.as_deref()))).await
    }

    /// Analyses the statements, batch by batch; a batch is forgotten when its templates are merged.
    async fn templates(
        &self,
        statements: Vec<CountedStatement>,
        progress: Progress<'_>,
    ) -> Result<Templates, R::Error> {
        let total = statements.len();
        let mut templates = Templates::default();
        let mut rest = statements.into_iter().peekable();
        let mut done = 0;
        while rest.peek().is_some() {
            let batch = next_batch(&mut rest);
            progress.count(Phase::Fetch, "Analysing statements", done, total);
            let items: Vec<_> = batch
                .iter()
                .enumerate()
                .map(|(id, statement)| Item { id: id.to_string(), sql: &statement.sql })
                .collect();
            let items = serde_json::to_string(&items)
                .map_err(|_| Error::new(Code::Internal, "Statements cannot be written as JSON"))?;
            let analyses = analyze_batch(self.runner, &items, DIALECT, None).await?;
            done += batch.len();
            convert_error::<_, R::Error>(templates.merge(batch, analyses))?;
        }
        progress.count(Phase::Fetch, "Analysing statements", total, total);
        Ok(templates)
    }
}

fn next_batch(rest: &mut std::iter::Peekable<std::vec::IntoIter<CountedStatement>>) -> Vec<CountedStatement> {
    let mut batch = Vec::new();
    let mut bytes = 0;
    while let Some(statement) = rest.next_if(|next| batch.is_empty() || bytes + next.sql.len() <= BATCH_BYTES) {
        bytes += statement.sql.len();
        batch.push(statement);
        if batch.len() == BATCH {
            break;
        }
    }
    batch
}

impl<R: JsonRunner<Error: RunFailure>> SourceAdapter for HistoricSql<'_, R> {
    type Error = R::Error;

    fn source(&self) -> &'static str {
        SOURCE
    }

    async fn fetch(&self, progress: Progress<'_>) -> Result<Pulled, R::Error> {
        let id = &self.source.database.connection_id;
        progress.tell(Phase::Fetch, format!("Reading the statements of {id}"));
        let snapshot = Snapshot::read(&self.source.database, &self.redactor, self.runner).await?;
        let before = convert_error::<_, R::Error>(self.baseline().await)?;
        let Comparison { statements, baseline, warnings } =
            baseline::compare(before, snapshot, self.source.window_days);
        let templates = self.templates(statements, progress).await?;
        let min_calls = self.source.min_calls;
        let pulled = offload::spawn_blocking(move || templates.pulled(min_calls, warnings, &baseline)).await;
        convert_error(pulled)
    }

    fn scrubbed(&self, error: &R::Error) -> String {
        self.redactor.text(&error.text())
    }
}

//! The `historic-sql` adapter: reads the query history of PostgreSQL, `pg_stat_statements`, or of ClickHouse,
//! `system.query_log`, and stages one file for each query template.
//!
//! Of a log of calls, only the days since the last run are read, see [`logged`]. All statements are read before the first is analysed, so that no transaction stays open during the analysis. They
//! are analysed in batches and merged by pattern. The daemon reads and analyses them.

mod baseline;
mod caller;
mod comments;
mod filter;
mod log_counts;
mod logged;
mod pulled;
mod slower;
mod snapshot;
mod template;
mod templates;
mod usage;

use super::{
    SourceAdapter, live_database,
    staged::{self, StagedLayout},
};
use crate::{
    error::{Code, Error, Result},
    ingest::{
        baseline as recorded,
        entity::PullResult,
        failure::{RunFailure, convert_error},
        newest_sync::find_newest_sync,
        progress::{Phase, Progress},
    },
    offload,
    ports::{CountedStatement, JsonRunner, TableName, analyze_patterns},
    project::{Adapter, historic_sql::HistoricSqlSource},
    redact::Redactor,
};
use baseline::{Baseline, Comparison};
use logged::{EarlierDays, LogSettings, settings_key};
use serde::Serialize;
use snapshot::Snapshot;
use std::path::{Path, PathBuf};
pub use template::Template;
use templates::Templates;
pub(crate) use usage::USAGE_FILE;

/// Name of the source.
pub const SOURCE: &str = Adapter::HistoricSql.name();
/// Maximum statements of one request.
const MAX_BATCH_STATEMENTS: usize = 1000;
/// Maximum bytes of statements of one request; the limit of the daemon is 64 MiB.
const MAX_BATCH_BYTES: usize = 8 << 20;

/// Layout of a staged sync.
pub(super) const LAYOUT: StagedLayout = StagedLayout {
    folders: &[pulled::FOLDER],
    attachments: &[pulled::INDEX_FILE, usage::USAGE_FILE],
    parse_entities: pulled::parse_entities,
};

/// The adapter. The daemon is called through `runner`.
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
    /// Creates the adapter without connecting.
    pub fn new(source: HistoricSqlSource, project_dir: PathBuf, runner: &'a R) -> Self {
        let redactor = Redactor::new(&source.database.url);
        Self { source, project_dir, runner, redactor }
    }

    async fn baseline(&self) -> Result<Baseline> {
        let (dir, database) = (self.project_dir.clone(), &self.source.database);
        let (id, environment) = (database.connection_id.clone(), database.environment.clone());
        let reading = move || recorded::read(&dir, &id, SOURCE, environment.as_deref());
        Ok(Baseline::parse(offload::spawn_blocking(reading).await?.as_deref()))
    }

    /// Returns the tables of the newest scan as a JSON object, in which names without a schema are looked up; `None`
    /// without a scan that can be read.
    async fn catalog(&self) -> Result<Option<String>> {
        let (dir, database) = (self.project_dir.clone(), &self.source.database);
        let (id, environment) = (database.connection_id.clone(), database.environment.clone());
        offload::spawn_blocking(move || Ok(read_catalog(&dir, &id, environment.as_deref()).ok().flatten())).await
    }

    /// Returns the templates of the newest sync; none without one that can be read.
    async fn newest_templates(&self) -> Result<Vec<Template>> {
        let (dir, database) = (self.project_dir.clone(), &self.source.database);
        let (id, environment) = (database.connection_id.clone(), database.environment.clone());
        let read = move || {
            let newest = find_newest_sync(&dir, &id, SOURCE, environment.as_deref()).ok().flatten();
            Ok(newest.and_then(|folder| read_templates(&folder).ok()).unwrap_or_default())
        };
        offload::spawn_blocking(read).await
    }

    /// Reads the statements: of a log those of the days that no earlier run with these settings has read, and these days.
    async fn read_snapshot(&self, before: &Baseline, key: &str) -> Result<(Snapshot, EarlierDays<Template>), R::Error> {
        let now = jiff::Timestamp::now().as_millisecond();
        let earlier = before.log.as_ref().and_then(|recorded| EarlierDays::parse(recorded, key, now));
        let first_day = earlier.as_ref().map(EarlierDays::next_day);
        let snapshot = Snapshot::read(&self.source, first_day, &self.redactor, self.runner).await?;
        let Some(log) = snapshot.log.clone().filter(|log| log.first_day > log.window_begin_day) else {
            return Ok((snapshot, EarlierDays::default()));
        };
        match earlier.filter(|earlier| !snapshot.truncated && earlier.precede(&log)) {
            Some(earlier) => Ok((snapshot, earlier.keep_unread(&log))),
            None => {
                let whole = Snapshot::read(&self.source, None, &self.redactor, self.runner).await?;
                Ok((whole, EarlierDays::default()))
            }
        }
    }

    /// Analyses the statements in batches. Each batch is dropped after it has been merged into the templates.
    async fn analyse(
        &self,
        mut templates: Templates,
        statements: Vec<CountedStatement>,
        catalog: Option<&str>,
        progress: Progress<'_>,
    ) -> Result<Templates, R::Error> {
        let total = statements.len();
        let mut rest = statements.into_iter().peekable();
        let mut done = 0;
        while rest.peek().is_some() {
            let batch = next_batch(&mut rest);
            progress.report_count(Phase::Fetch, "Analysing statements", done, total);
            let items: Vec<_> = batch
                .iter()
                .enumerate()
                .map(|(id, statement)| Item { id: id.to_string(), sql: &statement.sql })
                .collect();
            let items = serde_json::to_string(&items)
                .map_err(|_| Error::new(Code::Internal, "Statements cannot be written as JSON"))?;
            let analyses = analyze_patterns(self.runner, &items, &self.source.dialect, catalog).await?;
            done += batch.len();
            convert_error::<_, R::Error>(templates.merge(batch, analyses))?;
        }
        progress.report_count(Phase::Fetch, "Analysing statements", total, total);
        Ok(templates)
    }
}

/// Reads the templates of a staged sync. Blocks. Errors: [`Code::SourceDirInvalid`], [`Code::FileIo`].
pub fn read_templates(dir: &Path) -> Result<Vec<Template>> {
    staged::parse_files(LAYOUT, dir, |file| file.parse())
}

/// Reads the names of the tables of the newest scan. Blocks.
fn read_catalog(project_dir: &Path, connection_id: &str, environment: Option<&str>) -> Result<Option<String>> {
    #[derive(Serialize)]
    struct Catalog {
        tables: Vec<TableName>,
    }
    let Some(folder) = find_newest_sync(project_dir, connection_id, live_database::SOURCE, environment)? else {
        return Ok(None);
    };
    let tables = staged::parse_files(live_database::LAYOUT, &folder, |file| file.parse())?;
    serde_json::to_string(&Catalog { tables })
        .map(Some)
        .map_err(|_| Error::new(Code::Internal, "The names of tables cannot be written as JSON"))
}

fn next_batch(rest: &mut std::iter::Peekable<std::vec::IntoIter<CountedStatement>>) -> Vec<CountedStatement> {
    let mut batch = Vec::new();
    let mut bytes = 0;
    while let Some(statement) = rest.next_if(|next| batch.is_empty() || bytes + next.sql.len() <= MAX_BATCH_BYTES) {
        bytes += statement.sql.len();
        batch.push(statement);
        if batch.len() == MAX_BATCH_STATEMENTS {
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

    async fn fetch(&self, progress: Progress<'_>) -> Result<PullResult, R::Error> {
        let id = &self.source.database.connection_id;
        progress.report(Phase::Fetch, format!("Reading the statements of {id}"));
        let before = convert_error::<_, R::Error>(self.baseline().await)?;
        let catalog = convert_error::<_, R::Error>(self.catalog().await)?;
        let key = convert_error::<_, R::Error>(settings_key(&self.source, catalog.as_deref()))?;
        let (snapshot, earlier) = self.read_snapshot(&before, &key).await?;
        let (log, taken_at) = (snapshot.log.clone().filter(|_| !snapshot.truncated), snapshot.taken_at);
        let Comparison { statements, mut baseline, warnings } =
            baseline::compare(before, snapshot, self.source.window_days);
        let templates = Templates::resume(&self.source.dialect, earlier);
        let mut templates = self.analyse(templates, statements, catalog.as_deref(), progress).await?;
        templates.remove_denied(&self.source.database.policy);
        let name = log.as_ref().map_or("", |log| &log.name);
        let days = templates.sum_days(&LogSettings { key: &key, name, read_at: taken_at });
        let days = convert_error::<_, R::Error>(days)?;
        baseline.log = log.is_some().then_some(days);
        let newest = convert_error::<_, R::Error>(self.newest_templates().await)?;
        let slower = slower::slower_warning(&newest, templates.iter());
        let warnings = warnings.into_iter().chain(slower).collect();
        let min_calls = self.source.min_calls;
        let pulled = offload::spawn_blocking(move || templates.into_pull_result(min_calls, warnings, &baseline)).await;
        convert_error(pulled)
    }

    fn redact_error(&self, error: &R::Error) -> String {
        self.redactor.text(&error.text())
    }
}

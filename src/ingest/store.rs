//! The store, `.ktx/db.sqlite`: runs, their reports, and the entities of each successful sync.
//!
//! All functions block.

use super::{
    database::{self, store_error},
    diff::{Base, BaseEntity, BaseSync},
    entity::Entity,
    layout,
    report::{RunReport, RunStatus},
};
use crate::error::{Code, Error, Result};
use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior, params};
use std::path::{Path, PathBuf};

/// Filter for a list of runs.
#[derive(Debug, Clone, Default)]
pub struct RunFilter {
    /// Only runs of this connection.
    pub connection_id: Option<String>,
    /// Only runs of this source.
    pub source: Option<String>,
    /// Maximum number of runs.
    pub limit: Option<u32>,
}

/// Lists the recorded runs, newest first; none if the project has no database. Errors: [`Code::StoreFailed`].
pub fn list_runs(project_dir: &Path, filter: &RunFilter) -> Result<Vec<RunReport>> {
    let Some(store) = Store::open_existing(project_dir)? else { return Ok(Vec::new()) };
    store.list(filter)
}

/// The name of the newest run.
const LATEST: &str = "latest";

/// What all run ids begin with.
const ID_PREFIX: &str = "run-";

/// Maximum runs in the error for an ambiguous prefix.
const MAX_CHOICES: usize = 8;

/// Returns a recorded run by its id, by a unique prefix of it (with or without `run-`), or the newest by the name
/// `latest`. A prefix and `latest` select among the runs of `source`, by default of all sources.
///
/// Errors: [`Code::RunUnknown`]; [`Code::ArgumentInvalid`] with the choices, if several runs have the prefix;
/// [`Code::StoreFailed`].
pub fn read_run(project_dir: &Path, run_id: &str, source: Option<&str>) -> Result<RunReport> {
    let unknown = || Error::new(Code::RunUnknown, format!("There is no run {run_id} in this project"));
    let Some(store) = Store::open_existing(project_dir)? else { return Err(unknown()) };
    if let Some(run) = store.run(run_id)? {
        return Ok(run);
    }
    let mut matches = match run_id {
        LATEST => {
            store.list(&RunFilter { source: source.map(str::to_owned), limit: Some(1), ..RunFilter::default() })?
        }
        prefix => store.runs_with_prefix(prefix, source)?,
    };
    match matches.len() {
        1 => Ok(matches.remove(0)),
        0 => Err(unknown()),
        _ => Err(ambiguous_run(run_id, &matches)),
    }
}

/// Replaces the report of a run that has ended. Errors: [`Code::StoreFailed`].
pub(crate) fn amend_run(project_dir: &Path, report: &RunReport) -> Result<()> {
    let store = Store::open(project_dir)?;
    let json = store.to_json(report)?;
    let written = store.database.execute("UPDATE runs SET report = ? WHERE run_id = ?", params![json, report.run_id]);
    written.map(drop).map_err(|error| store_error(&store.path, error))
}

fn ambiguous_run(prefix: &str, matches: &[RunReport]) -> Error {
    let ids: Vec<_> = matches.iter().take(MAX_CHOICES).map(|run| run.run_id.as_str()).collect();
    let more = if matches.len() > MAX_CHOICES { ", …" } else { "" };
    Error::new(Code::ArgumentInvalid, format!("Several runs begin with {prefix}: {}{more}", ids.join(", ")))
        .with_hint("Write more of the id, or latest for the newest run")
}

/// The run that holds the lock of a connection and source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Holder {
    pub(super) pid: u32,
    pub(super) started_at: String,
}

/// An open store.
#[derive(Debug)]
pub(super) struct Store {
    database: Connection,
    path: PathBuf,
}

impl Store {
    /// Opens the database of a project, and creates it if it is missing.
    pub(super) fn open(project_dir: &Path) -> Result<Self> {
        let database = database::open(project_dir)?;
        Ok(Self { database, path: layout::database_path(project_dir) })
    }

    /// Opens the database of a project if it exists, read-only if it cannot be written.
    pub(super) fn open_existing(project_dir: &Path) -> Result<Option<Self>> {
        let found = database::open_existing(project_dir)?;
        Ok(found.map(|database| Self { database, path: layout::database_path(project_dir) }))
    }

    /// Records the begin of a run.
    pub(super) fn insert(&self, report: &RunReport) -> Result<()> {
        let json = self.to_json(report)?;
        let sql = "INSERT INTO runs (run_id, connection_id, source, status, dry_run, sync_id, pid, report) VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
        let values = params![
            report.run_id,
            report.connection_id,
            report.source,
            status_text(report.status),
            report.dry_run,
            report.sync_id,
            std::process::id(),
            json
        ];
        self.database.execute(sql, values).map(drop).map_err(|error| store_error(&self.path, error))
    }

    /// Records the end of a run, and its entities if later runs are to be compared with it.
    pub(super) fn finish(&mut self, report: &RunReport, entities: &[Entity]) -> Result<()> {
        let json = self.to_json(report)?;
        let mut write = || {
            let transaction = self.database.transaction_with_behavior(TransactionBehavior::Immediate)?;
            transaction.execute(
                "UPDATE runs SET status = ?, sync_id = ?, report = ? WHERE run_id = ?",
                params![status_text(report.status), report.sync_id, json, report.run_id],
            )?;
            {
                let mut insert =
                    transaction.prepare("INSERT INTO entities (run_id, name, work_group, hash) VALUES (?, ?, ?, ?)")?;
                for entity in entities {
                    insert.execute(params![report.run_id, entity.name, entity.group, entity.hash])?;
                }
            }
            transaction.commit()
        };
        write().map_err(|error| store_error(&self.path, error))
    }

    /// Returns the report of the last successful sync of a connection and source, in any environment.
    pub(super) fn last_sync(&self, connection_id: &str, source: &str) -> Result<Option<RunReport>> {
        let clause =
            "WHERE connection_id = ? AND source = ? AND status = 'done' AND NOT dry_run ORDER BY seq DESC LIMIT 1";
        Ok(self.select(clause, &[&connection_id, &source])?.pop())
    }

    /// Loads the last successful sync of a connection and source in an environment.
    pub(super) fn load_base(
        &self,
        connection_id: &str,
        source: &str,
        environment: Option<&str>,
    ) -> Result<Option<BaseSync>> {
        let clause = "WHERE connection_id = ? AND source = ? AND status = 'done' AND NOT dry_run
            AND json_extract(report, '$.environment') IS ? ORDER BY seq DESC LIMIT 1";
        let Some(run) = self.select(clause, &[&connection_id, &source, &environment])?.pop() else { return Ok(None) };
        let read = || -> rusqlite::Result<Base> {
            let mut select = self.database.prepare("SELECT name, work_group, hash FROM entities WHERE run_id = ?")?;
            let entity = |row: &Row<'_>| Ok((row.get(0)?, BaseEntity { group: row.get(1)?, hash: row.get(2)? }));
            select.query_map([&run.run_id], entity)?.collect()
        };
        let entities = read().map_err(|error| store_error(&self.path, error))?;
        Ok(Some(BaseSync { sync_id: run.sync_id, entities }))
    }

    /// Removes the entities of runs that are no base of a later one.
    pub(super) fn remove_old_entities(&self, connection_id: &str, source: &str) -> Result<()> {
        let sql = "DELETE FROM entities WHERE run_id IN (
            SELECT run_id FROM runs WHERE connection_id = ?1 AND source = ?2 AND seq NOT IN (
                SELECT max(seq) FROM runs WHERE connection_id = ?1 AND source = ?2 AND status = 'done' AND NOT dry_run
                GROUP BY json_extract(report, '$.environment')))";
        self.database.execute(sql, [connection_id, source]).map(drop).map_err(|error| store_error(&self.path, error))
    }

    /// Returns the runs that are recorded as running.
    pub(super) fn running(&self) -> Result<Vec<RunReport>> {
        self.select("WHERE status = 'running' ORDER BY seq", &[])
    }

    /// Returns the process of the recorded running run of a connection and source.
    pub(super) fn holder(&self, connection_id: &str, source: &str) -> Result<Option<Holder>> {
        let sql = "SELECT pid, report FROM runs WHERE connection_id = ? AND source = ? AND status = 'running' ORDER BY seq DESC LIMIT 1";
        let row = |row: &Row<'_>| Ok((row.get(0)?, row.get::<_, String>(1)?));
        let found = self.database.query_row(sql, [connection_id, source], row).optional();
        let Some((pid, json)) = found.map_err(|error| store_error(&self.path, error))? else { return Ok(None) };
        Ok(Some(Holder { pid, started_at: self.parse_report(&json)?.started_at }))
    }

    fn list(&self, filter: &RunFilter) -> Result<Vec<RunReport>> {
        let limit = filter.limit.map_or(-1, i64::from);
        let clause =
            "WHERE (?1 IS NULL OR connection_id = ?1) AND (?2 IS NULL OR source = ?2) ORDER BY seq DESC LIMIT ?3";
        self.select(clause, &[&filter.connection_id, &filter.source, &limit])
    }

    fn run(&self, run_id: &str) -> Result<Option<RunReport>> {
        Ok(self.select("WHERE run_id = ?", &[&run_id])?.pop())
    }

    /// Returns the runs whose id begins with a prefix, newest first, at most one more than are listed in an error.
    fn runs_with_prefix(&self, prefix: &str, source: Option<&str>) -> Result<Vec<RunReport>> {
        if prefix.is_empty() {
            return Ok(Vec::new());
        }
        let id = if ID_PREFIX.starts_with(prefix) || prefix.starts_with(ID_PREFIX) {
            prefix.to_owned()
        } else {
            format!("{ID_PREFIX}{prefix}")
        };
        let clause =
            "WHERE substr(run_id, 1, length(?1)) = ?1 AND (?2 IS NULL OR source = ?2) ORDER BY seq DESC LIMIT ?3";
        self.select(clause, &[&id, &source, &(MAX_CHOICES as i64 + 1)])
    }

    fn select(&self, clause: &str, values: &[&dyn rusqlite::ToSql]) -> Result<Vec<RunReport>> {
        let read = || {
            let mut select = self.database.prepare(&format!("SELECT report FROM runs {clause}"))?;
            select.query_map(values, |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()
        };
        let rows = read().map_err(|error| store_error(&self.path, error))?;
        rows.iter().map(|json| self.parse_report(json)).collect()
    }

    fn parse_report(&self, json: &str) -> Result<RunReport> {
        serde_json::from_str(json).map_err(|error| {
            let message = format!("{} holds a report that cannot be read: {error}", self.path.display());
            Error::new(Code::StoreFailed, message).with_hint(database::REPAIR_HINT).caused_by(error)
        })
    }

    fn to_json(&self, report: &RunReport) -> Result<String> {
        serde_json::to_string(report)
            .map_err(|error| Error::new(Code::Internal, "A report cannot be written as JSON").caused_by(error))
    }
}

fn status_text(status: RunStatus) -> &'static str {
    match status {
        RunStatus::Running => "running",
        RunStatus::Done => "done",
        RunStatus::Failed => "failed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn finished(store: &mut Store, connection: &str, dry_run: bool, entities: &[Entity]) -> RunReport {
        let mut report = RunReport::begin(connection, "live-database", dry_run);
        store.insert(&report).unwrap();
        report.end(None);
        store.finish(&report, entities).unwrap();
        report
    }

    fn entity(name: &str) -> Entity {
        Entity {
            description: None,
            name: name.into(),
            folder: "tables",
            title: name.into(),
            group: "g".into(),
            hash: "h".into(),
            text: String::new(),
        }
    }

    #[test]
    fn runs_are_listed_newest_first_and_read_by_id() {
        let dir = tempfile::tempdir().unwrap();
        let mut store = Store::open(dir.path()).unwrap();
        let first = finished(&mut store, "a", false, &[]);
        let second = finished(&mut store, "b", true, &[]);
        let all = list_runs(dir.path(), &RunFilter::default()).unwrap();
        assert_eq!(all, [second.clone(), first.clone()]);
        assert_eq!(list_runs(dir.path(), &RunFilter { limit: Some(1), ..RunFilter::default() }).unwrap(), [second]);
        let filters = [
            RunFilter { source: Some("looker".into()), ..RunFilter::default() },
            RunFilter { connection_id: Some("other".into()), ..RunFilter::default() },
        ];
        for filter in filters {
            assert!(list_runs(dir.path(), &filter).unwrap().is_empty(), "{filter:?}");
        }
        let filter = RunFilter {
            connection_id: Some(first.connection_id.clone()),
            source: Some(first.source.clone()),
            limit: None,
        };
        assert_eq!(list_runs(dir.path(), &filter).unwrap(), std::slice::from_ref(&first));
        assert_eq!(read_run(dir.path(), &first.run_id, None).unwrap(), first);
        assert_eq!(read_run(dir.path(), "run-x", None).unwrap_err().code(), Code::RunUnknown);
    }

    #[test]
    fn run_is_found_by_unique_prefix_and_as_the_latest() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        let record = |id: &str, source: &str| {
            let run_id = id.to_owned();
            store.insert(&RunReport { run_id, ..RunReport::begin("a", source, false) }).unwrap();
        };
        for (id, source) in
            [("run-01a1", "live-database"), ("run-01a", "live-database"), ("run-01b%", "looker"), ("run-02", "looker")]
        {
            record(id, source);
        }
        let found = |id: &str, source: Option<&str>| match read_run(dir.path(), id, source) {
            Ok(run) => run.run_id,
            Err(error) => format!("{}: {error}", error.code().as_str()),
        };
        for (id, source, run) in [
            ("run-01a1", None, "run-01a1"),
            ("run-01a", None, "run-01a"),
            ("01a1", None, "run-01a1"),
            ("01b", None, "run-01b%"),
            ("0", Some("looker"), "KTX_ARGUMENT_INVALID: Several runs begin with 0: run-02, run-01b%"),
            ("01", Some("looker"), "run-01b%"),
            ("run-02", Some("live-database"), "run-02"),
            ("latest", None, "run-02"),
            ("latest", Some("live-database"), "run-01a"),
            ("latest", Some("historic-sql"), "KTX_RUN_UNKNOWN: There is no run latest in this project"),
            ("", None, "KTX_RUN_UNKNOWN: There is no run  in this project"),
            ("%", None, "KTX_RUN_UNKNOWN: There is no run % in this project"),
        ] {
            assert_eq!(found(id, source), run, "{id} {source:?}");
        }
        (0..9).for_each(|digit| record(&format!("run-03{digit}"), "looker"));
        assert!(found("03", None).ends_with("run-031, …"), "{}", found("03", None));
    }

    #[test]
    fn listing_runs_does_not_create_a_database() {
        let dir = tempfile::tempdir().unwrap();
        assert!(list_runs(dir.path(), &RunFilter::default()).unwrap().is_empty());
        assert_eq!(read_run(dir.path(), "latest", None).unwrap_err().code(), Code::RunUnknown);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn base_is_the_last_successful_sync() {
        let dir = tempfile::tempdir().unwrap();
        let mut store = Store::open(dir.path()).unwrap();
        assert_eq!(store.load_base("a", "live-database", None).unwrap(), None);
        finished(&mut store, "a", false, &[entity("old")]);
        let last = finished(&mut store, "a", false, &[entity("new")]);
        finished(&mut store, "a", true, &[]);
        finished(&mut store, "b", false, &[entity("other")]);
        let mut broken = RunReport::begin("a", "live-database", false);
        store.insert(&broken).unwrap();
        broken.end(Some("it broke".into()));
        store.finish(&broken, &[]).unwrap();
        let base = store.load_base("a", "live-database", None).unwrap().unwrap();
        assert_eq!(base.sync_id, last.sync_id);
        assert_eq!(base.entities.keys().collect::<Vec<_>>(), ["new"]);
    }

    #[test]
    fn damaged_and_newer_databases_are_rejected() {
        let dir = tempfile::tempdir().unwrap();
        let path = layout::database_path(dir.path());
        let newer = Store::open(dir.path()).unwrap().database;
        newer.execute_batch("CREATE TABLE format (requires); INSERT INTO format VALUES ('0.3.0')").unwrap();
        newer.pragma_update(None, "user_version", 99).unwrap();
        drop(newer);
        let error = Store::open(dir.path()).unwrap_err();
        assert_eq!(error.code(), Code::FormatNewer);
        assert!(error.to_string().contains("has format 99 and needs KTX 0.3.0; "), "{error}");
        for name in ["db.sqlite-wal", "db.sqlite-shm"] {
            let _ = fs::remove_file(path.with_file_name(name));
        }
        fs::write(&path, "no database at all, but long enough to look like one".repeat(100)).unwrap();
        let error = list_runs(dir.path(), &RunFilter::default()).unwrap_err();
        assert_eq!(error.code(), Code::StoreFailed);
        assert!(error.with_hint_text().ends_with(database::REPAIR_HINT), "{error}");
    }

    #[test]
    fn new_database_can_be_opened_concurrently() {
        let dir = tempfile::tempdir().unwrap();
        let barrier = std::sync::Barrier::new(8);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    barrier.wait();
                    finished(&mut Store::open(dir.path()).unwrap(), "a", false, &[entity("x")]);
                });
            }
        });
        assert_eq!(list_runs(dir.path(), &RunFilter::default()).unwrap().len(), 8);
    }
}

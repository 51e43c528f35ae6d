//! The days of a log of calls that earlier runs have read, so that a run reads only later ones.
//!
//! The counts of each template are kept by day, on this machine, without literals. A run reads whole days again from
//! [`OVERLAP_MS`] before the last one on and replaces them, so that calls that were logged late are counted, and none
//! twice; days before the window are dropped. The sums are those of a run that reads the whole window.

use super::log_counts::add_to_day;
use crate::{
    digest::sha256,
    error::{Code, Error, Result},
    ports::{CallLog, CountedStatement, DayCounts},
    project::historic_sql::HistoricSqlSource,
    redact,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Time before the last run from which on calls are read again: rows of a log appear late (credits of Snowflake by up to
/// eight hours), and clocks differ.
const OVERLAP_MS: i64 = 12 * 60 * 60 * 1000;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// What the days of a log depend on.
#[derive(Debug, Clone, Serialize)]
pub(super) struct LogSettings<'a> {
    /// Hash of the settings of the connection, the tables of the scan, and the version of KTX.
    pub(super) key: &'a str,
    /// Name of the log.
    pub(super) name: &'a str,
    /// Time of the run, in milliseconds since 1970.
    pub(super) read_at: i64,
}

/// The days of a log that earlier runs have read, of templates of a type.
#[derive(Debug, Deserialize)]
pub(super) struct EarlierDays<T> {
    key: String,
    name: String,
    read_at: i64,
    pub(super) templates: Vec<LoggedTemplate<T>>,
    pub(super) failures: Failures,
}

/// A template without counts, and its days.
#[derive(Debug, Deserialize)]
pub(super) struct LoggedTemplate<T> {
    pub(super) template: T,
    pub(super) days: LoggedDays,
}

/// The days on which the calls of a template ended.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct LoggedDays {
    /// Counts by day.
    pub(super) days: BTreeMap<i64, DayCounts>,
    /// Days by the database's id of the statement.
    pub(super) statements: BTreeMap<String, BTreeSet<i64>>,
}

/// The statements that cannot be analysed, by the database's id.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Failures(BTreeMap<String, Failure>);

#[derive(Debug, Default, Serialize, Deserialize)]
struct Failure {
    reason: String,
    /// Days of the calls; none if the database has no log.
    days: BTreeSet<i64>,
}

impl<T: DeserializeOwned> EarlierDays<T> {
    /// Parses what an earlier run has recorded; `None` if it is invalid, of other settings or of the future.
    pub(super) fn parse(recorded: &RawValue, key: &str, now: i64) -> Option<Self> {
        serde_json::from_str::<Self>(recorded.get()).ok().filter(|earlier| earlier.key == key && earlier.read_at <= now)
    }

    /// The first day that has to be read again, in days since 1970.
    pub(super) fn next_day(&self) -> i64 {
        (self.read_at - OVERLAP_MS).max(0) / DAY_MS
    }

    /// Whether the days of a log that were read now continue these.
    pub(super) fn precede(&self, log: &CallLog) -> bool {
        self.name == log.name && log.first_day <= self.next_day()
    }

    /// Keeps the days of the window before those that were read now.
    pub(super) fn keep_unread(mut self, log: &CallLog) -> Self {
        let is_kept = |day: &i64| (log.window_begin_day..log.first_day).contains(day);
        for LoggedTemplate { days: logged, .. } in &mut self.templates {
            logged.days.retain(|day, _| is_kept(day));
            logged.statements.values_mut().for_each(|days| days.retain(is_kept));
            logged.statements.retain(|_, days| !days.is_empty());
        }
        self.templates.retain(|template| !template.days.days.is_empty());
        self.failures.0.values_mut().for_each(|failure| failure.days.retain(is_kept));
        self.failures.0.retain(|_, failure| !failure.days.is_empty());
        self
    }
}

impl<T> Default for EarlierDays<T> {
    fn default() -> Self {
        let (key, name) = (String::new(), String::new());
        Self { key, name, read_at: 0, templates: Vec::new(), failures: Failures::default() }
    }
}

impl LoggedDays {
    /// Adds the days of a statement; `tool` is the kind of caller that its comment names.
    pub(super) fn add(&mut self, query_id: &str, days: &[DayCounts], tool: Option<&str>) {
        self.statements.entry(query_id.to_owned()).or_default().extend(days.iter().map(|counts| counts.day));
        for counts in days {
            let day =
                self.days.entry(counts.day).or_insert_with(|| DayCounts { day: counts.day, ..DayCounts::default() });
            add_to_day(day, counts, tool);
        }
    }
}

impl Failures {
    /// Adds a statement that cannot be analysed.
    pub(super) fn add(&mut self, statement: &CountedStatement, reason: &str) {
        let failure = self.0.entry(statement.query_id.clone()).or_default();
        reason.clone_into(&mut failure.reason);
        failure.days.extend(statement.days.iter().flatten().map(|counts| counts.day));
    }

    /// Returns the warning about them, with the reason of the first.
    pub(super) fn warning(&self) -> Option<String> {
        let reason = self.0.values().next()?.reason.trim_end_matches('.');
        Some(format!("{} statements cannot be analysed and are skipped; the first: {reason}", self.0.len()))
    }
}

/// Returns the key of the settings that the days of a log depend on; `catalog` are the tables of the newest scan. The
/// data policy is a part of it, as templates that it denies are not recorded.
///
/// Errors: [`Code::Internal`].
pub(super) fn settings_key(source: &HistoricSqlSource, catalog: Option<&str>) -> Result<String> {
    let HistoricSqlSource { database, min_calls, dialect, window_days, cluster } = source;
    let address = redact::without_credentials(database.url.expose());
    let version = env!("CARGO_PKG_VERSION");
    let denied = database.policy.denied_json()?;
    let settings = (version, &database.driver, address, dialect, min_calls, window_days, cluster, catalog, denied);
    Ok(sha256(format!("{settings:?}")))
}

/// Returns the days of templates as JSON for the next run, in a stable order.
///
/// Errors: [`Code::Internal`].
pub(super) fn record(
    settings: &LogSettings<'_>,
    templates: &HashMap<String, impl Serialize>,
    days: &HashMap<String, LoggedDays>,
    failures: &Failures,
) -> Result<Box<RawValue>> {
    #[derive(Serialize)]
    struct Recorded<'a, T> {
        template: &'a T,
        days: &'a LoggedDays,
    }
    #[derive(Serialize)]
    struct Record<'a, T> {
        #[serde(flatten)]
        settings: &'a LogSettings<'a>,
        templates: Vec<Recorded<'a, T>>,
        failures: &'a Failures,
    }
    let mut fingerprints: Vec<_> = days.keys().collect();
    fingerprints.sort();
    let find =
        |fingerprint: &String| Some(Recorded { template: templates.get(fingerprint)?, days: &days[fingerprint] });
    let templates: Vec<_> = fingerprints.into_iter().filter_map(find).collect();
    serde_json::value::to_raw_value(&Record { settings, templates, failures })
        .map_err(|_| Error::new(Code::Internal, "The days of a query history cannot be written as JSON"))
}

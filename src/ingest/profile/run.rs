//! Profiles the tables of a scan within its limits.

use super::{
    answer::{Answer, HashedTables},
    batch::batches,
    bytes::format_bytes,
    report::{ProfileSummary, UnprofiledTable},
    request::{PATH, ProfileTable, Request, RequestLimits, Subject},
    staged::StagedProfile,
};
use crate::{
    error::{Code, Error, Result},
    ingest::{
        failure::{RunFailure, convert_error},
        progress::{Phase, Progress},
    },
    offload,
    ports::{JsonRunner, read_answer, unexpected_answer},
    project::{
        connection::Database,
        drivers::{self, DriverKind},
        profile::ProfileLimits,
    },
    relationships,
};
use futures_util::{StreamExt, stream};
use std::{
    cell::Cell,
    time::{Duration, Instant},
};

/// Time of a request beside the statements of its tables: connecting, and waiting for other statements.
const REQUEST_OVERHEAD: Duration = Duration::from_secs(60);

/// Why a table is in no request.
const UNREADABLE: &str = "the user may not read it";

/// Time of a request after the end of the scan, in which the daemon answers with what it has measured.
const ANSWER_GRACE: Duration = Duration::from_secs(10);

/// The daemon's reason for what it has not measured, as the time of the scan was over.
const LIMIT_REACHED: &str = "the time limit of the scan was reached";

/// Range of the time limits that the daemon accepts.
const MIN_TIMEOUT: Duration = Duration::from_millis(1);
const MAX_TIMEOUT: Duration = Duration::from_secs(24 * 60 * 60);

/// Default of the daemon for the concurrent statements of a connection.
const CONCURRENT_STATEMENTS: usize = 4;

/// Message of the progress.
const PROFILING: &str = "Profiling tables";

/// How the tables of a scan are profiled.
#[derive(Debug, Clone, Copy)]
pub struct ProfileOptions {
    /// Limits of the connection.
    pub limits: ProfileLimits,
    /// Number of distinct values of each column whose hashes are measured; 0 for none.
    pub hashes: u32,
    /// Time limit of connecting, in seconds; `None`: that of the daemon.
    pub connection_seconds: Option<u64>,
}

/// Profiles of tables, in the order of the tables.
#[derive(Debug, Default)]
pub struct MeasuredProfiles {
    /// `None` for a table that was not profiled.
    pub profiles: Vec<Option<StagedProfile>>,
    /// For the report.
    pub summary: ProfileSummary,
    /// Findings that do not fail the run.
    pub warnings: Vec<String>,
    /// Profiles with hashes for the detection of relationships; none if no hashes were measured.
    pub hashed: Vec<relationships::TableProfile>,
}

/// The outcome of a request.
pub(super) enum BatchOutcome {
    /// The answer.
    Answered(String),
    /// A limit of the scan is reached, with the reason.
    LimitReached(String),
}

/// Profiles tables of a database. The daemon is called through `runner`.
pub struct Profiler<'a, R> {
    database: &'a Database,
    options: ProfileOptions,
    runner: &'a R,
    begun: Instant,
    /// Bytes that were read, or may have been.
    bytes_read: Cell<u64>,
}

impl<'a, R: JsonRunner<Error: RunFailure>> Profiler<'a, R> {
    /// Begins the time limit of the scan.
    pub fn begin(database: &'a Database, options: ProfileOptions, runner: &'a R) -> Self {
        Self { database, options, runner, begun: Instant::now(), bytes_read: Cell::new(0) }
    }

    /// Profiles tables, whose names in the report are `names`. Tables beyond a limit are skipped. Dropping the future
    /// ends the statements.
    ///
    /// Errors: [`Code::ConnectionInvalid`] if the tables have more bytes than may be read, before anything is read; those
    /// of the runner, which may contain secrets.
    pub async fn profile(
        &self,
        tables: &[ProfileTable],
        names: &[String],
        progress: Progress<'_>,
    ) -> Result<MeasuredProfiles, R::Error> {
        convert_error::<_, R::Error>(self.check_bytes(tables, progress))?;
        let mut measured = MeasuredProfiles::default();
        progress.report_count(Phase::Fetch, PROFILING, 0, tables.len());
        let requests = batches(tables, self.concurrency()).into_iter().map(|batch| async move {
            let tables = tables.get(batch.clone()).unwrap_or_default();
            self.request(&Subject { tables, ..Subject::default() }).await.map(|outcome| (batch, tables, outcome))
        });
        let mut answers = stream::iter(requests).buffered(self.concurrency());
        while let Some(answer) = answers.next().await {
            let (batch, requested, outcome) = answer?;
            measured.leave_out_unreadable(&names[..batch.start]);
            if batch.start > 0 {
                progress.report_count(Phase::Fetch, PROFILING, batch.start, tables.len());
            }
            match outcome {
                BatchOutcome::Answered(text) => {
                    let has_hashes = self.options.hashes > 0;
                    let reading = offload::spawn_blocking(move || read_profiles(&text, has_hashes)).await;
                    let (answer, hashed) = convert_error::<_, R::Error>(reading)?;
                    convert_error::<_, R::Error>(measured.add(requested, &names[batch], answer))?;
                    measured.hashed.extend(hashed);
                    self.bytes_read.set(measured.summary.bytes.unwrap_or_default());
                }
                // Others may have been answered.
                BatchOutcome::LimitReached(reason) => measured.skip(&names[batch], &reason),
            }
        }
        measured.leave_out_unreadable(names);
        measured.warn_of_skipped(&self.database.connection_id);
        measured.summary.seconds = self.begun.elapsed().as_millis() as f64 / 1e3;
        progress.report_count(Phase::Fetch, PROFILING, measured.profiles.len(), tables.len());
        Ok(measured)
    }

    /// Number of requests at a time: that of the statements of the connection. One for a file, whose statements use all
    /// cores, and with a limit of bytes, since those of a request are known at its end.
    pub fn concurrency(&self) -> usize {
        let is_server = drivers::find(&self.database.driver).is_some_and(|driver| driver.kind == DriverKind::Server);
        if !is_server || self.options.limits.max_bytes.is_some() {
            return 1;
        }
        self.database.max_concurrent_statements.map_or(CONCURRENT_STATEMENTS, |limit| limit.get().into())
    }

    /// Refuses tables that have more bytes than may be read. Sizes that are not known are checked by the daemon.
    fn check_bytes(&self, tables: &[ProfileTable], progress: Progress<'_>) -> Result<()> {
        let Some(limit) = self.options.limits.max_bytes else { return Ok(()) };
        let bytes: u64 = tables.iter().filter_map(|table| u64::try_from(table.bytes?).ok()).sum();
        let (bytes_text, limit_text) = (format_bytes(bytes), format_bytes(limit));
        if bytes <= limit {
            progress.report(Phase::Fetch, format!("Profiles read up to {bytes_text} of {limit_text}"));
            return Ok(());
        }
        let id = &self.database.connection_id;
        let message = format!("The profiles of {id} could read {bytes_text}, which is more than {limit_text}");
        let hint = format!("Set profile: {{ max_bytes: {bytes} }} of {id} in ktx.yaml, or leave tables out by exclude");
        Err(Error::new(Code::ConnectionInvalid, message).with_hint(hint))
    }

    /// Takes bytes from the limit; the reason if there are not enough.
    pub(super) fn take_bytes(&self, bytes: u64) -> Result<(), String> {
        let total = self.bytes_read.get().saturating_add(bytes);
        if self.options.limits.max_bytes.is_some_and(|limit| total > limit) {
            return Err(self.bytes_reason());
        }
        self.bytes_read.set(total);
        Ok(())
    }

    fn bytes_reason(&self) -> String {
        format!("the limit of {} was reached", format_bytes(self.options.limits.max_bytes.unwrap_or_default()))
    }

    /// Requests measurements within what is left of the limits.
    pub(super) async fn request(&self, subject: &Subject<'_>) -> Result<BatchOutcome, R::Error> {
        let limits = &self.options.limits;
        let used_up = || LIMIT_REACHED.to_owned();
        let left = limits.scan.saturating_sub(self.begun.elapsed());
        if left.is_zero() {
            return Ok(BatchOutcome::LimitReached(used_up()));
        }
        let bytes_left = limits.max_bytes.map(|limit| limit.saturating_sub(self.bytes_read.get()));
        if bytes_left == Some(0) {
            return Ok(BatchOutcome::LimitReached(self.bytes_reason()));
        }
        let table_timeout = limits.table.min(left).clamp(MIN_TIMEOUT, MAX_TIMEOUT);
        let request = RequestLimits {
            hashes: self.options.hashes,
            sample_rows: limits.sample_rows,
            max_bytes: bytes_left,
            table_timeout_ms: table_timeout.as_millis() as u64,
            scan_timeout_ms: left.clamp(MIN_TIMEOUT, MAX_TIMEOUT).as_millis() as u64,
            connection_timeout_seconds: self.options.connection_seconds,
        };
        let payload = convert_error::<_, R::Error>(payload(&Request::new(self.database, subject, &request)))?;
        let total = table_timeout * subject.len() as u32 + REQUEST_OVERHEAD;
        let _alive = offload::keep_alive();
        match tokio::time::timeout(left + ANSWER_GRACE, self.runner.request_within(PATH, payload, total)).await {
            Ok(answer) => answer.map(BatchOutcome::Answered),
            Err(_) => Ok(BatchOutcome::LimitReached(used_up())),
        }
    }
}

impl MeasuredProfiles {
    /// Adds the answer to a request. Errors: [`Code::HttpAnswerInvalid`].
    fn add(&mut self, tables: &[ProfileTable], names: &[String], answer: Answer) -> Result<()> {
        if answer.tables.len() != tables.len() {
            return Err(unexpected_answer(PATH, "tables", "the number of tables is another one"));
        }
        for warning in answer.warnings {
            if !self.warnings.contains(&warning) {
                self.warnings.push(warning);
            }
        }
        for ((table, name), profile) in tables.iter().zip(names).zip(answer.tables) {
            self.summary.statements += profile.statements;
            if let Some(bytes) = profile.bytes {
                *self.summary.bytes.get_or_insert_default() += bytes;
            }
            if profile.unread.as_deref() == Some(LIMIT_REACHED) {
                self.skip(std::slice::from_ref(name), LIMIT_REACHED);
                continue;
            }
            if let Some(reason) = profile.unread {
                self.summary.unread.push(UnprofiledTable { table: name.clone(), reason });
                self.profiles.push(None);
                continue;
            }
            let profile =
                StagedProfile::new(table, profile).map_err(|reason| unexpected_answer(PATH, "tables", &reason))?;
            self.summary.profiled += 1;
            self.summary.sampled += usize::from(profile.sampled_rows.is_some());
            self.profiles.push(Some(profile));
        }
        Ok(())
    }

    /// Leaves out the tables up to the end of `names` that the user may not read, as no request has them.
    fn leave_out_unreadable(&mut self, names: &[String]) {
        for name in names.iter().skip(self.profiles.len()) {
            self.summary.unread.push(UnprofiledTable { table: name.clone(), reason: UNREADABLE.to_owned() });
            self.profiles.push(None);
        }
    }

    /// Leaves out tables, because a limit of the scan is reached.
    fn skip(&mut self, names: &[String], reason: &str) {
        let skipped = names.iter().map(|name| UnprofiledTable { table: name.clone(), reason: reason.to_owned() });
        self.summary.skipped.extend(skipped);
        self.profiles.resize(self.profiles.len() + names.len(), None);
    }

    /// Warns of the tables that were left out, with the first reason.
    fn warn_of_skipped(&mut self, connection_id: &str) {
        let Some(first) = self.summary.skipped.first() else { return };
        self.warnings.push(format!(
            "{} of {} tables were not profiled: {}. Raise the limits of profile of {connection_id} in ktx.yaml",
            self.summary.skipped.len(),
            self.profiles.len(),
            first.reason
        ));
    }
}

/// Reads an answer, and the tables with their hashes if there are any. Blocks, as hashes are megabytes of text.
fn read_profiles(text: &str, has_hashes: bool) -> Result<(Answer, Vec<relationships::TableProfile>)> {
    let answer = read_answer(PATH, text)?;
    let hashed = if has_hashes { read_answer::<HashedTables>(PATH, text)?.tables } else { Vec::new() };
    Ok((answer, hashed))
}

fn payload(request: &Request<'_>) -> Result<String> {
    serde_json::to_string(request)
        .map_err(|_| Error::new(Code::Internal, "The request for profiles cannot be written as JSON"))
}

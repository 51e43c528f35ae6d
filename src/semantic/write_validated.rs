//! Writes a source after the daemon has validated it. An invalid source is not written.

use super::{
    files::{Entry, Saved, SourceFolder, write},
    metrics::Model,
    model_file::{model_json, read_model},
    newest_scan,
    rejection::map_rejection,
    source::{Source, check_name, invalid, to_json},
    unresolved_joins::remove_unresolved_joins,
    validate::with_joined_sources,
};
use crate::{
    error::{Code, Error, Result},
    ingest::{RunFailure, convert_error},
    offload,
    ports::{JsonRunner, ModelProblems, ModelRequest, validate_sources},
    project::Project,
};
use std::{collections::BTreeMap, sync::Arc};

/// Writes a source like [`write`], after the daemon has validated it together with the sources that it is joined with.
///
/// Without a usable runtime, it is written without validation, and `validated` is false. New errors in other sources
/// are warnings, since sources are written one after the other.
///
/// Errors: those of [`write`], [`Code::SemanticInvalid`] with all errors of the source, and those of the runner; then
/// no file has changed.
pub async fn write_validated<R: JsonRunner<Error: RunFailure>>(
    project: &Arc<Project>,
    connection_id: &str,
    source: Source,
    runner: &R,
) -> Result<Saved, R::Error> {
    convert_error::<_, R::Error>(check_name(&source.name))?;
    let dialect = convert_error::<_, R::Error>(project.dialect(connection_id))?;
    let (owned_project, id, candidate) = (project.clone(), connection_id.to_owned(), source.clone());
    let models = convert_error::<_, R::Error>(
        offload::spawn_blocking(move || Models::read(&owned_project, &id, candidate)).await,
    )?;
    let denied = convert_error::<_, R::Error>(project.denied(connection_id))?;
    let tables = models.tables.as_deref();
    let (sources, model) = models.after.as_request();
    let request = ModelRequest { sources, model, dialect: &dialect, denied: denied.as_deref() };
    let found = match validate_sources(runner, request, tables).await {
        Ok(found) => Some(found),
        Err(error) if error.code().is_some_and(is_runtime_unavailable) => None,
        Err(error) => return Err(map_rejection(error)),
    };
    let mut warnings = models.warnings.clone();
    if let Some(found) = &found {
        let (own, others): (Vec<_>, Vec<_>) =
            found.errors.iter().cloned().partition(|line| concerns(line, &source.name));
        convert_error::<_, R::Error>(check_no_errors(&source.name, &own))?;
        warnings.extend(found.per_source_warnings.get(&source.name).cloned().unwrap_or_default());
        if !others.is_empty() {
            let (sources, model) = models.before.as_request();
            let request = ModelRequest { sources, model, denied: None, ..request };
            let before = validate_sources(runner, request, tables).await;
            let before = before.unwrap_or_else(|_| ModelProblems::default()).errors;
            warnings.extend(others.into_iter().filter(|line| !before.contains(line)));
        }
    }
    let (owned_project, id) = (project.clone(), connection_id.to_owned());
    let mut saved =
        convert_error::<_, R::Error>(offload::spawn_blocking(move || write(&owned_project, &id, &source)).await)?;
    (saved.validated, saved.warnings) = (found.is_some(), warnings);
    Ok(saved)
}

fn concerns(line: &str, name: &str) -> bool {
    line.strip_prefix(name).is_some_and(|rest| rest.starts_with(':') || rest.starts_with(','))
}

fn check_no_errors(name: &str, errors: &[String]) -> Result<()> {
    if errors.is_empty() {
        return Ok(());
    }
    Err(not_valid(name, errors))
}

fn not_valid(name: &str, errors: &[String]) -> Error {
    invalid(format!("The source {name} is not valid and was not written: {}", errors.join("; ")))
}

fn is_runtime_unavailable(code: Code) -> bool {
    matches!(
        code,
        Code::RuntimeRequired
            | Code::RuntimeInstallerMissing
            | Code::RuntimeInstallFailed
            | Code::DaemonStartFailed
            | Code::HttpConnect
    )
}

/// Sources, with the metrics and the calendar that they have, as JSON.
struct Sent {
    sources: String,
    model: Option<String>,
}

impl Sent {
    fn new(sources: &[&Source], model: &Model) -> Result<Self> {
        Ok(Self { sources: to_json(&sources)?, model: model_json(&model.clone().of_sources(sources))? })
    }

    fn as_request(&self) -> (&str, Option<&str>) {
        (&self.sources, self.model.as_deref())
    }
}

/// What is sent for the model before and after the change, the scanned tables as JSON, and warnings.
struct Models {
    before: Sent,
    after: Sent,
    tables: Option<String>,
    warnings: Vec<String>,
}

impl Models {
    fn read(project: &Project, connection_id: &str, mut candidate: Source) -> Result<Self> {
        let folder = SourceFolder::open(project, connection_id)?;
        let mut warnings = remove_unresolved_joins(&folder, &mut candidate)
            .map_err(|message| not_valid(&candidate.name, &[message]))?;
        let model = read_model(project).unwrap_or_else(|error| {
            warnings.push(format!("Metrics and the calendar are not validated: {}", error.with_hint_text()));
            Model::default()
        });
        let beside = model.sources_beside(&candidate.name);
        let near = |source: &&Source| {
            source.name == candidate.name
                || beside.contains(&source.name)
                || source.joins.iter().any(|join| join.to == candidate.name)
        };
        let linked = folder.entries.iter().filter_map(Entry::source).filter(near);
        let before: BTreeMap<_, _> = linked.map(|source| (source.name.clone(), source)).collect();
        let mut after = before.clone();
        after.insert(candidate.name.clone(), &candidate);
        let sent = |sources| Sent::new(&with_joined_sources(&folder, sources), &model);
        // A scan that cannot be read is an error of other commands.
        let scanned = newest_scan::read_tables(project, connection_id).ok().flatten();
        let tables = scanned.map(|tables| to_json(&tables)).transpose()?;
        Ok(Self { before: sent(before)?, after: sent(after)?, tables, warnings })
    }
}

#[cfg(test)]
mod tests;

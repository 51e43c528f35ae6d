//! Writes a source after the daemon has validated it. An invalid source is not written.

use super::{
    files::{Entry, Saved, SourceFolder, write},
    newest_scan,
    rejection::map_rejection,
    source::{Source, check_name, invalid, to_json},
    validate::with_joined_sources,
};
use crate::{
    error::{Code, Result},
    ingest::{RunFailure, convert_error},
    offload,
    ports::{JsonRunner, ModelProblems, ModelRequest, validate_sources},
    project::{Project, suggest},
};
use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};

/// Maximum edit distance between a name and its misspelling.
const MAX_TYPO_DISTANCE: usize = 2;

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
    let request = ModelRequest { sources: &models.after, model: None, dialect: &dialect, denied: denied.as_deref() };
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
            let request = ModelRequest { sources: &models.before, denied: None, ..request };
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
    Err(invalid(format!("The source {name} is not valid and was not written: {}", errors.join("; "))))
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

/// The sources before and after the change, the scanned tables (all as JSON), and warnings.
struct Models {
    before: String,
    after: String,
    tables: Option<String>,
    warnings: Vec<String>,
}

impl Models {
    fn read(project: &Project, connection_id: &str, mut candidate: Source) -> Result<Self> {
        let folder = SourceFolder::open(project, connection_id)?;
        let warnings = remove_unresolved_joins(&folder, &mut candidate)?;
        let near = |source: &&Source| {
            source.name == candidate.name || source.joins.iter().any(|join| join.to == candidate.name)
        };
        let linked = folder.entries.iter().filter_map(Entry::source).filter(near);
        let before: BTreeMap<_, _> = linked.map(|source| (source.name.clone(), source)).collect();
        let mut after = before.clone();
        after.insert(candidate.name.clone(), &candidate);
        let json = |sources: BTreeMap<String, &Source>| to_json(&with_joined_sources(&folder, sources));
        // A scan that cannot be read is an error of other commands.
        let scanned = newest_scan::read_tables(project, connection_id).ok().flatten();
        let tables = scanned.map(|tables| to_json(&tables)).transpose()?;
        Ok(Self { before: json(before)?, after: json(after)?, tables, warnings })
    }
}

/// Removes joins to sources that do not exist yet, since one of two joined sources has to be written first. Errors: the
/// name in a join looks like a typing error.
fn remove_unresolved_joins(folder: &SourceFolder<'_>, candidate: &mut Source) -> Result<Vec<String>> {
    let mut names: HashSet<_> =
        folder.entries.iter().filter_map(Entry::source).map(|source| source.name.as_str()).collect();
    names.insert(&candidate.name);
    let exists = |name: &str| names.contains(name);
    let mut warnings = Vec::new();
    for join in candidate.joins.iter().filter(|join| !exists(&join.to)) {
        let nearest = suggest::nearest(&join.to, names.iter().copied().filter(|name| *name != candidate.name));
        if let Some(nearest) = nearest.filter(|name| strsim::damerau_levenshtein(name, &join.to) <= MAX_TYPO_DISTANCE) {
            let message = format!(
                "{}, join to '{}': There is no such source; did you mean '{nearest}'?",
                candidate.name, join.to
            );
            return check_no_errors(&candidate.name, &[message]).map(|()| warnings);
        }
        warnings.push(format!("The join to {} cannot be used yet: there is no source of that name", join.to));
    }
    let absent: HashSet<String> = candidate.joins.iter().map(|join| join.to.clone()).filter(|to| !exists(to)).collect();
    candidate.joins.retain(|join| !absent.contains(&join.to));
    Ok(warnings)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use crate::semantic::files::{SavedStatus, tests::project};
    use serde_json::{Value, json};
    use std::{cell::RefCell, fs, path::Path};

    /// A daemon that reports configurable errors for the first request, the changed model, and `b: old` for the second.
    struct Daemon(Result<Vec<&'static str>, Code>, RefCell<Vec<Value>>);

    impl JsonRunner for Daemon {
        type Error = Error;

        async fn request(&self, _: &str, payload: String) -> Result<String> {
            let mut requests = self.1.borrow_mut();
            requests.push(serde_json::from_str(&payload).unwrap());
            let errors = self.0.as_ref().map_err(|code| Error::new(*code, "no"))?;
            let errors = if requests.len() == 1 { errors.clone() } else { vec!["b: old"] };
            let own = json!({ "a": ["it has no grain"], "b": ["not asked"] });
            Ok(json!({ "valid": errors.is_empty(), "errors": errors, "warnings": [], "per_source_warnings": own })
                .to_string())
        }
    }

    fn daemon(answer: Result<Vec<&'static str>, Code>) -> Daemon {
        Daemon(answer, RefCell::default())
    }

    fn source(name: &str, to: &[&str]) -> Source {
        let join = |to: &&str| json!({ "to": to, "on": format!("x = {to}.x"), "relationship": "many_to_one" });
        let joins: Vec<_> = to.iter().map(join).collect();
        Source::from_json(&json!({ "name": name, "table": "t", "joins": joins }).to_string()).unwrap()
    }

    async fn written(dir: &Path, source: Source, daemon: &Daemon) -> Result<Saved> {
        write_validated(&Arc::new(project(dir)), "shop", source, daemon).await
    }

    fn files(dir: &Path) -> usize {
        fs::read_dir(dir.join("semantic-layer/shop")).map_or(0, Iterator::count)
    }

    #[tokio::test]
    async fn invalid_source_is_not_written() {
        let dir = tempfile::tempdir().unwrap();
        let invalid = daemon(Ok(vec!["a: one", "a, column 'x': two", "ab: other"]));
        let error = written(dir.path(), source("a", &[]), &invalid).await.unwrap_err();
        let message = "The source a is not valid and was not written: a: one; a, column 'x': two";
        assert_eq!((error.code(), error.to_string().as_str()), (Code::SemanticInvalid, message));
        let broken = daemon(Err(Code::HttpTimeout));
        assert_eq!(written(dir.path(), source("a", &[]), &broken).await.unwrap_err().code(), Code::HttpTimeout);
        assert_eq!(files(dir.path()), 0);
    }

    #[tokio::test]
    async fn new_errors_in_other_sources_are_warnings() {
        let dir = tempfile::tempdir().unwrap();
        let shop = project(dir.path());
        for other in [source("b", &["a"]), source("c", &["b"]), source("d", &[])] {
            write(&shop, "shop", &other).unwrap();
        }
        let daemon = daemon(Ok(vec!["b: old", "b: new"]));
        let saved = written(dir.path(), source("a", &[]), &daemon).await.unwrap();
        assert_eq!((saved.validated, saved.status), (true, SavedStatus::Created));
        assert_eq!(saved.warnings, ["it has no grain", "b: new"]);
        let names = |index: usize| {
            let requests = daemon.1.borrow();
            let sources = requests[index]["sources"].as_array().unwrap().iter();
            sources.map(|source| source["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!((names(0), names(1)), (vec!["a".to_owned(), "b".into()], vec!["b".to_owned()]));
    }

    #[tokio::test]
    async fn source_is_written_without_validation_if_there_is_no_runtime() {
        for code in [Code::RuntimeRequired, Code::HttpConnect, Code::DaemonStartFailed] {
            let dir = tempfile::tempdir().unwrap();
            let saved = written(dir.path(), source("a", &[]), &daemon(Err(code))).await.unwrap();
            assert_eq!((saved.validated, saved.warnings, files(dir.path())), (false, vec![], 1));
        }
    }

    #[tokio::test]
    async fn join_to_a_missing_source_is_a_warning_and_a_typing_error_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        let fine = daemon(Ok(vec![]));
        write(&project(dir.path()), "shop", &source("customers", &[])).unwrap();
        let saved = written(dir.path(), source("a", &["customers", "orders"]), &fine).await.unwrap();
        assert_eq!(saved.warnings[0], "The join to orders cannot be used yet: there is no source of that name");
        assert_eq!(fine.1.borrow()[0]["sources"][0]["joins"].as_array().unwrap().len(), 1);
        let error = written(dir.path(), source("b", &["custmers"]), &fine).await.unwrap_err().to_string();
        assert!(
            error.ends_with("b, join to 'custmers': There is no such source; did you mean 'customers'?"),
            "{error}"
        );
        assert_eq!(files(dir.path()), 2);
    }

    #[tokio::test]
    async fn invalid_names_are_rejected_before_any_request() {
        let dir = tempfile::tempdir().unwrap();
        let fine = daemon(Ok(vec![]));
        for name in ["../../evil", "a.b", ".", &"x".repeat(100_000), &"ü".repeat(256)] {
            let error = written(dir.path(), source(name, &[]), &fine).await.unwrap_err();
            assert_eq!(error.code(), Code::SemanticInvalid);
            assert!(error.to_string().len() < 200, "{error}");
        }
        assert_eq!((files(dir.path()), fine.1.borrow().len()), (0, 0));
        for name in ["a b", "größe/2", "Orders", &"ü".repeat(255)] {
            written(dir.path(), source(name, &[]), &fine).await.unwrap();
        }
        assert_eq!(files(dir.path()), 4);
    }
}

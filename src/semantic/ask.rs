//! Questions to the semantic layer of a project: what is wrong with it, and what its data says.

use super::{
    execute::{Limits, ResultSet, execute},
    files::{Entry, Folder},
    limit::QueryLimit,
    scanned,
    source::Source,
};
use crate::{
    env::Environment,
    error::{Code, Error, Result},
    ingest::{RunFailure, convert_error},
    offload,
    ports::{CompiledQuery, JsonRunner, compile_query, validate_sources},
    project::Project,
};
use serde::Serialize;
use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

/// Every problem of the sources of a connection (`KtxSemanticValidation`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Validation {
    /// Connection that they belong to.
    pub connection_id: String,
    /// Names of the sources that were looked at.
    pub sources: Vec<String>,
    /// Whether queries can work.
    pub valid: bool,
    /// What keeps them from working.
    pub errors: Vec<String>,
    /// What does not.
    pub warnings: Vec<String>,
    /// The same, by the names of the sources.
    pub per_source_warnings: BTreeMap<String, Vec<String>>,
}

/// What is asked.
#[derive(Debug, Clone, Default)]
pub struct QueryRequest {
    /// Connection whose sources are asked.
    pub connection_id: String,
    /// A query of the semantic layer, as JSON.
    pub query: String,
    /// Run the SQL as well.
    pub execute: Option<ExecuteRequest>,
}

/// How the SQL is run.
#[derive(Debug, Clone, Default)]
pub struct ExecuteRequest {
    /// How much of the result is wanted.
    pub limits: Limits,
    /// Variables that secrets may refer to.
    pub env: Environment,
}

/// The answer (`KtxSemanticQueryResult`).
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct QueryResult {
    /// Connection whose sources were asked.
    pub connection_id: String,
    /// SQL, dialect, columns and plan.
    #[serde(flatten)]
    pub compiled: CompiledQuery,
    /// Rows, where the SQL was run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<ResultSet>,
}

/// Looks for problems: in the files named, and the sources that they lead to; in all where none are named. They are
/// compared with the newest scan, where there is one.
///
/// Errors: [`Code::SemanticUnknown`], [`Code::ConnectionUnknown`], and those of the runner.
pub async fn validate<R: JsonRunner<Error: RunFailure>>(
    project: &Arc<Project>,
    connection_id: &str,
    names: Vec<String>,
    runner: &R,
) -> Result<Validation, R::Error> {
    let dialect = convert_error::<_, R::Error>(project.dialect(connection_id))?;
    let (asked, id) = (project.clone(), connection_id.to_owned());
    let read = offload::spawn_blocking(move || {
        let (mut validation, sources) = readable(&asked, id, &names)?;
        let tables = scanned_tables(&asked, &mut validation)?;
        Ok((validation, sources, tables))
    });
    let (mut validation, sources, tables) = convert_error::<_, R::Error>(read.await)?;
    let found = validate_sources(runner, &sources, &dialect, tables.as_deref()).await.map_err(refused)?;
    validation.errors.extend(found.errors);
    validation.warnings.extend(found.warnings);
    validation.per_source_warnings = found.per_source_warnings;
    validation.per_source_warnings.retain(|name, _| validation.sources.binary_search(name).is_ok());
    validation.valid = found.valid && validation.errors.is_empty();
    Ok(validation)
}

/// The tables of the newest scan as JSON; a scan that cannot be read is a warning.
fn scanned_tables(project: &Project, validation: &mut Validation) -> Result<Option<String>> {
    match scanned::tables(project, &validation.connection_id) {
        Ok(tables) => tables.map(|tables| json(&tables)).transpose(),
        Err(error) => {
            let reason = error.with_hint_text();
            validation.warnings.push(format!("The sources are not compared with the database: {reason}"));
            Ok(None)
        }
    }
}

/// What the files alone say, and the sources to send, as JSON.
fn readable(project: &Project, connection_id: String, names: &[String]) -> Result<(Validation, String)> {
    let folder = Folder::open(project, &connection_id)?;
    for name in names {
        if folder.find(name)?.is_none() {
            super::files::read(project, &connection_id, name)?;
        }
    }
    let mut errors = Vec::new();
    let mut sources: BTreeMap<String, &Source> = BTreeMap::new();
    for Entry { read, .. } in &folder.entries {
        match read {
            Ok(source) if names.is_empty() || names.contains(&source.name) => {
                folder.find(&source.name).map_err(|error| errors.push(error.with_hint_text())).ok();
                sources.insert(source.name.clone(), source);
            }
            Err(error) if names.is_empty() => errors.push(error.with_hint_text()),
            Ok(_) | Err(_) => {}
        }
    }
    errors.dedup();
    let sources_named = sources.keys().cloned().collect();
    let json = json(&with_neighbours(&folder, sources))?;
    let validation = Validation {
        connection_id: connection_id.clone(),
        sources: sources_named,
        valid: errors.is_empty(),
        errors,
        warnings: Vec::new(),
        per_source_warnings: BTreeMap::new(),
    };
    Ok((validation, json))
}

/// Sources with all that their joins lead to.
pub(super) fn with_neighbours<'a>(
    folder: &'a Folder<'_>,
    mut sources: BTreeMap<String, &'a Source>,
) -> Vec<&'a Source> {
    let all: HashMap<_, _> =
        folder.entries.iter().filter_map(Entry::source).map(|source| (&source.name, source)).collect();
    let mut to_visit: Vec<_> = sources.values().copied().collect();
    while let Some(source) = to_visit.pop() {
        for join in &source.joins {
            if let Some(other) = all.get(&join.to)
                && sources.insert(join.to.clone(), other).is_none()
            {
                to_visit.push(other);
            }
        }
    }
    sources.into_values().collect()
}

/// Answers a query with SQL, and with rows where it is to be run. `compute` plans, `database` runs.
///
/// Errors: [`Code::SemanticInvalid`] where a file or the query makes no sense, those of [`execute`] and of the runners.
pub async fn query<R: JsonRunner<Error: RunFailure>>(
    project: &Arc<Project>,
    request: &QueryRequest,
    compute: &R,
    database: &R,
) -> Result<QueryResult, R::Error> {
    let id = request.connection_id.clone();
    let dialect = convert_error::<_, R::Error>(project.dialect(&id))?;
    let asked = project.clone();
    let sources = convert_error::<_, R::Error>(offload::spawn_blocking(move || all_sources(&asked, &id)).await)?;
    let compiled = compile_query(compute, &sources, &request.query, &dialect).await.map_err(refused)?;
    let result = match &request.execute {
        None => None,
        Some(how) => {
            let limit = QueryLimit::of(&request.query);
            let (sql, limits) = (limit.beyond(&compiled.sql), limit.within(how.limits));
            let mut rows = execute(project, &request.connection_id, &sql, limits, &how.env, database).await?;
            limit.tell(&mut rows, matches!(sql, Cow::Owned(_)));
            Some(rows)
        }
    };
    Ok(QueryResult { connection_id: request.connection_id.clone(), compiled, result })
}

fn all_sources(project: &Project, connection_id: &str) -> Result<String> {
    let sources = Folder::open(project, connection_id)?.sources()?;
    if sources.is_empty() {
        let message = format!("The connection {connection_id} has no semantic sources yet");
        return Err(Error::new(Code::SemanticUnknown, message).with_hint("Make them with: ktx sl generate"));
    }
    json(&sources)
}

fn json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value)
        .map_err(|error| Error::new(Code::Internal, "Semantic sources cannot be written as JSON").caused_by(error))
}

/// A refusal of the daemon is about the sources or the query, unless the fault is the daemon's own.
pub(crate) fn refused<E: RunFailure>(error: E) -> E {
    error.map_core_error(|error| match error.into_rejection() {
        Ok((response, error)) => Error::new(Code::SemanticInvalid, response.detail).wrapping(error),
        Err(error) => error,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{error::rejected_with, semantic::files::tests::project};
    use serde_json::{Value, json};
    use std::{cell::RefCell, fs, path::Path};

    struct Daemon(Result<Value, &'static str>, RefCell<Value>);

    impl Daemon {
        fn new(answer: Value) -> Self {
            Self(Ok(answer), RefCell::default())
        }

        fn sent_names(&self) -> Vec<String> {
            let sent = self.1.borrow();
            sent["sources"].as_array().unwrap().iter().map(|source| source["name"].as_str().unwrap().into()).collect()
        }
    }

    impl JsonRunner for Daemon {
        type Error = Error;

        async fn request(&self, _: &str, payload: String) -> Result<String> {
            *self.1.borrow_mut() = serde_json::from_str(&payload).unwrap();
            self.0.as_ref().map(Value::to_string).map_err(|body| rejected_with(body))
        }
    }

    fn shop(dir: &Path) -> Arc<Project> {
        let folder = dir.join("semantic-layer/shop");
        fs::create_dir_all(&folder).unwrap();
        for (name, to) in [("a", "b"), ("b", "c"), ("c", "a"), ("d", "nowhere")] {
            let join = format!("joins: [{{ to: {to}, on: x = {to}.x, relationship: many_to_one }}]");
            fs::write(folder.join(format!("{name}.yaml")), format!("name: {name}\ntable: t\n{join}\n")).unwrap();
        }
        Arc::new(project(dir))
    }

    fn problems() -> Value {
        json!({ "valid": true, "errors": [], "warnings": [], "per_source_warnings": { "a": ["w"], "b": ["w"] } })
    }

    #[tokio::test]
    async fn named_sources_go_with_all_that_they_lead_to() {
        let dir = tempfile::tempdir().unwrap();
        let project = shop(dir.path());
        let daemon = Daemon::new(problems());
        let found = validate(&project, "shop", vec!["a".into()], &daemon).await.unwrap();
        assert_eq!((daemon.sent_names(), found.valid), (vec!["a".into(), "b".into(), "c".into()], true));
        assert_eq!((found.sources, found.per_source_warnings.len()), (vec!["a".to_owned()], 1));
        assert_eq!(validate(&project, "shop", vec![], &daemon).await.unwrap().sources.len(), 4);
        let error = validate(&project, "shop", vec!["x".into()], &daemon).await.unwrap_err();
        assert_eq!(error.code(), Code::SemanticUnknown);
    }

    #[tokio::test]
    async fn files_that_cannot_be_read_are_problems_among_others() {
        let dir = tempfile::tempdir().unwrap();
        let project = shop(dir.path());
        fs::write(dir.path().join("semantic-layer/shop/broken.yaml"), "name: [").unwrap();
        fs::write(dir.path().join("semantic-layer/shop/again.yaml"), "name: a\ntable: t\n").unwrap();
        fs::write(dir.path().join("semantic-layer/shop/typo.yaml"), "name: e\ntable: t\ngrian: [x]").unwrap();
        let daemon = Daemon::new(problems());
        let found = validate(&project, "shop", vec![], &daemon).await.unwrap();
        assert!(!found.valid);
        assert_eq!(found.errors.len(), 3, "{:?}", found.errors);
        let typo = "semantic-layer/shop/typo.yaml:3:1: unknown key grian; did you mean grain?";
        assert!(found.errors.iter().any(|error| error == typo), "{:?}", found.errors);
        let request = QueryRequest { connection_id: "shop".into(), query: "{}".into(), execute: None };
        let error = query(&project, &request, &daemon, &daemon).await.unwrap_err();
        assert_eq!(error.code(), Code::SemanticInvalid);
    }

    #[tokio::test]
    async fn the_daemons_own_sentence_is_the_error() {
        let dir = tempfile::tempdir().unwrap();
        let project = shop(dir.path());
        let daemon = Daemon(Err(r#"{"detail":"There is no measure y","code":"unknown_name"}"#), RefCell::default());
        let request = QueryRequest { connection_id: "shop".into(), query: "{}".into(), execute: None };
        let error = query(&project, &request, &daemon, &daemon).await.unwrap_err();
        assert_eq!((error.code(), error.to_string().as_str()), (Code::SemanticInvalid, "There is no measure y"));
        let broken = Daemon(Err(r#"{"detail":"Look at the log","code":"internal_error"}"#), RefCell::default());
        assert_eq!(query(&project, &request, &broken, &broken).await.unwrap_err().code(), Code::HttpStatus);
        let request = QueryRequest { connection_id: "größe/2".into(), ..request };
        let error = query(&project, &request, &daemon, &daemon).await.unwrap_err();
        assert_eq!(error.hint(), Some("Make them with: ktx sl generate"));
    }
}

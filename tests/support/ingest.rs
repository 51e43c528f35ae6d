//! Shared by the tests of ingests: a project in a temporary folder, and a fake daemon.
#![allow(dead_code, clippy::unwrap_used, reason = "each test file uses a part of it; an unwrap is an assertion")]

use ktx::{
    env::Environment,
    error::{Code, Error, ErrorResponse},
    ingest::{DiffSummary, IngestRequest, Progress, RunReport, ingest, store},
    ports::JsonRunner,
    project::{self, Project},
};
use serde_json::{Value, json};
use std::{
    cell::RefCell,
    fs,
    future::pending,
    path::{Path, PathBuf},
    sync::Arc,
};

/// Code and message of an error, and the body of the answer, if any.
type Fault = (Code, &'static str, Option<&'static str>);

/// Answers a request.
type Answer = Box<dyn Fn(&Value) -> Value>;

/// A fake daemon, with simplified parsing and analysis of SQL.
pub(crate) struct Daemon {
    pub(crate) requests: RefCell<Vec<(String, Value)>>,
    /// Pages of the query history, or the error of its endpoint.
    history: RefCell<Result<Vec<Value>, Fault>>,
    /// Answers a request for the query history in place of the pages.
    log: RefCell<Option<Answer>>,
}

impl Default for Daemon {
    fn default() -> Self {
        Self { requests: RefCell::default(), history: RefCell::new(Ok(Vec::new())), log: RefCell::default() }
    }
}

impl Daemon {
    /// Sets the pages of the query history. The cursor of a page is its index.
    pub(crate) fn set_history(&self, pages: Vec<Value>) {
        *self.history.borrow_mut() = Ok(pages);
    }

    /// Sets the function that answers requests for the query history.
    pub(crate) fn set_log(&self, answer: impl Fn(&Value) -> Value + 'static) {
        *self.log.borrow_mut() = Some(Box::new(answer));
    }

    /// Makes requests for the query history fail.
    pub(crate) fn fail_history(&self, code: Code, message: &'static str) {
        *self.history.borrow_mut() = Err((code, message, None));
    }

    /// Makes requests for the query history fail with status 400 and a body.
    pub(crate) fn refuse_history(&self, body: &'static str) {
        *self.history.borrow_mut() = Err((Code::HttpStatus, "failed with 400", Some(body)));
    }

    /// Returns the payloads of the requests to a path.
    pub(crate) fn requests_to(&self, path: &str) -> Vec<Value> {
        self.requests.borrow().iter().filter(|(to, _)| to == path).map(|(_, payload)| payload.clone()).collect()
    }

    fn history(&self, cursor: Option<&str>) -> Result<Value, Error> {
        let history = self.history.borrow();
        let pages = history.as_ref().map_err(|(code, message, body)| {
            let response = body.and_then(|body| ErrorResponse::parse(body.as_bytes()));
            Error::new(*code, *message).with_response(body.map(|_| 400), response)
        })?;
        let position = cursor.map_or(0, |cursor| cursor.parse().unwrap());
        let mut page: Value = pages[position].clone();
        if position + 1 < pages.len() {
            page["next_cursor"] = (position + 1).to_string().into();
        }
        Ok(page)
    }
}

impl JsonRunner for Daemon {
    type Error = Error;

    async fn request(&self, path: &str, payload: String) -> Result<String, Error> {
        let payload: Value = serde_json::from_str(&payload).unwrap();
        if path == "/database/query-history" {
            let logged = self.log.borrow().as_ref().map(|answer| answer(&payload));
            let page = logged.map_or_else(|| self.history(payload["cursor"].as_str()), Ok)?;
            self.requests.borrow_mut().push((path.to_owned(), payload));
            return Ok(page.to_string());
        }
        let items = payload["items"].as_array().unwrap();
        let results: serde_json::Map<_, _> = match path {
            "/sql/parse-table-identifier" => items.iter().map(parse_identifier).collect(),
            "/sql/analyze-batch" => items.iter().map(analyze).collect(),
            other => panic!("unexpected request for {other}"),
        };
        self.requests.borrow_mut().push((path.to_owned(), payload));
        Ok(json!({ "results": results }).to_string())
    }
}

fn parse_identifier(item: &Value) -> (String, Value) {
    let sql = item["sql_table_name"].as_str().unwrap();
    let result = match sql.split_once('.') {
        _ if sql.contains("${") => {
            json!({ "ok": false, "reason": "looker_template_unresolved", "detail": "The text holds a template." })
        }
        Some((schema, name)) => {
            json!({ "ok": true, "catalog": null, "schema": schema, "name": name, "canonical_table": sql })
        }
        None => json!({ "ok": false, "reason": "parse_error", "detail": "No." }),
    };
    (item["key"].as_str().unwrap().to_owned(), result)
}

/// Returns the same fingerprint for statements that differ in letter case, white space, comments or placeholder lists.
fn analyze(item: &Value) -> (String, Value) {
    let sql = item["sql"].as_str().unwrap().to_lowercase();
    let id = item["id"].as_str().unwrap().to_owned();
    if sql.contains("broken") {
        return (
            id,
            json!({ "fingerprint": "", "normalized_sql": "", "literal_slots": [], "tables_touched": [],
            "columns_by_clause": {}, "error": "Line 1: it is broken." }),
        );
    }
    let words: Vec<_> =
        sql.split(|c: char| c.is_whitespace() || c == '(' || c == ')').filter(|word| !word.is_empty()).collect();
    let normalized = words.join(" ");
    let is_table =
        |pair: &&[&str]| matches!(pair[0], "from" | "join" | "into" | "update") && pair[1] != "generate_series";
    let tables: Vec<_> = words
        .windows(2)
        .filter(is_table)
        .map(|pair| {
            let (db, name) = match pair[1].rsplit_once('.') {
                Some((db, name)) => (Some(db), name),
                None => (None, pair[1]),
            };
            json!({ "catalog": null, "db": db, "name": name.trim_matches(';') })
        })
        .collect();
    let fingerprint = normalized.split(" in ").next().unwrap().replace(' ', "_");
    (
        id,
        json!({ "fingerprint": fingerprint, "normalized_sql": normalized, "literal_slots": [], "tables_touched": tables,
        "columns_by_clause": { "select": [] }, "error": null }),
    )
}

pub(crate) struct Home {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) project: Arc<Project>,
    pub(crate) env: Environment,
}

impl Home {
    pub(crate) fn new(config: &str, env: Environment) -> Self {
        let dir = tempfile::Builder::new().prefix("größe b ").tempdir().unwrap();
        fs::write(dir.path().join("ktx.yaml"), config).unwrap();
        let project = Arc::new(project::load(dir.path()).unwrap());
        assert_eq!(project.warnings, Vec::<String>::new());
        // The project was not created by `init`, so it needs trust, which has tests of its own.
        Self { dir, project, env: env.with("KTX_TRUST", "1") }
    }

    pub(crate) fn request(&self, connection: &str, adapter: &str) -> IngestRequest {
        IngestRequest {
            connection_id: connection.into(),
            adapter: adapter.into(),
            env: self.env.clone(),
            ..IngestRequest::default()
        }
    }

    pub(crate) async fn ingest(&self, daemon: &Daemon, request: &IngestRequest) -> Result<RunReport, Error> {
        ingest(&self.project, request, daemon, Progress::silent(), pending()).await
    }

    pub(crate) fn runs(&self) -> Vec<RunReport> {
        store::list_runs(self.dir.path(), &store::RunFilter::default()).unwrap()
    }

    /// Returns the folder of a sync.
    pub(crate) fn sync(&self, report: &RunReport) -> PathBuf {
        self.dir.path().join("raw-sources").join(&report.connection_id).join(&report.source).join(&report.sync_id)
    }

    pub(crate) fn staged(&self, report: &RunReport, file: &str) -> Value {
        serde_json::from_str(&fs::read_to_string(self.sync(report).join(file)).unwrap()).unwrap()
    }
}

pub(crate) fn names_in(path: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(path) else { return Vec::new() };
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

pub(crate) fn summary(added: usize, modified: usize, deleted: usize, unchanged: usize) -> DiffSummary {
    DiffSummary { added, modified, deleted, unchanged }
}

/// Returns the text of all files in a folder.
pub(crate) fn read_all(path: &Path) -> String {
    let mut text = String::new();
    for entry in fs::read_dir(path).unwrap() {
        let path = entry.unwrap().path();
        text += &if path.is_dir() {
            read_all(&path)
        } else {
            String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned()
        };
    }
    text
}

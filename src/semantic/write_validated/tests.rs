use super::*;
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
async fn metrics_and_the_calendar_are_validated_with_their_sources() {
    let dir = tempfile::tempdir().unwrap();
    let shop = project(dir.path());
    for other in [source("visits", &[]), source("days", &[]), source("stock", &[])] {
        write(&shop, "shop", &other).unwrap();
    }
    let file = dir.path().join("semantic-layer/metrics.yaml");
    let model = "metrics:
- { name: rate, expr: a.x / visits.n }
- { name: other, expr: stock.n }
calendar: { table: { source: days, day: day, week: week } }
";
    fs::write(&file, model).unwrap();
    let broken = daemon(Ok(vec!["metric 'rate': new"]));
    let saved = written(dir.path(), source("a", &[]), &broken).await.unwrap();
    assert_eq!(saved.warnings, ["it has no grain", "metric 'rate': new"]);
    let sent = broken.1.borrow().clone();
    let names = |index: usize| {
        let named = |key: &str| {
            let items = sent[index].pointer(key).unwrap().as_array().unwrap().iter();
            items.map(|item| item["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(sent[index]["model"]["calendar"]["table"]["source"], "days");
        (named("/sources"), named("/model/metrics"))
    };
    assert_eq!(names(0), ("a days visits".into(), "rate".into()));
    assert_eq!(names(1), ("days visits".into(), String::new()));
    fs::write(&file, "metric: []").unwrap();
    let saved = written(dir.path(), source("a", &[]), &daemon(Ok(vec![]))).await.unwrap();
    assert!(saved.warnings[0].starts_with("Metrics and the calendar are not validated: semantic-layer/metrics.yaml"));
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
    assert!(error.ends_with("b, join to 'custmers': There is no such source; did you mean 'customers'?"), "{error}");
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

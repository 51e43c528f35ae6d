//! Validation of a project's semantic sources through the daemon.

use super::{
    files::{Entry, SourceFolder},
    metrics::Model,
    model_file::{model_json, read_model_of},
    newest_scan,
    rejection::map_rejection,
    source::{Source, to_json},
};
use crate::{
    error::Result,
    ingest::{RunFailure, convert_error},
    offload,
    ports::{JsonRunner, ModelRequest, validate_sources},
    project::{Project, policy::Policy},
};
use serde::Serialize;
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

/// Result of a validation (`KtxSemanticValidation`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Validation {
    /// Id of the connection.
    pub connection_id: String,
    /// Names of the validated sources.
    pub sources: Vec<String>,
    /// Whether there are no errors.
    pub valid: bool,
    /// Errors, which make queries fail.
    pub errors: Vec<String>,
    /// Warnings, which do not.
    pub warnings: Vec<String>,
    /// Warnings by the name of the source.
    pub per_source_warnings: BTreeMap<String, Vec<String>>,
}

impl Validation {
    /// Leaves out the findings that name what the data policy denies.
    #[must_use]
    pub fn without_denied(mut self, policy: &Policy) -> Self {
        let is_shown = |text: &String| !policy.denies_text(text);
        self.errors.retain(is_shown);
        self.warnings.retain(is_shown);
        self.per_source_warnings.retain(|_, warnings| {
            warnings.retain(is_shown);
            !warnings.is_empty()
        });
        self.valid = self.errors.is_empty();
        self
    }
}

/// Validates the named sources together with those that their joins lead to, or all sources if `names` is empty.
/// Compares them with the newest scan, if there is one.
///
/// Errors: [`crate::error::Code::SemanticUnknown`], [`crate::error::Code::ConnectionUnknown`], and those of the runner.
pub async fn validate<R: JsonRunner<Error: RunFailure>>(
    project: &Arc<Project>,
    connection_id: &str,
    names: Vec<String>,
    runner: &R,
) -> Result<Validation, R::Error> {
    let dialect = convert_error::<_, R::Error>(project.dialect(connection_id))?;
    let (owned_project, id) = (project.clone(), connection_id.to_owned());
    let read = offload::spawn_blocking(move || {
        let (mut validation, sources, model) = load_sources(&owned_project, id, &names)?;
        let tables = load_tables(&owned_project, &mut validation)?;
        Ok((validation, sources, model, tables))
    });
    let (mut validation, sources, model, tables) = convert_error::<_, R::Error>(read.await)?;
    let denied = convert_error::<_, R::Error>(project.denied(&validation.connection_id))?;
    let model =
        ModelRequest { sources: &sources, model: model.as_deref(), dialect: &dialect, denied: denied.as_deref() };
    let found = validate_sources(runner, model, tables.as_deref()).await;
    let found = found.map_err(map_rejection)?;
    validation.errors.extend(found.errors);
    validation.warnings.extend(found.warnings);
    validation.per_source_warnings = found.per_source_warnings;
    validation.per_source_warnings.retain(|name, _| validation.sources.binary_search(name).is_ok());
    validation.valid = found.valid && validation.errors.is_empty();
    Ok(validation)
}

/// Returns the tables of the newest scan as JSON. A scan that cannot be read is a warning.
fn load_tables(project: &Project, validation: &mut Validation) -> Result<Option<String>> {
    match newest_scan::read_tables(project, &validation.connection_id) {
        Ok(tables) => tables.map(|tables| to_json(&tables)).transpose(),
        Err(error) => {
            let reason = error.with_hint_text();
            validation.warnings.push(format!("The sources are not compared with the database: {reason}"));
            Ok(None)
        }
    }
}

/// Returns errors in the files themselves, and the sources and the model to send as JSON.
fn load_sources(
    project: &Project,
    connection_id: String,
    names: &[String],
) -> Result<(Validation, String, Option<String>)> {
    let folder = SourceFolder::open(project, &connection_id)?;
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
    let validated = sources.keys().cloned().collect();
    let sources = with_joined_sources(&folder, sources);
    let model = match read_model_of(project, &connection_id, &sources, names.is_empty()) {
        Ok(model) => model,
        Err(error) => {
            errors.push(error.with_hint_text());
            Model::default()
        }
    };
    errors.dedup();
    let (json, model) = (to_json(&sources)?, model_json(&model)?);
    let validation = Validation {
        connection_id: connection_id.clone(),
        sources: validated,
        valid: errors.is_empty(),
        errors,
        warnings: Vec::new(),
        per_source_warnings: BTreeMap::new(),
    };
    Ok((validation, json, model))
}

/// Adds the sources that joins lead to, transitively.
pub(super) fn with_joined_sources<'a>(
    folder: &'a SourceFolder<'_>,
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

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::{
        error::{Code, Error, rejected_with},
        semantic::files::tests::project,
    };
    use serde_json::{Value, json};
    use std::{cell::RefCell, fs, path::Path};

    /// A daemon with one answer, or the body of a refusal. It records the last request.
    pub(crate) struct Daemon(pub(crate) Result<Value, &'static str>, pub(crate) RefCell<Value>);

    impl Daemon {
        pub(crate) fn new(answer: Value) -> Self {
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

    /// Writes four sources with joins to a project.
    pub(crate) fn shop(dir: &Path) -> Arc<Project> {
        let folder = dir.join("semantic-layer/shop");
        fs::create_dir_all(&folder).unwrap();
        for (name, to) in [("a", "b"), ("b", "c"), ("c", "a"), ("d", "nowhere")] {
            let join = format!("joins: [{{ to: {to}, on: x = {to}.x, relationship: many_to_one }}]");
            fs::write(folder.join(format!("{name}.yaml")), format!("name: {name}\ntable: t\n{join}\n")).unwrap();
        }
        Arc::new(project(dir))
    }

    pub(crate) fn problems() -> Value {
        json!({ "valid": true, "errors": [], "warnings": [], "per_source_warnings": { "a": ["w"], "b": ["w"] } })
    }

    #[tokio::test]
    async fn named_sources_are_sent_with_joined_sources() {
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
    async fn metrics_of_the_sent_sources_are_validated() {
        let dir = tempfile::tempdir().unwrap();
        let project = shop(dir.path());
        let folder = dir.path().join("semantic-layer/größe%2F2");
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("visits.yaml"), "name: visits\ntable: t\n").unwrap();
        let model = "metrics:\n- { name: one, expr: a.n }\n- { name: other, expr: visits.n }\n- { name: d, expr: d.n }\n- { name: typo, expr: vsits.n }\n";
        fs::write(dir.path().join("semantic-layer/metrics.yaml"), model).unwrap();
        let daemon = Daemon::new(problems());
        let sent = || {
            let sent = daemon.1.borrow();
            let metrics = sent["model"]["metrics"].as_array().unwrap().iter();
            metrics.map(|metric| metric["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        validate(&project, "shop", vec![], &daemon).await.unwrap();
        assert_eq!(sent(), ["one", "d", "typo"]);
        validate(&project, "shop", vec!["a".into()], &daemon).await.unwrap();
        assert_eq!(sent(), ["one"]);
        fs::write(dir.path().join("semantic-layer/metrics.yaml"), "metric: []").unwrap();
        let found = validate(&project, "shop", vec![], &daemon).await.unwrap();
        assert!(found.errors[0].starts_with("semantic-layer/metrics.yaml:1:1: "), "{:?}", found.errors);
    }

    #[test]
    fn findings_that_name_what_is_denied_are_left_out() {
        let config = "connections: { shop: { driver: sqlite, policy: { deny: { columns: [orders.salary] } } } }";
        let project = Project::parsed(Path::new("/p"), config);
        let texts = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        let found = Validation {
            connection_id: "shop".into(),
            sources: texts(&["orders"]),
            valid: false,
            errors: texts(&["orders, measure 'a': did you mean salary?"]),
            warnings: texts(&["orders: salary", "orders: amount"]),
            per_source_warnings: [("orders".to_owned(), texts(&["salary"]))].into(),
        };
        let shown = found.without_denied(&project.policy("shop").unwrap());
        assert_eq!((shown.valid, shown.errors, shown.warnings), (true, vec![], texts(&["orders: amount"])));
        assert!(shown.per_source_warnings.is_empty());
    }

    #[tokio::test]
    async fn invalid_files_are_errors_of_the_validation() {
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
    }
}

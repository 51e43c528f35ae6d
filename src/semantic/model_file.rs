//! The file of what all sources share, `semantic-layer/metrics.yaml`, above the folders of the connections. All functions
//! block.

use super::{
    files::{Entry, FOLDER, SourceFolder},
    metrics::{Metric, Model},
    references::references,
    source::{Source, display_path, invalid, to_json},
};
use crate::{
    error::{Code, Result},
    project::{Project, confined, format, yaml},
};
use std::{collections::HashSet, path::PathBuf};

const FILE: &str = "metrics.yaml";
/// What the file could be called by mistake.
const OTHER_FILE: &str = "metrics.yml";

/// Returns the path of the file. It is a folder if a connection has its name; then the project has no such file.
pub(crate) fn model_path(project: &Project) -> PathBuf {
    project.dir.join(FOLDER).join(FILE)
}

/// Reads the file; without one, there are no metrics, and the calendar is the usual one.
///
/// Errors: [`Code::SemanticInvalid`] with line and column, [`Code::FormatNewer`], [`Code::ProjectUnsafe`],
/// [`Code::FileIo`].
pub fn read_model(project: &Project) -> Result<Model> {
    let (path, other) = (model_path(project), project.dir.join(FOLDER).join(OTHER_FILE));
    if other.is_file() {
        let message = format!("{} is not read", display_path(&project.dir, &other));
        return Err(invalid(message).with_hint(format!("Rename it to {FILE}")));
    }
    if path.is_dir() {
        return Ok(Model::default());
    }
    let Some(bytes) = confined::read(&project.dir, &path)? else { return Ok(Model::default()) };
    let file = display_path(&project.dir, &path);
    Model::from_yaml(&file, &yaml::decode(&file, Code::SemanticInvalid, bytes)?)
}

/// Reads the file for a validation of sources of a connection. If they are all of it (`are_all`), metrics that name a
/// source of another connection only are left out; names that no connection has are problems of each. Otherwise only the
/// metrics of these sources are returned.
pub(super) fn read_model_of(
    project: &Project,
    connection_id: &str,
    sources: &[&Source],
    are_all: bool,
) -> Result<Model> {
    let (model, own) = (read_model(project)?, names_in_expressions(sources.iter().copied()));
    if model.metrics.is_empty() || !are_all {
        return Ok(model.without_sources(|name| !own.contains(name)));
    }
    let mut others = HashSet::new();
    for id in project.connections.keys().filter(|id| *id != connection_id) {
        others.extend(names_in_expressions(SourceFolder::open(project, id)?.entries.iter().filter_map(Entry::source)));
    }
    Ok(model.without_sources(|name| others.contains(name) && !own.contains(name)))
}

/// Reads the file as JSON for the daemon; `None` if it says nothing, as older daemons do not know it.
pub(super) fn read_model_json(project: &Project) -> Result<Option<String>> {
    model_json(&read_model(project)?)
}

/// Returns a model as JSON for the daemon; `None` for the one of a project without a file.
pub(super) fn model_json(model: &Model) -> Result<Option<String>> {
    if *model == Model::default() { Ok(None) } else { to_json(model).map(Some) }
}

impl Model {
    /// Parses the text of a file. `file` is its name in errors.
    fn from_yaml(file: &str, text: &str) -> Result<Self> {
        format::check_yaml(file, text)?;
        let (model, _) = yaml::read::<Self>(file, Code::SemanticInvalid, text)?;
        let model = model.unwrap_or_default();
        model.check(file)?;
        Ok(model)
    }

    fn check(&self, file: &str) -> Result<()> {
        let mut seen = HashSet::new();
        for Metric { name, .. } in &self.metrics {
            if name.trim().is_empty() || name.contains(|c: char| c.is_control() || c == '.') {
                let message = format!("{file}: the name of a metric must be one line of text without a dot: {name:?}");
                return Err(invalid(message).with_hint("Choose another one"));
            }
            if !seen.insert(name) {
                return Err(invalid(format!("{file}: there are two metrics with the name {name}")));
            }
        }
        Ok(())
    }

    /// Leaves out the metrics that name a source which `is_elsewhere`, and those that use such metrics.
    fn without_sources(mut self, is_elsewhere: impl Fn(&str) -> bool) -> Self {
        let mut removed: HashSet<String> = HashSet::new();
        loop {
            let uses_removed = |metric: &Metric| {
                references(&metric.expr).iter().any(|reference| match reference.as_slice() {
                    [name] => removed.contains(name),
                    [source, ..] => is_elsewhere(source),
                    [] => false,
                })
            };
            let (out, kept): (Vec<_>, Vec<_>) = self.metrics.into_iter().partition(uses_removed);
            self.metrics = kept;
            if out.is_empty() {
                return self;
            }
            removed.extend(out.into_iter().map(|metric| metric.name));
        }
    }
}

/// Returns the names by which expressions may use sources: their own and those of roles.
fn names_in_expressions<'a>(sources: impl Iterator<Item = &'a Source>) -> HashSet<String> {
    let names = |source: &'a Source| {
        let roles = source.joins.iter().filter_map(|join| join.alias.as_ref());
        roles.chain([&source.name]).cloned()
    };
    sources.flat_map(names).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::semantic::files::tests::project;
    use std::fs;

    fn read(text: &str) -> Result<Model> {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join(FOLDER)).unwrap();
        fs::write(dir.path().join(FOLDER).join(FILE), text).unwrap();
        read_model(&project(dir.path()))
    }

    #[test]
    fn missing_and_empty_files_have_no_metrics() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(read_model(&project(dir.path())).unwrap(), Model::default());
        for text in ["# none yet\n", "metrics:\ncalendar:\n"] {
            assert_eq!(read(text).unwrap(), Model::default());
        }
        fs::create_dir_all(dir.path().join(FOLDER).join(FILE)).unwrap();
        assert_eq!(read_model_json(&project(dir.path())).unwrap(), None, "the folder of a connection metrics.yaml");
        fs::write(dir.path().join(FOLDER).join(OTHER_FILE), "").unwrap();
        let error = read_model(&project(dir.path())).unwrap_err().with_hint_text();
        assert_eq!(error, "semantic-layer/metrics.yml is not read. Rename it to metrics.yaml");
    }

    #[test]
    fn errors_have_their_location() {
        for (text, expected) in [
            ("metric: []", ":1:1: unknown key metric; did you mean metrics?"),
            ("metrics:\n- { name: a, exp: b.c }", ":2:14: metrics[0]: unknown key exp; did you mean expr?"),
            ("metrics:\n- name: a", ":2:3: metrics[0]: the key expr is missing"),
            (
                "metrics: [{ name: a.b, expr: c }]",
                ": the name of a metric must be one line of text without a dot: \"a.b\". Choose another one",
            ),
            ("metrics: [{ name: a, expr: b }, { name: a, expr: c }]", ": there are two metrics with the name a"),
            ("calendar:\n  fiscal_year_start: 13", ":2:3: calendar.fiscal_year_start: expected a month, 1 to 12"),
            (
                "calendar: { retail: { pattern: 4-4-4 } }",
                ":1:32: calendar.retail.pattern: expected one of 4-4-5, 4-5-4, 5-4-4",
            ),
        ] {
            assert_eq!(read(text).unwrap_err().with_hint_text(), format!("semantic-layer/metrics.yaml{expected}"));
        }
    }

    #[test]
    fn metrics_of_other_connections_are_left_out() {
        let text = "metrics:
  - { name: rate, expr: orders.revenue / visits.count }
  - { name: twice, expr: rate * 2 }
  - { name: typo, expr: order.revenue }
  - { name: own, expr: orders.revenue }
";
        let model = read(text).unwrap().without_sources(|source| source == "visits");
        assert_eq!(model.metrics.iter().map(|metric| metric.name.as_str()).collect::<Vec<_>>(), ["typo", "own"]);
    }
}

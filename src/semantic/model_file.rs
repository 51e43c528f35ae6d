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

/// Reads the file for a validation of sources of a connection. If they are all of it (`are_all`), metrics and a calendar
/// table that name a source of another connection only are left out; names that no connection has are problems of each.
/// Otherwise only the metrics and the table of these sources are returned.
pub(super) fn read_model_of(
    project: &Project,
    connection_id: &str,
    sources: &[&Source],
    are_all: bool,
) -> Result<Model> {
    let model = read_model(project)?;
    if !are_all || model.metrics.is_empty() && model.calendar.table.is_none() {
        return Ok(model.of_sources(sources));
    }
    let own = Names::of(sources.iter().copied());
    let mut others = Names::default();
    for id in project.connections.keys().filter(|id| *id != connection_id) {
        others.add(SourceFolder::open(project, id)?.entries.iter().filter_map(Entry::source));
    }
    let model = model.without_metrics(|name| others.has(name) && !own.has(name));
    Ok(model.without_table(|name| others.sources.contains(name) && !own.sources.contains(name)))
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

    /// Returns only the metrics and the calendar table of these sources.
    pub(super) fn of_sources(self, sources: &[&Source]) -> Self {
        let own = Names::of(sources.iter().copied());
        self.without_metrics(|name| !own.has(name)).without_table(|name| !own.sources.contains(name))
    }

    /// Returns the sources that metrics name beside a source, and that of the calendar table.
    pub(super) fn sources_beside(&self, name: &str) -> HashSet<String> {
        let sources_of = |metric: &Metric| -> HashSet<String> {
            let found = references(&metric.expr).into_iter();
            found.filter(|reference| reference.len() > 1).filter_map(|reference| reference.into_iter().next()).collect()
        };
        let beside = self.metrics.iter().map(sources_of).filter(|sources| sources.contains(name)).flatten();
        beside.chain(self.calendar.table.iter().map(|table| table.source.clone())).collect()
    }

    /// Leaves out the metrics that name a source which `is_elsewhere`, and those that use such metrics.
    fn without_metrics(mut self, is_elsewhere: impl Fn(&str) -> bool) -> Self {
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

    /// Leaves out the calendar table if its source `is_elsewhere`.
    fn without_table(mut self, is_elsewhere: impl Fn(&str) -> bool) -> Self {
        self.calendar.table = self.calendar.table.filter(|table| !is_elsewhere(&table.source));
        self
    }
}

/// The names of sources, and those of roles, by which expressions may use sources, too.
#[derive(Default)]
struct Names {
    sources: HashSet<String>,
    roles: HashSet<String>,
}

impl Names {
    fn of<'a>(sources: impl Iterator<Item = &'a Source>) -> Self {
        let mut names = Self::default();
        names.add(sources);
        names
    }

    fn add<'a>(&mut self, sources: impl Iterator<Item = &'a Source>) {
        for source in sources {
            self.sources.insert(source.name.clone());
            self.roles.extend(source.joins.iter().filter_map(|join| join.alias.clone()));
        }
    }

    fn has(&self, name: &str) -> bool {
        self.sources.contains(name) || self.roles.contains(name)
    }
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
            ("calendar: { table: { source: days } }", ":1:22: calendar.table: the key day is missing"),
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
        let model = read(text).unwrap().without_metrics(|source| source == "visits");
        assert_eq!(model.metrics.iter().map(|metric| metric.name.as_str()).collect::<Vec<_>>(), ["typo", "own"]);
    }
    #[test]
    fn a_calendar_table_of_another_connection_is_left_out() {
        let dir = tempfile::tempdir().unwrap();
        let project = project(dir.path());
        let role = "name: a\ntable: t\njoins: [{ to: a, on: x = days.y, relationship: one_to_one, alias: days }]\n";
        for (file, text) in [("shop/a", role), ("größe%2F2/days", "name: days\ntable: t\n")] {
            let path = dir.path().join(FOLDER).join(file).with_extension("yaml");
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let folder = SourceFolder::open(&project, "shop").unwrap();
        let sources: Vec<_> = folder.entries.iter().filter_map(Entry::source).collect();
        for (source, are_all, is_kept) in
            [("a", true, true), ("a", false, true), ("days", true, false), ("typo", true, true), ("typo", false, false)]
        {
            let text = format!("calendar: {{ table: {{ source: {source}, day: day, week: week }} }}\n");
            fs::write(model_path(&project), text).unwrap();
            let model = read_model_of(&project, "shop", &sources, are_all).unwrap();
            assert_eq!(model.calendar.table.is_some(), is_kept, "{source}, {are_all}");
        }
    }
}

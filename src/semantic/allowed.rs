//! The semantic layer for readers who do not edit its files, by the data policy of today: whole parts that name what is
//! denied are left out. All functions block.

use super::{
    files::{Entry, SourceFile, SourceFolder, SourceSummary, list_with, read_all_in, read_in, summarize},
    metrics::Model,
    model_file::read_model,
    source::Source,
};
use crate::{
    error::{Code, Error, Result},
    project::{Project, policy::Policy},
};
use std::collections::BTreeSet;

/// Lists the sources of one connection, or of all connections, including invalid files.
///
/// Errors: as of [`super::list`].
pub fn list_allowed(project: &Project, connection_id: Option<&str>) -> Result<Vec<SourceSummary>> {
    list_with(project, connection_id, |folder, policy| {
        let denied = denied_sources(folder, policy);
        let summarized = folder.entries.iter().filter_map(|entry| match entry.source() {
            Some(source) => Some(summarize(folder, entry, Some(&allowed_part(source, policy, &denied)?))),
            None => Some(summarize(folder, entry, None)),
        });
        summarized.collect()
    })
}

/// Reads a source by its name; its text is that of the part that is allowed.
///
/// Errors: as of [`super::read`]; [`Code::PolicyDenied`] for a denied query.
pub fn read_allowed(project: &Project, connection_id: &str, name: &str) -> Result<SourceFile> {
    let (folder, policy) = (SourceFolder::open(project, connection_id)?, project.policy(connection_id)?);
    if !policy.denies() && !policy.masks() {
        return read_in(folder, &policy, name);
    }
    let denied = denied_sources(&folder, &policy);
    let file = read_in(folder, &policy, name)?;
    let found = allowed_part(&file.source, &policy, &denied);
    let source = found.ok_or_else(|| {
        Error::new(Code::PolicyDenied, format!("The data policy denies what the query of the source {name} reads"))
    })?;
    Ok(SourceFile { text: source.to_yaml()?, source, ..file })
}

/// Reads all sources of a connection that can be read, in the order of [`list_allowed`].
///
/// Errors: as of [`super::read_all`].
pub fn read_all_allowed(project: &Project, connection_id: &str) -> Result<Vec<SourceFile>> {
    let (folder, policy) = (SourceFolder::open(project, connection_id)?, project.policy(connection_id)?);
    let files = read_all_in(&folder, &policy)?;
    if !policy.denies() && !policy.masks() {
        return Ok(files);
    }
    let denied = denied_sources(&folder, &policy);
    let allowed = files.into_iter().filter_map(|file| Some((allowed_part(&file.source, &policy, &denied)?, file)));
    allowed.map(|(source, file)| Ok(SourceFile { text: source.to_yaml()?, source, ..file })).collect()
}

/// Reads the metrics and the calendar of a project, without metrics that name what any connection denies.
///
/// Errors: as of [`super::read_model`].
pub fn read_allowed_model(project: &Project) -> Result<Model> {
    let mut model = read_model(project)?;
    for id in project.connections.keys() {
        let policy = project.policy(id)?;
        model.metrics.retain(|metric| !policy.denies_text(&metric.name) && !policy.denies_text(&metric.expr));
        for metric in &mut model.metrics {
            metric.description.take_if(|text| policy.denies_text(text));
            metric.synonyms.retain(|text| !policy.denies_text(text));
        }
    }
    Ok(model)
}

/// The allowed parts of the sources of a folder.
pub(super) fn allowed_sources(folder: &SourceFolder<'_>, policy: &Policy) -> Vec<Source> {
    let denied = denied_sources(folder, policy);
    let sources = folder.entries.iter().filter_map(Entry::source);
    sources.filter_map(|source| allowed_part(source, policy, &denied)).collect()
}

/// The allowed part of a source; `None` if its table or its query is denied.
fn allowed_part(source: &Source, policy: &Policy, denied: &BTreeSet<String>) -> Option<Source> {
    if !source.is_allowed(policy) {
        return None;
    }
    let mut source = source.clone();
    source.hide_values(policy);
    source.remove_denied(policy, denied);
    Some(source)
}

/// Names of the sources that are left out.
fn denied_sources(folder: &SourceFolder<'_>, policy: &Policy) -> BTreeSet<String> {
    let sources = folder.entries.iter().filter_map(Entry::source);
    sources.filter(|source| !source.is_allowed(policy)).map(|source| source.name.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    /// Files that were written before the policy; nothing of `LEAK` may be read.
    const FILES: [(&str, &str); 5] = [
        (
            "w/emp.yaml",
            "name: emp\ntable: main.emp\ngrain: [id]\ndescription: has LEAKtier\ncolumns:\n\
             - { name: id, type: number }\n\
             - { name: LEAKtier, type: string }\n\
             - { name: grade, type: string, description: is 'LEAKvalue' by default, values: [LEAKvalue] }\n\
             measures:\n- { name: tiers, expr: count(LEAKtier) }\n- { name: count, expr: count(*) }\n\
             segments:\n- { name: low, expr: LEAKtier = 1 }\n\
             joins:\n- { to: LEAKpay, on: id = LEAKpay.emp_id, relationship: one_to_many }\n",
        ),
        ("w/pay.yaml", "name: LEAKpay\ntable: main.LEAKpay\ngrain: [id]\ncolumns: [{ name: id, type: number }]\n"),
        ("w/own.yaml", "name: own\nsql: SELECT * FROM LEAKpay\ngrain: [id]\ncolumns: [{ name: id, type: number }]\n"),
        ("w/broken.yaml", "name: [\n"),
        (
            "metrics.yaml",
            "metrics:\n- { name: paid, expr: sum(LEAKpay.id) }\n- { name: heads, expr: emp.count, synonyms: [LEAKtier] }\n",
        ),
    ];

    fn project(dir: &std::path::Path, policy: &str) -> Project {
        fs::create_dir_all(dir.join("semantic-layer/w")).unwrap();
        for (name, text) in FILES {
            fs::write(dir.join("semantic-layer").join(name), text).unwrap();
        }
        Project::parsed(dir, &format!("connections: {{ w: {{ driver: sqlite, policy: {policy} }} }}"))
    }

    #[test]
    fn what_is_denied_is_left_out() {
        let dir = tempfile::tempdir().unwrap();
        let project =
            project(dir.path(), "{ deny: { tables: [LEAKpay], columns: [emp.LEAKtier] }, mask: [emp.grade] }");
        let listed = list_allowed(&project, None).unwrap();
        let names: Vec<_> = listed.iter().map(|source| source.name.as_str()).collect();
        assert_eq!(names, ["broken", "emp"]);
        let read = read_allowed(&project, "w", "emp").unwrap();
        let model = read_allowed_model(&project).unwrap();
        assert_eq!(read_all_allowed(&project, "w").unwrap(), std::slice::from_ref(&read));
        let texts = serde_json::to_string(&(&listed, &read, &model)).unwrap();
        assert!(!texts.contains("LEAK"), "{texts}");
        assert!(texts.contains("grade") && read.source.measures.len() == 1 && model.metrics.len() == 1, "{texts}");
        assert_eq!(read_allowed(&project, "w", "own").unwrap_err().code(), Code::PolicyDenied);
        assert_eq!(read_allowed(&project, "w", "LEAKpay").unwrap_err().code(), Code::PolicyDenied);
    }

    #[test]
    fn files_are_read_as_they_are_without_a_policy() {
        let dir = tempfile::tempdir().unwrap();
        let project = project(dir.path(), "{}");
        assert_eq!(list_allowed(&project, Some("w")).unwrap(), super::super::list(&project, Some("w")).unwrap());
        assert_eq!(read_allowed(&project, "w", "emp").unwrap(), super::super::read(&project, "w", "emp").unwrap());
        assert_eq!(read_all_allowed(&project, "w").unwrap().len(), 3);
        assert_eq!(read_all_allowed(&project, "w").unwrap(), super::super::read_all(&project, "w").unwrap());
        assert_eq!(read_allowed_model(&project).unwrap(), read_model(&project).unwrap());
    }
}

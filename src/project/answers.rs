//! Answers of the user about relationships and keys: `relationships/<connection>.yaml`, which may be edited. All functions
//! block.

use super::{Project, confined, file_names, lock, yaml};
use crate::{
    error::{Code, Error, Result},
    files::Access,
};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

const FOLDER: &str = "relationships";

/// The answers for a connection.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Answers {
    /// Answers about relationships.
    #[serde(default, deserialize_with = "yaml::or_default")]
    pub relationships: Vec<LinkAnswer>,
    /// Answers about keys.
    #[serde(default, deserialize_with = "yaml::or_default")]
    pub keys: Vec<KeyAnswer>,
}

/// An answer about a relationship.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkAnswer {
    /// The referencing columns.
    pub from: Columns,
    /// The referenced columns, in the same order.
    pub to: Columns,
    /// The answer.
    pub status: Answered,
}

/// An answer about a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyAnswer {
    /// Name of the table, with its schema if it has one.
    pub table: String,
    /// Columns of the key.
    pub columns: Vec<String>,
    /// The answer.
    pub status: Answered,
}

/// Columns of a table.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Columns {
    /// Name of the table, with its schema if it has one.
    pub table: String,
    /// Names of the columns, in the order of the key.
    pub columns: Vec<String>,
}

/// An answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Answered {
    /// It is one.
    Accepted,
    /// It is none.
    Rejected,
}

/// A new answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NewAnswer {
    /// About a relationship.
    Link(LinkAnswer),
    /// About a key.
    Key(KeyAnswer),
}

impl Answers {
    /// Reads the answers for a connection, and warnings about unknown keys; no answers without a file.
    ///
    /// Errors: [`Code::ProjectInvalid`] with line and column.
    pub fn read(project_dir: &Path, connection_id: &str) -> Result<(Self, Vec<String>)> {
        let (path, file) = paths(project_dir, connection_id);
        let Some(text) = confined::read_text(project_dir, &path)? else { return Ok(Default::default()) };
        let (answers, unknown) = yaml::read::<Self>(&file, Code::ProjectInvalid, &text).map_err(|error| {
            let hint = format!("Correct {file}");
            error.with_hint(hint)
        })?;
        let warnings = unknown.iter().map(|keys| format!("{file}: unknown key {}", keys.join("."))).collect();
        Ok((answers.unwrap_or_default(), warnings))
    }

    /// The place of the answer about the same columns, and its list.
    fn find(&self, new: &NewAnswer) -> Option<usize> {
        match new {
            NewAnswer::Link(link) => {
                self.relationships.iter().position(|known| (&known.from, &known.to) == (&link.from, &link.to))
            }
            NewAnswer::Key(key) => {
                self.keys.iter().position(|known| (&known.table, &known.columns) == (&key.table, &key.columns))
            }
        }
    }

    fn set(&mut self, place: Option<usize>, new: &NewAnswer) {
        match (new, place) {
            (NewAnswer::Link(link), Some(index)) => self.relationships[index] = link.clone(),
            (NewAnswer::Link(link), None) => self.relationships.push(link.clone()),
            (NewAnswer::Key(key), Some(index)) => self.keys[index] = key.clone(),
            (NewAnswer::Key(key), None) => self.keys.push(key.clone()),
        }
    }
}

impl Project {
    /// Records an answer, in place of an earlier one about the same columns. Other text of the file is preserved.
    /// Returns the path of the file, relative to the project.
    ///
    /// Errors: [`Code::ProjectInvalid`] if the file is invalid or cannot be changed; [`Code::LockTimeout`],
    /// [`Code::FileIo`].
    pub fn record_answer(&self, connection_id: &str, new: &NewAnswer) -> Result<String> {
        self.connection(connection_id)?;
        let _lock = lock::acquire(&self.dir)?;
        let (path, file) = paths(&self.dir, connection_id);
        let (mut answers, _) = Answers::read(&self.dir, connection_id)?;
        let before = confined::read_text(&self.dir, &path)?;
        let place = answers.find(new);
        let text = change(before.as_deref().unwrap_or(HEAD), place, new)?;
        answers.set(place, new);
        // A file with aliases or in an unusual style may parse to something else.
        let parsed = text.as_ref().and_then(|text| yaml::read::<Answers>(&file, Code::ProjectInvalid, text).ok());
        match text {
            Some(text) if parsed.is_some_and(|(parsed, _)| parsed == Some(answers)) => {
                confined::write(&self.dir, &path, &text, Access::Default)?;
                Ok(file)
            }
            _ => Err(Error::new(
                Code::ProjectInvalid,
                format!("{file} cannot be changed without a change of other text"),
            )
            .with_hint("Add the answer to it in an editor")),
        }
    }
}

const HEAD: &str = "# Answers about relationships and keys, which scans with --relationships use\n";

/// Returns the text with a new or another answer; `None` if other text would change.
fn change(text: &str, place: Option<usize>, new: &NewAnswer) -> Result<Option<String>> {
    match (new, place) {
        (NewAnswer::Link(link), Some(index)) => yaml::set_in_item(text, "relationships", index, "status", &link.status),
        (NewAnswer::Link(link), None) => yaml::append_items(text, "relationships", std::slice::from_ref(link)),
        (NewAnswer::Key(key), Some(index)) => yaml::set_in_item(text, "keys", index, "status", &key.status),
        (NewAnswer::Key(key), None) => yaml::append_items(text, "keys", std::slice::from_ref(key)),
    }
}

/// Returns the path of the file of a connection.
pub(crate) fn file_path(project_dir: &Path, connection_id: &str) -> PathBuf {
    paths(project_dir, connection_id).0
}

/// The path of the file, and the same relative to the project, with `/`.
fn paths(project_dir: &Path, connection_id: &str) -> (PathBuf, String) {
    let name = format!("{}.yaml", file_names::encode(connection_id));
    (project_dir.join(FOLDER).join(&name), format!("{FOLDER}/{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn link(status: Answered) -> NewAnswer {
        let columns = |table: &str, column: &str| Columns { table: table.into(), columns: vec![column.into()] };
        NewAnswer::Link(LinkAnswer {
            from: columns("s.orders", "customer: id"),
            to: columns("s.customers", "id"),
            status,
        })
    }

    fn key() -> NewAnswer {
        let columns = vec!["order_id".into(), "line".into()];
        NewAnswer::Key(KeyAnswer { table: "s.lines".into(), columns, status: Answered::Rejected })
    }

    fn project() -> (tempfile::TempDir, Project) {
        let dir = tempfile::tempdir().unwrap();
        let project = Project::parsed(dir.path(), "connections: { w: { driver: sqlite } }");
        (dir, project)
    }

    #[test]
    fn answers_are_added_and_replaced() {
        let (dir, project) = project();
        assert_eq!(Answers::read(dir.path(), "w").unwrap(), Default::default());
        for new in [link(Answered::Accepted), key(), link(Answered::Rejected)] {
            assert_eq!(project.record_answer("w", &new).unwrap(), "relationships/w.yaml");
        }
        let (answers, warnings) = Answers::read(dir.path(), "w").unwrap();
        assert!(warnings.is_empty());
        assert_eq!((answers.relationships.len(), answers.keys.len()), (1, 1));
        assert_eq!((answers.relationships[0].status, answers.keys[0].status), (Answered::Rejected, Answered::Rejected));
        let text = fs::read_to_string(dir.path().join("relationships/w.yaml")).unwrap();
        assert!(text.starts_with(HEAD), "{text}");
    }

    #[test]
    fn text_of_the_user_is_preserved() {
        let (dir, project) = project();
        let path = dir.path().join("relationships/w.yaml");
        fs::create_dir(path.parent().unwrap()).unwrap();
        let entry = "  - from: { table: s.orders, columns: ['customer: id'] } # the buyer\n    to: { table: s.customers, columns: [id] }\n    status: accepted\n";
        fs::write(&path, format!("# mine\nrelationships:\n{entry}\n# end\n")).unwrap();
        project.record_answer("w", &link(Answered::Rejected)).unwrap();
        project.record_answer("w", &key()).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        let changed = entry.replace("accepted", "rejected");
        assert!(text.starts_with(&format!("# mine\nrelationships:\n{changed}")) && text.contains("# end"), "{text}");
    }

    #[test]
    fn invalid_file_is_an_error_with_its_place() {
        let (dir, project) = project();
        fs::create_dir(dir.path().join("relationships")).unwrap();
        fs::write(dir.path().join("relationships/w.yaml"), "keys:\n  - { table: a, columns: [b], status: perhaps }\n")
            .unwrap();
        let error = project.record_answer("w", &key()).unwrap_err();
        assert_eq!(error.code(), Code::ProjectInvalid);
        assert!(error.to_string().starts_with("relationships/w.yaml:2:"), "{error}");
        assert_eq!(project.record_answer("x", &key()).unwrap_err().code(), Code::ConnectionUnknown);
    }
}

//! What a client needs in which file.

use super::{
    change::{Change, Part},
    client::Client,
    document,
    location::{Folders, RulesFile, Scope, rules_file, server_file, skill_folder},
    server::{Server, ServerOptions, project_argument},
    texts,
};
use serde_json::Value;
use std::path::PathBuf;

/// A file and the part of it that is ours.
#[derive(Debug, Clone)]
pub(super) struct Step {
    pub(super) path: PathBuf,
    pub(super) part: Part,
    content: Content,
}

#[derive(Debug, Clone)]
enum Content {
    Entry(Value),
    Section,
    File(String),
}

impl Step {
    /// Every step of a client in a scope; none where the client reads no servers there.
    pub(super) fn all(client: Client, scope: Scope, folders: &Folders, options: ServerOptions<'_>) -> Vec<Self> {
        let Some(file) = server_file(client, scope, folders) else { return Vec::new() };
        let project = project_argument(&file, &folders.workspace, options.project_dir);
        let server = Server::new(&project, &options);
        let mut steps = vec![Self {
            content: Content::Entry(server.entry(file.shape, options.variables)),
            part: Part::Entry { syntax: file.syntax, key: file.key.to_owned(), name: options.name.to_owned() },
            path: file.path,
        }];
        if let Some(folder) = skill_folder(client, scope, folders) {
            steps.push(Self::file(folder.join(texts::SKILL_FILE), texts::SKILL.to_owned()));
        }
        steps.extend(rules_file(client, scope, folders).map(|rules| match rules {
            RulesFile::Own { path, front_matter } => Self::file(path, texts::rules_file(front_matter)),
            RulesFile::Section { path } => Self { path, part: Part::Section, content: Content::Section },
        }));
        steps
    }

    fn file(path: PathBuf, text: String) -> Self {
        Self { path, part: Part::File, content: Content::File(text) }
    }

    /// Whether a change has written this part of this file.
    pub(super) fn is_made_by(&self, change: &Change) -> bool {
        change.path == self.path && change.part == self.part
    }

    /// The text of the file with our part.
    pub(super) fn applied(&self, before: &str) -> Result<String, document::Reason> {
        match (&self.content, &self.part) {
            (Content::Entry(value), Part::Entry { syntax, key, name }) => {
                document::set(*syntax, before, key, name, value)
            }
            (Content::File(text), _) => Ok(text.clone()),
            _ => Ok(texts::with_section(before)),
        }
    }

    /// Whether the file has something of others where our part goes.
    pub(super) fn conflicts(&self, before: &str) -> Result<bool, document::Reason> {
        Ok(match (&self.content, &self.part) {
            (Content::Entry(value), Part::Entry { syntax, key, name }) => {
                document::get(*syntax, before, key, name)?.is_some_and(|found| found != *value)
            }
            (Content::File(text), _) => !before.is_empty() && before != text,
            _ => false,
        })
    }
}

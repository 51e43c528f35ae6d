//! One change of a file, with what undoes it.

use super::{client::Client, document, location::Syntax, texts};
use crate::digest::sha256;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, path::PathBuf};

/// Which part of a file is ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub(super) enum Part {
    /// An entry below a key.
    Entry { syntax: Syntax, key: String, name: String },
    /// A section between marks.
    Section,
    /// The whole file.
    File,
}

/// A change that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Change {
    pub(super) path: PathBuf,
    #[serde(flatten)]
    pub(super) part: Part,
    /// The clients that read it; it is undone when the last one is removed.
    pub(super) clients: BTreeSet<Client>,
    /// Whether the file was created.
    pub(super) created: bool,
    /// Folders that were created, the outermost first.
    pub(super) created_folders: Vec<PathBuf>,
    /// SHA-256 of the file after the change.
    pub(super) sha256: String,
    /// `None` where other text changed place.
    insertion: Option<Insertion>,
}

/// Text that was inserted. It is ours, so that the manifest holds no secret of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Insertion {
    /// Bytes from the begin of the file.
    offset: usize,
    text: String,
    /// Blanks that stood there before.
    replaced: String,
}

impl Change {
    pub(super) fn new(path: PathBuf, part: Part, before: Option<&str>, after: &str) -> Self {
        Self {
            path,
            part,
            clients: BTreeSet::new(),
            created: before.is_none(),
            created_folders: Vec::new(),
            sha256: sha256(after),
            insertion: insertion(before.unwrap_or_default(), after),
        }
    }

    /// Marks a change that was found, not made: what stood there before is not known.
    pub(super) fn adopted(&mut self, client: Client) {
        self.insertion = None;
        self.created = true;
        self.clients.insert(client);
    }

    /// The text of the file without the change; `None` where no file is left. A file that was changed by others since is
    /// returned without our part alone.
    pub(super) fn undone(&self, text: &str) -> Result<Option<String>, document::Reason> {
        let insertion = self.insertion.as_ref().filter(|_| sha256(text) == self.sha256);
        let restored = match (insertion.and_then(|insertion| insertion.undone(text)), &self.part) {
            (Some(restored), _) => restored,
            (_, Part::Entry { syntax, key, name }) => document::remove(*syntax, text, key, name)?,
            (_, Part::Section) => texts::without_section(text),
            (_, Part::File) => String::new(),
        };
        let is_empty = restored.trim().is_empty()
            || matches!(self.part, Part::Entry { syntax, .. } if document::is_empty(syntax, &restored));
        Ok((!(self.created && is_empty)).then_some(restored))
    }

    /// Whether it is a part of the server of that name, for that client.
    pub(super) fn belongs_to(&self, client: Client, server_name: &str) -> bool {
        let is_named = match &self.part {
            Part::Entry { name, .. } => name == server_name,
            Part::Section | Part::File => true,
        };
        is_named && self.clients.contains(&client)
    }

    /// Whether undoing loses changes that others made to our part.
    pub(super) fn is_edited(&self, text: &str) -> bool {
        self.part == Part::File && sha256(text) != self.sha256
    }
}

impl Insertion {
    /// `None` where the text is not at its offset: the manifest of a project may be anything.
    fn undone(&self, text: &str) -> Option<String> {
        let (before, after) = text.split_at_checked(self.offset)?;
        Some(format!("{before}{}{}", self.replaced, after.strip_prefix(&self.text)?))
    }
}

/// The one place at which two texts differ; `None` where the earlier one had more than blanks there.
fn insertion(before: &str, after: &str) -> Option<Insertion> {
    let same = before.chars().zip(after.chars()).take_while(|(left, right)| left == right);
    let offset: usize = same.map(|(letter, _)| letter.len_utf8()).sum();
    let (before, after) = (&before[offset..], &after[offset..]);
    let same = before.chars().rev().zip(after.chars().rev()).take_while(|(left, right)| left == right);
    let tail: usize = same.map(|(letter, _)| letter.len_utf8()).sum();
    let (replaced, text) = (&before[..before.len() - tail], &after[..after.len() - tail]);
    replaced.trim().is_empty().then(|| Insertion { offset, text: text.to_owned(), replaced: replaced.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_entry_is_undone_to_the_byte() {
        for (syntax, key, text) in [
            (Syntax::Json, "mcpServers", "{}"),
            (Syntax::Json, "mcpServers", "{ }\r\n"),
            (Syntax::Json, "mcpServers", "{\n    \"a\": \"ü\", // tail\n    \"mcpServers\": {\"b\": {}}\n}"),
            (Syntax::Json, "mcpServers", "{\"secret\":\"hunter2\",\"mcpServers\":{}}"),
            (Syntax::Toml, "mcp_servers", "# mine\na = 1"),
            (Syntax::Toml, "mcp_servers", "[mcp_servers.b]\ncommand = \"x\"\n\n[c]\nd = 1\n"),
        ] {
            let part = Part::Entry { syntax, key: key.into(), name: "ktx".into() };
            let after = document::set(syntax, text, key, "ktx", &json!({ "command": "npx" })).unwrap();
            let change = Change::new("x".into(), part, Some(text), &after);
            assert_eq!(change.undone(&after).unwrap().unwrap(), text);
            assert!(!serde_json::to_string(&change).unwrap().contains("hunter2"));
        }
    }

    #[test]
    fn changes_of_others_stay() {
        let part = Part::Entry { syntax: Syntax::Json, key: "mcpServers".into(), name: "ktx".into() };
        let after = document::set(Syntax::Json, "", "mcpServers", "ktx", &json!({ "command": "npx" })).unwrap();
        let change = Change::new("x".into(), part, None, &after);
        assert_eq!(change.undone(&after).unwrap(), None);
        let edited = document::set(Syntax::Json, &after, "mcpServers", "b", &json!({ "command": "c" })).unwrap();
        let left = change.undone(&edited).unwrap().unwrap();
        assert!(left.contains("\"b\"") && !left.contains("ktx"));
    }

    #[test]
    fn a_file_of_ours_that_was_edited_is_known() {
        let change = Change::new("x".into(), Part::File, None, "ours");
        assert!(!change.is_edited("ours") && change.is_edited("ours, and more"));
        assert_eq!(change.undone("ours").unwrap(), None);
    }
}

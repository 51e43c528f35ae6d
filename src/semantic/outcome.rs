//! What a generation says of its work.

use super::insert::Additions;
use serde::Serialize;

/// What a generation did (`KtxSemanticGeneration`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Generation {
    /// Connection whose sources were made.
    pub connection_id: String,
    /// The scan that they were made of.
    pub sync_id: String,
    /// What became of each source, by name.
    pub sources: Vec<GeneratedSource>,
    /// What of the scan could not be used.
    pub warnings: Vec<String>,
}

/// What became of one source (`KtxGeneratedSemanticSource`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GeneratedSource {
    /// Name of the source.
    pub name: String,
    /// Its file, relative to the project, with `/`.
    pub path: String,
    /// What was done.
    pub action: Action,
    /// Names of the columns that an edited file gained.
    pub added_columns: Vec<String>,
    /// Conditions of the joins that an edited file gained.
    pub added_joins: Vec<String>,
    /// Columns of an edited file that the table has no more.
    pub removed_columns: Vec<String>,
    /// What is left to do by hand.
    pub note: Option<String>,
}

/// What was done with the file of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// It was not there and never was.
    Created,
    /// It had no edits, and the table has changed.
    Updated,
    /// It says what it should.
    Unchanged,
    /// It is edited, and has gained what is new.
    Extended,
    /// It is edited, and nothing is new.
    Kept,
    /// It was deleted by hand, and stays deleted.
    Deleted,
    /// It had no edits, and its table is gone.
    Removed,
    /// It is edited, and its table is gone.
    Orphaned,
    /// It is edited, and what is new cannot be added to it; the note says why.
    Blocked,
}

impl GeneratedSource {
    /// Whether its file is there and stays as a person has left it, but for what was added.
    pub(super) fn is_edited(&self) -> bool {
        matches!(self.action, Action::Kept | Action::Extended | Action::Blocked | Action::Orphaned)
    }

    /// Says what an edited file has gained, or could not added.
    pub(super) fn note_added(&mut self, added: &Additions) {
        let columns: Vec<_> = added.columns.iter().map(|column| column.name.clone()).collect();
        let joins: Vec<_> = added.joins.iter().map(|join| join.on.clone()).collect();
        if self.action == Action::Blocked {
            let missing = columns.iter().chain(&joins).map(String::as_str).collect::<Vec<_>>().join(", ");
            self.add_note(format!("Add by hand, for the file cannot be changed without touching the rest: {missing}"));
        } else {
            (self.added_columns, self.added_joins) = (columns, joins);
        }
    }

    /// Adds a sentence to what is left to do.
    pub(super) fn add_note(&mut self, sentence: String) {
        self.note = Some(match self.note.take() {
            Some(note) => format!("{note}. {sentence}"),
            None => sentence,
        });
    }
}

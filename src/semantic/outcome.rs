//! Results of a generation.

use super::insert::Additions;
use serde::Serialize;

/// Result of a generation (`KtxSemanticGeneration`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Generation {
    /// Id of the connection.
    pub connection_id: String,
    /// The scan that the sources were generated from.
    pub sync_id: String,
    /// Results of the sources, sorted by name.
    pub sources: Vec<GeneratedSource>,
    /// Foreign keys that cannot be used, and broken joins of files that were not generated.
    pub warnings: Vec<String>,
}

/// Result of a generation for one source (`KtxGeneratedSemanticSource`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GeneratedSource {
    /// Name of the source.
    pub name: String,
    /// Path of its file, relative to the project, with `/`.
    pub path: String,
    /// Change of the file.
    pub action: Action,
    /// Names of the columns that were added to an edited file.
    pub added_columns: Vec<String>,
    /// Conditions of the joins that were added to an edited file.
    pub added_joins: Vec<String>,
    /// Conditions of the generated joins that were removed from an edited file.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub removed_joins: Vec<String>,
    /// Columns of an edited file that the table no longer has.
    pub removed_columns: Vec<String>,
    /// Instructions for changes by hand.
    pub note: Option<String>,
}

/// Change of a source's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// The file was created.
    Created,
    /// The table has changed, and the file had no edits.
    Updated,
    /// The file is up to date.
    Unchanged,
    /// The file has edits, and columns or joins were added, or generated joins were removed.
    Extended,
    /// The file has edits, and there are no new columns or joins.
    Kept,
    /// The file was deleted by hand, and stays deleted.
    Deleted,
    /// The table no longer exists; the file had no edits and was removed.
    Removed,
    /// The table no longer exists; the file has edits and was kept.
    Orphaned,
    /// The file has edits, and new columns or joins cannot be added; the note has the reason.
    Blocked,
}

impl GeneratedSource {
    /// Whether the file exists and has edits by hand.
    pub(super) fn is_edited(&self) -> bool {
        matches!(self.action, Action::Kept | Action::Extended | Action::Blocked | Action::Orphaned)
    }

    /// Records additions to an edited file; if they were impossible, as a note.
    pub(super) fn record_additions(&mut self, added: &Additions) {
        let columns: Vec<_> = added.columns.iter().map(|column| column.name.clone()).collect();
        let joins: Vec<_> = added.joins.iter().map(|join| join.on.clone()).collect();
        if self.action == Action::Blocked {
            let missing = columns.iter().chain(&joins).map(String::as_str).collect::<Vec<_>>().join(", ");
            self.add_note(format!(
                "Add by hand, since they cannot be added without other changes of the file: {missing}"
            ));
        } else {
            (self.added_columns, self.added_joins) = (columns, joins);
        }
    }

    /// Adds a sentence to the note.
    pub(super) fn add_note(&mut self, sentence: String) {
        self.note = Some(match self.note.take() {
            Some(note) => format!("{note}. {sentence}"),
            None => sentence,
        });
    }
}

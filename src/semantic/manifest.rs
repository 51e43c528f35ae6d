//! The manifest of the last generation, which distinguishes edits by hand from changes of the database.
//!
//! It is local to a machine, in `.ktx`. Without it, all files count as edited.

use super::source::{Join, Source};
use crate::{
    digest::sha256,
    error::{Code, Error, Result},
    files::Access,
    project::{confined, file_names, format},
};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// The generated sources of a connection, by name.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Manifest {
    pub(super) sources: BTreeMap<String, ManifestEntry>,
}

/// A generated source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ManifestEntry {
    /// Name of the file in the folder of the connection.
    pub(super) file: String,
    /// SHA-256 of the file's text, in lower-case hexadecimal digits.
    pub(super) sha256: String,
    /// Table of the source; missing in manifests of older versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) table: Option<String>,
    /// Names of the columns.
    pub(super) columns: Vec<String>,
    /// Joins of the source.
    pub(super) joins: Vec<Join>,
}

impl ManifestEntry {
    /// Returns the entry for a source that is written to a file.
    pub(super) fn new(file: String, text: &str, source: &Source) -> Self {
        let columns = source.columns.iter().map(|column| column.name.clone()).collect();
        Self { file, sha256: sha256(text), table: source.table.clone(), columns, joins: source.joins.clone() }
    }

    /// Whether the text of the file is the generated one.
    pub(super) fn is_unmodified(&self, text: &str) -> bool {
        self.sha256 == sha256(text)
    }
}

fn path(project_dir: &Path, connection_id: &str) -> PathBuf {
    project_dir.join(".ktx").join("semantic-layer").join(format!("{}.json", file_names::encode(connection_id)))
}

impl Manifest {
    /// Loads the manifest; an empty one if it is missing or invalid. Errors: [`Code::FormatNewer`],
    /// [`Code::FileIo`].
    pub(super) fn load(project_dir: &Path, connection_id: &str) -> Result<Self> {
        let path = path(project_dir, connection_id);
        let Some(text) = confined::read_text(project_dir, &path)? else { return Ok(Self::default()) };
        format::check_json(&path.display().to_string(), &text)?;
        Ok(serde_json::from_str(&text).unwrap_or_default())
    }

    /// Writes the manifest.
    pub(super) fn save(&self, project_dir: &Path, connection_id: &str) -> Result<()> {
        let path = path(project_dir, connection_id);
        let text = serde_json::to_string_pretty(self)
            .map_err(|error| Error::new(Code::Internal, "The manifest cannot be written as JSON").caused_by(error))?;
        confined::write(project_dir, &path, &(text + "\n"), Access::Default)
    }
}

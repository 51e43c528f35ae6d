//! The manifest of the last generation, which distinguishes edits by hand from changes of the database.
//!
//! It is the machine's own, below `.ktx`: where it is missing, what a file lacks counts as new.

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

/// What was generated for one connection, by the names of the sources.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Manifest {
    pub(super) sources: BTreeMap<String, ManifestEntry>,
}

/// One generated source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ManifestEntry {
    /// File name in the folder of the connection.
    pub(super) file: String,
    /// SHA-256 of the file's text, in lower-case hexadecimal digits.
    pub(super) sha256: String,
    /// The table that it was made of; the manifests of older versions lack it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) table: Option<String>,
    /// Names of its columns.
    pub(super) columns: Vec<String>,
    /// Its joins.
    pub(super) joins: Vec<Join>,
}

impl ManifestEntry {
    /// A source that is generated into a file.
    pub(super) fn new(file: String, text: &str, source: &Source) -> Self {
        let columns = source.columns.iter().map(|column| column.name.clone()).collect();
        Self { file, sha256: sha256(text), table: source.table.clone(), columns, joins: source.joins.clone() }
    }

    /// Whether a file still is what was generated.
    pub(super) fn is_untouched(&self, text: &str) -> bool {
        self.sha256 == sha256(text)
    }
}

fn path(project_dir: &Path, connection_id: &str) -> PathBuf {
    project_dir.join(".ktx").join("semantic-layer").join(format!("{}.json", file_names::encode(connection_id)))
}

impl Manifest {
    /// The manifest; an empty one where it is missing or cannot be read as JSON. Errors: [`Code::FormatNewer`],
    /// [`Code::FileIo`].
    pub(super) fn load(project_dir: &Path, connection_id: &str) -> Result<Self> {
        let path = path(project_dir, connection_id);
        let Some(text) = confined::read_text(project_dir, &path)? else { return Ok(Self::default()) };
        format::check_json(&path.display().to_string(), &text)?;
        Ok(serde_json::from_str(&text).unwrap_or_default())
    }

    /// Writes it.
    pub(super) fn save(&self, project_dir: &Path, connection_id: &str) -> Result<()> {
        let path = path(project_dir, connection_id);
        let text = serde_json::to_string_pretty(self)
            .map_err(|error| Error::new(Code::Internal, "What was generated cannot be written").caused_by(error))?;
        confined::write(project_dir, &path, &(text + "\n"), Access::Default)
    }
}

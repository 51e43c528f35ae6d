//! The data of a source: entities, which are compared between runs, and attachments, which are only staged.

use super::{
    detection::Detected,
    profile::{ProfileChange, ProfileSummary},
    report::LeftOut,
};
use crate::{
    digest::sha256,
    error::{Code, Error, Result},
    project::policy::Policy,
};
use serde::Serialize;

/// An entity of a source, for example a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entity {
    /// Name in reports, unique in the source.
    pub name: String,
    /// Folder of its file, relative to the folder of the sync.
    pub folder: &'static str,
    /// Replaces a name that is a hash in texts for the user; one line.
    pub description: Option<String>,
    /// Base of its file name, unique in the folder.
    pub title: String,
    /// Key of the work unit that its changes belong to.
    pub group: String,
    /// SHA-256 of the content that is compared, in lower-case hexadecimal digits.
    pub hash: String,
    /// Text of its file.
    pub text: String,
}

/// A file that is staged beside the entities and not compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// File name.
    pub file: &'static str,
    /// Text of the file.
    pub text: String,
}

/// A file of an entity in another folder, under the same name; it is staged and not compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Companion {
    /// Index of the entity.
    pub entity: usize,
    /// Folder, relative to the folder of the sync.
    pub folder: &'static str,
    /// Text of the file.
    pub text: String,
}

/// The data that one run pulled.
#[derive(Debug, Clone, Default)]
pub struct PullResult {
    /// Entities, sorted by name.
    pub entities: Vec<Entity>,
    /// Further files of the entities, in the order of the entities.
    pub companions: Vec<Companion>,
    /// Files beside the folders of the entities.
    pub attachments: Vec<Attachment>,
    /// Findings that do not fail the run.
    pub warnings: Vec<String>,
    /// What the data policy left out.
    pub left_out: LeftOut,
    /// The data policy of the pull.
    pub policy: Policy,
    /// State for the next run of the source, written to this machine after the sync is recorded.
    pub baseline: Option<String>,
    /// How tables were profiled, if they were.
    pub profile: Option<ProfileSummary>,
    /// Changes of profiles.
    pub profile_changes: Vec<ProfileChange>,
    /// Numbers of detected relationships, if they were detected.
    pub relationships: Option<Detected>,
}

/// Serialises a staged file: indented JSON, keys in the order of the type, a line break at the end.
pub fn staged_json(value: &impl Serialize) -> Result<String> {
    let mut text = serde_json::to_string_pretty(value).map_err(json_error)?;
    text.push('\n');
    // Thousands of texts are held at a time, and each may have half as much spare capacity.
    text.shrink_to_fit();
    Ok(text)
}

/// Returns the SHA-256 of a value's JSON.
pub fn content_hash(value: &impl Serialize) -> Result<String> {
    let json = serde_json::to_vec(value).map_err(json_error)?;
    Ok(sha256(json))
}

fn json_error(error: serde_json::Error) -> Error {
    Error::new(Code::Internal, "An entity cannot be written as JSON").caused_by(error)
}

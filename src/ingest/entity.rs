//! What a source gives: entities that are compared from run to run, and files that only go along.

use crate::{
    digest::sha256,
    error::{Code, Error, Result},
};
use serde::Serialize;

/// One thing of a source, for example a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entity {
    /// Unique among the entities of the source; what reports show.
    pub name: String,
    /// Folder of its file, below that of the sync.
    pub folder: &'static str,
    /// What people read in place of a name that says nothing, such as a hash: one line of text.
    pub description: Option<String>,
    /// Unique in the folder; its file is named after it.
    pub title: String,
    /// Work unit that its changes belong to.
    pub group: String,
    /// SHA-256 of what counts as its content, in lower-case hexadecimal digits.
    pub hash: String,
    /// Its file, ready to be written.
    pub text: String,
}

/// A file beside the entities; it is in no diff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// A plain file name.
    pub file: &'static str,
    /// Ready to be written.
    pub text: String,
}

/// All that one run pulled.
#[derive(Debug, Clone, Default)]
pub struct Pulled {
    /// Entities, sorted by name.
    pub entities: Vec<Entity>,
    /// Files beside the folders.
    pub attachments: Vec<Attachment>,
    /// Oddities that do not stop the run.
    pub warnings: Vec<String>,
    /// What the source wants to know at its next run; kept on this machine once the sync is recorded.
    pub baseline: Option<String>,
}

/// JSON as it is staged: indented, keys in the order of the type, a line break at the end.
pub fn staged_json(value: &impl Serialize) -> Result<String> {
    let mut text = serde_json::to_string_pretty(value).map_err(unwritable)?;
    text.push('\n');
    // There may be thousands, and each would keep half as much again.
    text.shrink_to_fit();
    Ok(text)
}

/// Hash of a value's JSON.
pub fn content_hash(value: &impl Serialize) -> Result<String> {
    let json = serde_json::to_vec(value).map_err(unwritable)?;
    Ok(sha256(json))
}

fn unwritable(error: serde_json::Error) -> Error {
    Error::new(Code::Internal, "An entity cannot be written as JSON").caused_by(error)
}

//! The newest successful scan of a connection, as generation asks for it.
//!
//! Everything here blocks.

use super::{
    foreign_keys::{Link, links},
    table::Table,
};
use crate::{
    error::{Code, Error, Result},
    ingest::find_newest_scan,
    project::{Project, confined, format},
};
use std::path::Path;

/// What was scanned.
#[derive(Debug)]
pub(super) struct Scanned {
    /// Folder of the scan below `raw-sources`.
    pub(super) sync_id: String,
    /// Tables and views, in the order of their files.
    pub(super) tables: Vec<Table>,
    /// Foreign keys between them.
    pub(super) links: Vec<Link>,
    /// Foreign keys that cannot be used, in sentences.
    pub(super) warnings: Vec<String>,
}

/// Reads the newest successful scan. Errors: [`Code::ScanMissing`], [`Code::FileIo`].
pub(super) fn newest(project: &Project, connection_id: &str) -> Result<Scanned> {
    let missing = || {
        Error::new(Code::ScanMissing, format!("{connection_id} has not been scanned yet"))
            .with_hint(format!("Scan it with: ktx scan {connection_id}"))
    };
    let folder = find_newest_scan(&project.dir, connection_id)?.ok_or_else(missing)?;
    let tables = tables_in(project, &folder.join("tables"), connection_id)?;
    let (links, warnings) = links(&tables);
    let sync_id = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Scanned { sync_id, tables, links, warnings })
}

/// The tables of the newest successful scan, if there is one. Errors: as [`newest`].
pub(super) fn tables(project: &Project, connection_id: &str) -> Result<Option<Vec<Table>>> {
    let folder = find_newest_scan(&project.dir, connection_id)?;
    folder.map(|folder| tables_in(project, &folder.join("tables"), connection_id)).transpose()
}

/// A database without tables leaves no folder of them.
fn tables_in(project: &Project, dir: &Path, connection_id: &str) -> Result<Vec<Table>> {
    let mut paths = confined::list(&project.dir, dir)?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    paths.iter().map(|path| table(project, path, connection_id)).collect()
}

fn table(project: &Project, path: &Path, connection_id: &str) -> Result<Table> {
    let text = confined::read_text(&project.dir, path)?.unwrap_or_default();
    format::check_json(&path.display().to_string(), &text)?;
    serde_json::from_str(&text).map_err(|error| {
        Error::new(Code::ScanMissing, format!("{} cannot be understood: {error}", path.display()))
            .with_hint(format!("Scan again with: ktx scan {connection_id}"))
            .caused_by(error)
    })
}

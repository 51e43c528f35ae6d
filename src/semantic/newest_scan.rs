//! Reads the newest successful scan of a connection. All functions block.

use super::{
    foreign_keys::{Link, resolve_links},
    profile_facts::add_profile_facts,
    table::Table,
};
use crate::{
    error::{Code, Error, Result},
    ingest::{find_newest_scan, without_denied},
    project::{Project, confined, format},
    shell,
};
use std::path::Path;

/// Tables and links of a scan.
#[derive(Debug)]
pub(super) struct ScannedTables {
    /// Name of the scan's folder in `raw-sources`.
    pub(super) sync_id: String,
    /// Tables and views, in the order of their files.
    pub(super) tables: Vec<Table>,
    /// Foreign keys between them.
    pub(super) links: Vec<Link>,
    /// Warnings about foreign keys that cannot be used.
    pub(super) warnings: Vec<String>,
}

/// Reads the newest successful scan. Errors: [`Code::ScanMissing`], [`Code::FileIo`].
pub(super) fn read(project: &Project, connection_id: &str) -> Result<ScannedTables> {
    let missing = || {
        let place = project.environment.as_ref().map_or_else(String::new, |name| format!(" in the environment {name}"));
        Error::new(Code::ScanMissing, format!("{connection_id} has not been scanned{place} yet"))
            .with_hint(format!("Scan it with: ktx scan {}", shell::quote(connection_id)))
    };
    let folder = find_newest_scan(project, connection_id)?.ok_or_else(missing)?;
    let tables = read_files(project, &folder.join("tables"), connection_id)?;
    let (links, warnings) = resolve_links(&tables);
    let sync_id = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(ScannedTables { sync_id, tables, links, warnings })
}

/// Reads the tables of the newest successful scan, if there is one, with the facts of the newest profiles. Errors: as
/// [`read`].
pub(super) fn read_tables(project: &Project, connection_id: &str) -> Result<Option<Vec<Table>>> {
    let Some(folder) = find_newest_scan(project, connection_id)? else { return Ok(None) };
    let mut tables = read_files(project, &folder.join("tables"), connection_id)?;
    add_profile_facts(project, connection_id, &mut tables)?;
    Ok(Some(tables))
}

/// Reads the files of a folder, which is missing for a database without tables. What the data policy denies is left out,
/// also if it was allowed at the time of the scan.
fn read_files(project: &Project, dir: &Path, connection_id: &str) -> Result<Vec<Table>> {
    let mut paths = confined::list(&project.dir, dir)?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    let texts: Vec<_> = paths.iter().map(|path| read_file(project, path)).collect::<Result<_>>()?;
    let policy = project.policy(connection_id)?;
    if policy.denies() || policy.masks() {
        let texts = without_denied(&texts, &policy).map_err(|error| parse_error(dir, connection_id, error))?;
        return texts.iter().map(|text| parse(text, dir, connection_id)).collect();
    }
    paths.iter().zip(&texts).map(|(path, text)| parse(text, path, connection_id)).collect()
}

fn read_file(project: &Project, path: &Path) -> Result<String> {
    let text = confined::read_text(&project.dir, path)?.unwrap_or_default();
    format::check_json(&path.display().to_string(), &text)?;
    Ok(text)
}

fn parse(text: &str, path: &Path, connection_id: &str) -> Result<Table> {
    let table = serde_json::from_str::<Table>(text).map_err(|error| parse_error(path, connection_id, error))?;
    Ok(table.with_marked_foreign_keys())
}

fn parse_error(path: &Path, connection_id: &str, error: serde_json::Error) -> Error {
    Error::new(Code::ScanMissing, format!("{} cannot be parsed: {error}", path.display()))
        .with_hint(format!("Scan again with: ktx scan {}", shell::quote(connection_id)))
        .caused_by(error)
}

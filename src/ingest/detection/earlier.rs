//! The newest detection of an earlier scan, and what of it is kept.

use super::find::{FoundDetection, find_in};
use crate::{
    error::{Code, Error, Result},
    ingest::{adapters::live_database::TABLES_DIR, layout::SourceLayout},
    project::{Adapter, confined, connection::Database, format},
    relationships::{Detection, Earlier, KeptCounts, Table, Unmeasured},
};
use std::path::Path;

/// Keeps what the newest earlier detection found and this one could not measure, and returns warnings about what was not
/// measured. Blocks.
///
/// Errors: those of the store and of the files. An earlier detection that cannot be parsed is a warning.
pub fn keep_earlier(
    project_dir: &Path,
    database: &Database,
    detection: &mut Detection,
    tables: &[Table],
    unmeasured: &Unmeasured,
) -> Result<Vec<String>> {
    let uncounted = detection.uncounted();
    if unmeasured.is_empty() && uncounted == KeptCounts::default() {
        return Ok(Vec::new());
    }
    let id = &database.connection_id;
    let (mut kept, mut warnings) = (None, Vec::new());
    if let Some(found) = find_in(project_dir, id, database.environment.as_deref())? {
        match read_earlier(project_dir, id, &found) {
            Ok(earlier) => kept = Some((detection.keep(earlier, tables, unmeasured), found.sync_id)),
            Err(error) => {
                warnings.push(format!("Earlier results are not kept where this scan has measured nothing: {error}"));
            }
        }
    }
    if unmeasured.tables() > 0 || uncounted != KeptCounts::default() {
        warnings.push(describe(id, unmeasured.tables(), uncounted, kept));
    }
    Ok(warnings)
}

fn describe(connection_id: &str, tables: usize, uncounted: KeptCounts, kept: Option<(KeptCounts, String)>) -> String {
    let kept = match kept {
        Some((kept, sync_id)) if kept != KeptCounts::default() => {
            format!("{} keys and {} relationships are kept as in {sync_id}", kept.keys, kept.links)
        }
        _ => "no earlier scan has results to keep".to_owned(),
    };
    format!(
        "{tables} tables were not measured, {} keys and {} relationships were not counted: {kept}. Scan again when the \
         tables are not locked, or raise the limits of profile of {connection_id} in ktx.yaml",
        uncounted.keys, uncounted.links
    )
}

/// Reads a detection and the tables of its scan.
fn read_earlier(project_dir: &Path, connection_id: &str, found: &FoundDetection) -> Result<Earlier> {
    let layout = SourceLayout::new(project_dir, connection_id, Adapter::LiveDatabase.name());
    let files = confined::list(project_dir, &layout.sync(&found.sync_id).join(TABLES_DIR))?;
    let files = files.iter().filter(|path| path.extension().is_some_and(|extension| extension == "json"));
    let read = |path| {
        let text = confined::read_text(project_dir, path)?.unwrap_or_default();
        parse::<Table>(&path.display().to_string(), &text)
    };
    let detection = parse(&format!("relationships.json of {}", found.sync_id), &found.text)?;
    let tables = files.map(|path| read(path.as_path())).collect::<Result<_>>()?;
    Ok(Earlier { sync_id: found.sync_id.clone(), detection, tables })
}

fn parse<T: serde::de::DeserializeOwned>(file: &str, text: &str) -> Result<T> {
    format::check_json(file, text)?;
    serde_json::from_str(text)
        .map_err(|error| Error::new(Code::ScanMissing, format!("{file} cannot be parsed")).caused_by(error))
}

//! The part of a scan that detects keys and relationships.

use super::{LiveDatabase, ScanProfile};
use crate::{
    error::Result,
    ingest::{
        detection::{
            Detected, RELATIONSHIPS_FILE, detect, keep_earlier, model_joins, parse_tables, read_definitions,
            read_input, read_view_joins,
        },
        entity::{Attachment, PullResult, staged_json},
        failure::{RunFailure, convert_error},
        models::read_models,
        profile::{CountedTables, Profiler},
        progress::Progress,
    },
    offload,
    ports::JsonRunner,
    project::{connection::Database, drivers},
    relationships::{Detection, TableProfile, Unmeasured},
};
use std::path::Path;

impl<R: JsonRunner<Error: RunFailure>> LiveDatabase<'_, R> {
    /// Detects keys and relationships from the profiles, and adds them to a pull.
    pub(super) async fn add_relationships(
        &self,
        pulled: PullResult,
        profiles: Vec<TableProfile>,
        (profiler, counted): (&Profiler<'_, R>, &CountedTables),
        profile: &ScanProfile,
        progress: Progress<'_>,
    ) -> Result<PullResult, R::Error> {
        let (scan, database, known) = (profile.clone(), self.database.clone(), counted.clone());
        let reading = offload::spawn_blocking(move || {
            let dir = &scan.project_dir;
            let (mut input, mut warnings) = read_input(dir, &database, &pulled.entities, profiles)?;
            let models = read_models(dir, &scan.looker_connections, database.environment.as_deref());
            input.joins.extend(model_joins(&models, &database.connection_id, &input.tables));
            warnings.extend(models.warnings);
            let definitions = read_definitions(&pulled.entities, &input.tables);
            let unmeasured = Unmeasured::find(&input.tables, &input.profiles, |table| known.is_readable(table));
            Ok((pulled, input, definitions, unmeasured, warnings))
        });
        let (pulled, mut input, definitions, unmeasured, mut warnings) = convert_error::<_, R::Error>(reading.await)?;
        if let Some(dialect) = drivers::dialect(&self.database.driver) {
            match read_view_joins(&definitions, &dialect, &input.tables, self.runner).await {
                Ok(joins) => input.joins.extend(joins),
                Err(error) => {
                    let reason = self.redactor.text(&error.text());
                    warnings.push(format!("The joins of views are not used as evidence: {reason}"));
                }
            }
        }
        let detection = detect(input, profiler, counted, progress).await?;
        let (dir, database) = (profile.project_dir.clone(), self.database.clone());
        let keeping = offload::spawn_blocking(move || keep(pulled, detection, &dir, &database, &unmeasured));
        let (mut pulled, detection) = convert_error::<_, R::Error>(keeping.await)?;
        let text = convert_error::<_, R::Error>(staged_json(&detection))?;
        pulled.warnings.extend(warnings);
        pulled.relationships = Some(Detected::from(&detection));
        // Sentences about what could not be counted are those of the daemon.
        pulled.attachments.push(Attachment { file: RELATIONSHIPS_FILE, text: self.redactor.text(&text) });
        Ok(pulled)
    }
}

/// Keeps what an earlier scan has measured and this one could not, with warnings.
fn keep(
    mut pulled: PullResult,
    mut detection: Detection,
    project_dir: &Path,
    database: &Database,
    unmeasured: &Unmeasured,
) -> Result<(PullResult, Detection)> {
    let tables = parse_tables(&pulled.entities)?;
    pulled.warnings.extend(keep_earlier(project_dir, database, &mut detection, &tables, unmeasured)?);
    Ok((pulled, detection))
}

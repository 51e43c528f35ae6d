//! The part of a scan that detects keys and relationships.

use super::{LiveDatabase, ScanProfile};
use crate::{
    error::Result,
    ingest::{
        detection::{Detected, RELATIONSHIPS_FILE, detect, model_joins, read_definitions, read_input, read_view_joins},
        entity::{Attachment, PullResult, staged_json},
        failure::{RunFailure, convert_error},
        models::read_models,
        profile::{CountedTables, Profiler},
        progress::Progress,
    },
    offload,
    ports::JsonRunner,
    project::drivers,
    relationships::TableProfile,
};

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
        let (profile, database) = (profile.clone(), self.database.clone());
        let reading = offload::spawn_blocking(move || {
            let dir = &profile.project_dir;
            let (mut input, mut warnings) = read_input(dir, &database, &pulled.entities, profiles)?;
            let models = read_models(dir, &profile.looker_connections, database.environment.as_deref());
            input.joins.extend(model_joins(&models, &database.connection_id, &input.tables));
            warnings.extend(models.warnings);
            let definitions = read_definitions(&pulled.entities, &input.tables);
            Ok((pulled, input, definitions, warnings))
        });
        let (mut pulled, mut input, definitions, mut warnings) = convert_error::<_, R::Error>(reading.await)?;
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
        let text = convert_error::<_, R::Error>(staged_json(&detection))?;
        pulled.warnings.extend(warnings);
        pulled.relationships = Some(Detected::from(&detection));
        // Sentences about what could not be counted are those of the daemon.
        pulled.attachments.push(Attachment { file: RELATIONSHIPS_FILE, text: self.redactor.text(&text) });
        Ok(pulled)
    }
}

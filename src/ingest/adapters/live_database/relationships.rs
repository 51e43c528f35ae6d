//! The part of a scan that detects keys and relationships.

use super::LiveDatabase;
use crate::{
    error::Result,
    ingest::{
        detection::{Detected, RELATIONSHIPS_FILE, detect, read_input},
        entity::{Attachment, PullResult, staged_json},
        failure::{RunFailure, convert_error},
        profile::{ColumnSizes, Profiler},
        progress::Progress,
    },
    offload,
    ports::JsonRunner,
    relationships::TableProfile,
};
use std::path::Path;

impl<R: JsonRunner<Error: RunFailure>> LiveDatabase<'_, R> {
    /// Detects keys and relationships from the profiles, and adds them to a pull.
    pub(super) async fn add_relationships(
        &self,
        pulled: PullResult,
        profiles: Vec<TableProfile>,
        (profiler, sizes): (&Profiler<'_, R>, &ColumnSizes),
        project_dir: &Path,
        progress: Progress<'_>,
    ) -> Result<PullResult, R::Error> {
        let (dir, database) = (project_dir.to_owned(), self.database.clone());
        let reading = offload::spawn_blocking(move || {
            let (input, warnings) = read_input(&dir, &database, &pulled.entities, profiles)?;
            Ok((pulled, input, warnings))
        });
        let (mut pulled, input, warnings) = convert_error::<_, R::Error>(reading.await)?;
        let detection = detect(input, profiler, sizes, progress).await?;
        let text = convert_error::<_, R::Error>(staged_json(&detection))?;
        pulled.warnings.extend(warnings);
        pulled.relationships = Some(Detected::from(&detection));
        // Sentences about what could not be counted are those of the daemon.
        pulled.attachments.push(Attachment { file: RELATIONSHIPS_FILE, text: self.redactor.text(&text) });
        Ok(pulled)
    }
}

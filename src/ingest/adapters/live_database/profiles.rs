//! The part of a scan that profiles the tables and compares the profiles with earlier ones.

use super::{LiveDatabase, connection_error};
use crate::{
    error::{Code, Error, Result},
    ingest::{
        entity::{Companion, PullResult, staged_json},
        failure::{RunFailure, convert_error},
        profile::{
            CountedTables, MeasuredProfiles, PROFILES_DIR, ProfileOptions, ProfileTable, ProfiledSyncs, Profiler,
            TableIdentity, find_changes,
        },
        progress::Progress,
    },
    offload,
    ports::JsonRunner,
};
use std::path::PathBuf;

/// Status of an unknown path.
const NOT_FOUND: u16 = 404;

/// How a scan profiles its tables.
#[derive(Debug, Clone)]
pub struct ScanProfile {
    /// Folder of the project, whose earlier syncs the profiles are compared with.
    pub project_dir: PathBuf,
    /// Connections of Looker, whose explores have joins that people wrote.
    pub looker_connections: Vec<String>,
    /// Limits and extent.
    pub options: ProfileOptions,
    /// Whether a failure is a warning, and the scan goes on without profiles.
    pub is_optional: bool,
}

impl<R: JsonRunner<Error: RunFailure>> LiveDatabase<'_, R> {
    /// Profiles the tables of a pull, and adds the profiles and, if hashes are measured, the detected relationships.
    pub(super) async fn add_profiles(
        &self,
        mut pulled: PullResult,
        tables: Vec<ProfileTable>,
        profile: &ScanProfile,
        progress: Progress<'_>,
    ) -> Result<PullResult, R::Error> {
        let names: Vec<_> = pulled.entities.iter().map(|entity| entity.name.clone()).collect();
        let profiler = Profiler::begin(&self.database, profile.options, self.runner);
        let mut measured = match profiler.profile(&tables, &names, progress).await {
            Ok(measured) => self.redact(measured),
            Err(error) if profile.is_optional && error.code().is_some() => {
                let (id, reason) = (&self.database.connection_id, self.profile_error(error).text());
                pulled.warnings.push(format!("The tables of {id} were not profiled: {reason}"));
                return Ok(pulled);
            }
            Err(error) => return Err(self.profile_error(error)),
        };
        let (hashed, counted) = (std::mem::take(&mut measured.hashed), CountedTables::new(&tables));
        let pulled = self.stage_profiles(pulled, tables, measured, profile).await?;
        if profile.options.hashes == 0 {
            return Ok(pulled);
        }
        let added = self.add_relationships(pulled, hashed, (&profiler, &counted), profile, progress).await;
        added.map_err(|error| self.profile_error(error))
    }

    /// Adds the files of profiles, and their changes, to a pull.
    async fn stage_profiles(
        &self,
        pulled: PullResult,
        tables: Vec<ProfileTable>,
        measured: MeasuredProfiles,
        profile: &ScanProfile,
    ) -> Result<PullResult, R::Error> {
        let (dir, id) = (profile.project_dir.clone(), self.database.connection_id.clone());
        let (environment, policy) = (self.database.environment.clone(), self.database.policy.clone());
        let staging = offload::spawn_blocking(move || {
            let syncs = ProfiledSyncs::list(&dir, &id, environment.as_deref(), policy)?;
            add_files(pulled, &tables, measured, &syncs)
        });
        convert_error(staging.await)
    }

    /// Explains an error of a request for profiles, without secrets.
    fn profile_error(&self, error: R::Error) -> R::Error {
        error.map_core_error(|error| match error.status() {
            Some(NOT_FOUND) => missing_endpoint(self.redactor.error(error)),
            _ => connection_error(&self.database.connection_id, &self.redactor, error),
        })
    }

    /// Removes secrets from the texts of the daemon.
    fn redact(&self, mut measured: MeasuredProfiles) -> MeasuredProfiles {
        for table in &mut measured.summary.unread {
            table.reason = self.redactor.text(&table.reason);
        }
        for warning in &mut measured.warnings {
            *warning = self.redactor.text(warning);
        }
        measured
    }
}

/// Explains that an earlier or a foreign daemon has no profiles.
fn missing_endpoint(error: Error) -> Error {
    Error::new(Code::HttpStatus, "The daemon cannot profile tables: it does not have the endpoint /database/profile")
        .with_hint("Update the daemon to this version of KTX, or scan without --profile and --relationships")
        .caused_by(error)
}

/// Earlier profiles that cannot be read are not compared.
fn add_files(
    mut pulled: PullResult,
    tables: &[ProfileTable],
    measured: MeasuredProfiles,
    syncs: &ProfiledSyncs,
) -> Result<PullResult> {
    for (index, (profile, table)) in measured.profiles.iter().zip(tables).enumerate() {
        let Some(profile) = profile else { continue };
        if let Ok(Some(earlier)) = syncs.find(&TableIdentity::from(table)) {
            let changes = find_changes(&pulled.entities[index].name, &earlier.profile, profile);
            pulled.profile_changes.extend(changes);
        }
        pulled.companions.push(Companion { entity: index, folder: PROFILES_DIR, text: staged_json(profile)? });
    }
    pulled.warnings.extend(measured.warnings);
    pulled.profile = Some(measured.summary);
    Ok(pulled)
}

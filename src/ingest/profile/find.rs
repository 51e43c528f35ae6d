//! Finds the newest profile of a table among the syncs of a connection.

use super::staged::{PROFILES_DIR, StagedProfile, TableIdentity};
use crate::{
    error::{Code, Error, Result},
    ingest::{newest_sync::list_scans, qualified_name::qualified_name},
    project::{Project, confined, file_names, format, policy::Policy},
    shell,
};
use std::path::{Path, PathBuf};

/// A profile and the sync that has it.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundProfile {
    /// Name of the folder in `raw-sources`.
    pub sync_id: String,
    /// The profile.
    pub profile: StagedProfile,
}

/// The syncs of a connection that have profiles, newest first.
#[derive(Debug)]
pub struct ProfiledSyncs {
    project_dir: PathBuf,
    connection_id: String,
    policy: Policy,
    /// Folders of profiles.
    folders: Vec<PathBuf>,
}

impl ProfiledSyncs {
    /// Lists the syncs of the selected environment. Blocks.
    pub fn of(project: &Project, connection_id: &str) -> Result<Self> {
        Self::list(&project.dir, connection_id, project.environment.as_deref(), project.policy(connection_id)?)
    }

    /// Lists the syncs of an environment. Blocks.
    pub fn list(project_dir: &Path, connection_id: &str, environment: Option<&str>, policy: Policy) -> Result<Self> {
        let scans = list_scans(project_dir, connection_id, environment)?;
        let folders = scans.into_iter().map(|scan| scan.join(PROFILES_DIR)).filter(|folder| folder.is_dir()).collect();
        Ok(Self { project_dir: project_dir.to_owned(), connection_id: connection_id.to_owned(), policy, folders })
    }

    /// Returns the newest profile of a table with the same columns, which may be of an earlier sync than the newest one:
    /// structural scans have none. The data policy of today applies. Blocks.
    ///
    /// Errors: [`Code::ScanMissing`] if its file cannot be parsed, [`Code::FormatNewer`], [`Code::FileIo`].
    pub fn find(&self, table: &TableIdentity<'_>) -> Result<Option<FoundProfile>> {
        let file_names = file_names_of(table);
        for folder in &self.folders {
            for path in file_names.iter().map(|name| folder.join(name)) {
                let Some(text) = confined::read_text(&self.project_dir, &path)? else { continue };
                let mut profile = self.parse(&path, &text)?;
                profile.apply_policy(&self.policy);
                if profile.is_of(table) {
                    let sync = folder.parent().and_then(Path::file_name).unwrap_or_default();
                    return Ok(Some(FoundProfile { sync_id: sync.to_string_lossy().into_owned(), profile }));
                }
            }
        }
        Ok(None)
    }

    fn parse(&self, path: &Path, text: &str) -> Result<StagedProfile> {
        format::check_json(&path.display().to_string(), text)?;
        serde_json::from_str(text).map_err(|error| {
            Error::new(Code::ScanMissing, format!("{} cannot be parsed: {error}", path.display()))
                .with_hint(format!("Scan again with: ktx scan {} --profile", shell::quote(&self.connection_id)))
                .caused_by(error)
        })
    }
}

/// The names that the file of a table may have, which depends on the other tables of a scan.
fn file_names_of(table: &TableIdentity<'_>) -> Vec<String> {
    let titles = [None, table.catalog].map(|catalog| qualified_name(catalog, table.db, table.name));
    titles.iter().flat_map(|title| file_names::encodings(title)).map(|name| format!("{name}.json")).collect()
}

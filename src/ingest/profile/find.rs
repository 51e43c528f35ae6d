//! Finds the newest profile of a table among the syncs of a connection.

use super::staged::{PROFILES_DIR, StagedProfile, TableIdentity};
use crate::{
    error::{Code, Error, Result},
    ingest::newest_sync::list_scans,
    project::{Project, confined, format, policy::Policy},
    shell,
};
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

/// A profile and the sync that has it.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundProfile {
    /// Name of the folder in `raw-sources`.
    pub sync_id: String,
    /// The profile.
    pub profile: StagedProfile,
}

impl FoundProfile {
    /// `folder` is that of the profiles.
    fn new(folder: &Path, profile: StagedProfile) -> Self {
        let sync = folder.parent().and_then(Path::file_name).unwrap_or_default();
        Self { sync_id: sync.to_string_lossy().into_owned(), profile }
    }
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

/// Returns the newest profile of a table with the same columns, which may be of an earlier sync than the newest one:
/// structural scans have none. `file_name` is that of the table in the newest sync. The data policy of today applies.
/// Blocks.
///
/// Errors: [`Code::ScanMissing`] if its file cannot be parsed, [`Code::FormatNewer`], [`Code::FileIo`].
pub fn find_profile(
    project: &Project,
    connection_id: &str,
    file_name: &str,
    table: &TableIdentity<'_>,
) -> Result<Option<FoundProfile>> {
    let policy = project.policy(connection_id)?;
    let environment = project.environment.as_deref();
    ProfiledSyncs::list(&project.dir, connection_id, environment, policy)?.find(file_name, table)
}

impl ProfiledSyncs {
    /// Lists the syncs of an environment. Blocks.
    pub fn list(project_dir: &Path, connection_id: &str, environment: Option<&str>, policy: Policy) -> Result<Self> {
        let scans = list_scans(project_dir, connection_id, environment)?;
        let folders = scans.into_iter().map(|scan| scan.join(PROFILES_DIR)).filter(|folder| folder.is_dir()).collect();
        Ok(Self { project_dir: project_dir.to_owned(), connection_id: connection_id.to_owned(), policy, folders })
    }

    /// Returns the newest profile of a table, like [`find_profile`]. Blocks.
    pub fn find(&self, file_name: &str, table: &TableIdentity<'_>) -> Result<Option<FoundProfile>> {
        for folder in &self.folders {
            let path = folder.join(file_name);
            let Some(text) = confined::read_text(&self.project_dir, &path)? else { continue };
            let profile = self.parse(&path, &text)?;
            if profile.is_of(table) {
                return Ok(Some(FoundProfile::new(folder, profile)));
            }
        }
        Ok(None)
    }

    /// Returns the newest profile of each table, like [`find_profile`], regardless of the names of files. Blocks.
    pub fn find_all(&self, tables: &[TableIdentity<'_>]) -> Result<Vec<Option<FoundProfile>>> {
        let mut positions: HashMap<_, Vec<usize>> = HashMap::new();
        for (position, table) in tables.iter().enumerate() {
            positions.entry((table.catalog, table.db, table.name)).or_default().push(position);
        }
        let mut found = vec![None; tables.len()];
        for folder in &self.folders {
            if found.iter().all(Option::is_some) {
                break;
            }
            for path in confined::list(&self.project_dir, folder)? {
                let Some(text) = confined::read_text(&self.project_dir, &path)? else { continue };
                let profile = self.parse(&path, &text)?;
                let name = (profile.catalog.as_deref(), profile.db.as_deref(), profile.name.as_str());
                let named = positions.get(&name).into_iter().flatten().copied();
                let matching = named.filter(|position| found[*position].is_none() && profile.is_of(&tables[*position]));
                if let Some(position) = matching.last() {
                    found[position] = Some(FoundProfile::new(folder, profile));
                }
            }
        }
        Ok(found)
    }

    /// Parses the file of a profile, without what the data policy hides.
    fn parse(&self, path: &Path, text: &str) -> Result<StagedProfile> {
        format::check_json(&path.display().to_string(), text)?;
        let mut profile: StagedProfile = serde_json::from_str(text).map_err(|error| {
            Error::new(Code::ScanMissing, format!("{} cannot be parsed: {error}", path.display()))
                .with_hint(format!("Scan again with: ktx scan {} --profile", shell::quote(&self.connection_id)))
                .caused_by(error)
        })?;
        profile.apply_policy(&self.policy);
        Ok(profile)
    }
}

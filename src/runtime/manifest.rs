//! The manifest of an installed runtime, `manifest.json`. It is written last, so that a runtime without it is
//! incomplete.

use super::{asset::AssetManifest, feature::Feature, layout::Layout};
use crate::{
    error::{Error, Result},
    files,
};
use serde::{Deserialize, Serialize};
use std::{fs, path::PathBuf};

/// Schema version that is written and read.
const SCHEMA: u64 = 1;

/// Disk space in bytes that a daemon needs for its state and logs.
const DAEMON_DISK_SPACE: usize = 256 * 1024;

/// The manifest of an installed runtime.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InstalledManifest {
    /// Always 1.
    pub schema_version: u64,
    /// Version of the command line that installed it.
    pub cli_version: String,
    /// Time of the installation, ISO 8601.
    pub installed_at: String,
    /// Manifest of the asset that it was installed from.
    pub asset: AssetManifest,
    /// Installed features.
    pub features: Vec<Feature>,
    /// Executables.
    pub python: PythonPaths,
    /// Path of the install log.
    pub install_log: PathBuf,
}

/// Executables of an installed runtime.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PythonPaths {
    /// Path of the interpreter.
    pub executable: PathBuf,
    /// Path of the daemon's executable.
    pub daemon_executable: PathBuf,
}

/// Result of reading a manifest.
#[derive(Debug)]
pub(super) enum ManifestRead {
    Missing,
    Broken(String),
    Found(Box<InstalledManifest>),
}

impl InstalledManifest {
    /// Creates the manifest of a new installation.
    pub(super) fn new(layout: &Layout, asset: AssetManifest, features: Vec<Feature>) -> Self {
        Self {
            schema_version: SCHEMA,
            cli_version: layout.cli_version.clone(),
            installed_at: jiff::Timestamp::now().to_string(),
            asset,
            features,
            python: PythonPaths {
                executable: layout.python_path.clone(),
                daemon_executable: layout.daemon_path.clone(),
            },
            install_log: layout.install_log_path.clone(),
        }
    }

    /// Writes the manifest. A reserved one is renamed, which needs no disk space. Blocks.
    pub(super) fn write(&self, layout: &Layout) -> Result<()> {
        files::remove_dir_in_place_of_file(&layout.manifest_path)?;
        let (json, reserved) = (to_json(self), layout.next_manifest());
        if fs::read(&reserved).is_ok_and(|found| found == json) {
            return fs::rename(&reserved, &layout.manifest_path)
                .map_err(|error| Error::io("write", &layout.manifest_path, error));
        }
        files::write_atomically(&layout.manifest_path, &json, files::Access::Readable)
    }

    /// Writes the manifest beside the one in use, for [`InstalledManifest::write`], and checks that there is disk space
    /// for a daemon. Blocks.
    ///
    /// Errors: [`crate::error::Code::FileIo`], such as for a full disk.
    pub(super) fn reserve(&self, layout: &Layout) -> Result<()> {
        let path = layout.next_manifest();
        files::remove_dir_in_place_of_file(&path)?;
        // Replaced by the manifest, which frees the space.
        files::write_atomically(&path, &vec![b' '; DAEMON_DISK_SPACE], files::Access::Readable)?;
        files::write_atomically(&path, &to_json(self), files::Access::Readable)
    }

    /// Removes all but the given features; `None` if there are no others.
    pub(super) fn with_only_features(&self, features: &[Feature]) -> Option<Self> {
        let common: Vec<_> = self.features.iter().copied().filter(|feature| features.contains(feature)).collect();
        (common != self.features).then(|| Self { features: common, ..self.clone() })
    }
}

/// Whether the manifest of a runtime lists a feature. Reads only this file. Blocks.
pub fn lists_feature(layout: &Layout, feature: Feature) -> bool {
    matches!(read(layout), ManifestRead::Found(manifest) if manifest.features.contains(&feature))
}

/// Serialises to indented JSON with a final newline.
pub(crate) fn to_json(value: &impl Serialize) -> Vec<u8> {
    // Fails only for maps whose keys are not strings, which are not used.
    let mut json = serde_json::to_vec_pretty(value).unwrap_or_default();
    json.push(b'\n');
    json
}

pub(super) fn read(layout: &Layout) -> ManifestRead {
    match crate::process::read_state(&layout.manifest_path) {
        Ok(None) => ManifestRead::Missing,
        Ok(Some(text)) => parse(&text),
        Err(error) => ManifestRead::Broken(error.to_string()),
    }
}

fn parse(text: &str) -> ManifestRead {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Schema {
        schema_version: u64,
    }
    match serde_json::from_str::<Schema>(text) {
        Ok(Schema { schema_version }) if schema_version > SCHEMA => ManifestRead::Broken(format!(
            "it was written by a newer version (schema {schema_version}, this version supports {SCHEMA})"
        )),
        Ok(_) => serde_json::from_str(text)
            .map_or_else(|error| ManifestRead::Broken(error.to_string()), |found| ManifestRead::Found(Box::new(found))),
        Err(error) => ManifestRead::Broken(error.to_string()),
    }
}

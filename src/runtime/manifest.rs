//! `manifest.json` of an installed runtime: written last, so that without it there is no runtime.

use super::{asset::AssetManifest, feature::Feature, layout::Layout};
use crate::{
    error::{Error, Result},
    files,
};
use serde::{Deserialize, Serialize};
use std::{fs, path::PathBuf};

/// Schema that this version writes and reads.
const SCHEMA: u64 = 1;

/// What a daemon needs on the disk to start and to log a little.
const SPACE_OF_A_DAEMON: usize = 256 * 1024;

/// What is installed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InstalledManifest {
    /// Always 1.
    pub schema_version: u64,
    /// Version of the command line that installed it.
    pub cli_version: String,
    /// ISO 8601.
    pub installed_at: String,
    /// What it was installed from.
    pub asset: AssetManifest,
    /// What it can do.
    pub features: Vec<Feature>,
    /// Its executables.
    pub python: PythonPaths,
    /// The log of the installation.
    pub install_log: PathBuf,
}

/// Executables of an installed runtime.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PythonPaths {
    /// The interpreter.
    pub executable: PathBuf,
    /// The daemon.
    pub daemon_executable: PathBuf,
}

/// What reading a manifest found.
#[derive(Debug)]
pub(super) enum ManifestRead {
    Missing,
    Broken(String),
    Found(Box<InstalledManifest>),
}

impl InstalledManifest {
    /// The manifest of a runtime that was installed just now.
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

    /// Puts the manifest into use: the reserved one where there is one, which needs no space. Blocks.
    pub(super) fn write(&self, layout: &Layout) -> Result<()> {
        files::remove_dir_in_place_of_file(&layout.manifest_path)?;
        let (json, reserved) = (to_json(self), layout.next_manifest());
        if fs::read(&reserved).is_ok_and(|found| found == json) {
            return fs::rename(&reserved, &layout.manifest_path)
                .map_err(|error| Error::io("write", &layout.manifest_path, error));
        }
        files::write_atomically(&layout.manifest_path, &json, files::Access::Readable)
    }

    /// Writes the manifest beside the one in use, for [`InstalledManifest::write`], and sees that a daemon would have
    /// space for its own files. Blocks.
    pub(super) fn reserve(&self, layout: &Layout) -> Result<()> {
        let path = layout.next_manifest();
        files::remove_dir_in_place_of_file(&path)?;
        // Gone again when it is replaced.
        files::write_atomically(&path, &vec![b' '; SPACE_OF_A_DAEMON], files::Access::Readable)?;
        files::write_atomically(&path, &to_json(self), files::Access::Readable)
    }

    /// The same with only those of its features; `None` if it has no others.
    pub(super) fn limited_to(&self, features: &[Feature]) -> Option<Self> {
        let kept: Vec<_> = self.features.iter().copied().filter(|feature| features.contains(feature)).collect();
        (kept != self.features).then(|| Self { features: kept, ..self.clone() })
    }
}

/// JSON as people read it.
pub(crate) fn to_json(value: &impl Serialize) -> Vec<u8> {
    // Only maps with other keys than strings cannot be serialised, and there are none.
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
            "it was written by a newer version (schema {schema_version}, this version knows {SCHEMA})"
        )),
        Ok(_) => serde_json::from_str(text)
            .map_or_else(|error| ManifestRead::Broken(error.to_string()), |found| ManifestRead::Found(Box::new(found))),
        Err(error) => ManifestRead::Broken(error.to_string()),
    }
}

//! The status of the runtime on disk, with the reason why it is or is not usable.

use super::{
    asset, contents,
    feature::Feature,
    layout::Layout,
    manifest::{self, InstalledManifest, ManifestRead},
    ownership,
};
use serde::Serialize;

/// Kinds of [`RuntimeStatus`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum StatusKind {
    /// There is no runtime.
    Missing,
    /// The runtime is usable.
    Ready,
    /// The runtime was installed by another version or from another wheel.
    Mismatched,
    /// The runtime is damaged, incomplete or unsafe.
    Broken,
}

/// Status of the runtime.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RuntimeStatus {
    /// Kind of status.
    pub kind: StatusKind,
    /// The reason for it, one sentence without a full stop.
    pub detail: String,
    /// Paths of the runtime.
    pub layout: Layout,
    /// The manifest, if it can be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manifest: Option<InstalledManifest>,
}

impl RuntimeStatus {
    /// The manifest, if the runtime is ready and has all of these features.
    pub fn ready_with(&self, features: &[Feature]) -> Option<&InstalledManifest> {
        let manifest = self.manifest.as_ref().filter(|_| self.kind == StatusKind::Ready)?;
        features.iter().all(|feature| manifest.features.contains(feature)).then_some(manifest)
    }
}

/// Reads the status of the runtime. Never fails; problems on disk are part of the status. Blocks.
pub fn read_status(layout: &Layout) -> RuntimeStatus {
    let (kind, detail, manifest) = match manifest::read(layout) {
        ManifestRead::Missing => {
            (StatusKind::Missing, format!("No runtime manifest at {}", layout.manifest_path.display()), None)
        }
        ManifestRead::Broken(reason) => {
            let path = layout.manifest_path.display();
            (StatusKind::Broken, format!("Runtime manifest is invalid: {path}: {reason}"), None)
        }
        ManifestRead::Found(manifest) => {
            let (kind, detail) = classify(layout, &manifest);
            (kind, detail, Some(*manifest))
        }
    };
    RuntimeStatus { kind, detail, layout: layout.clone(), manifest }
}

fn classify(layout: &Layout, manifest: &InstalledManifest) -> (StatusKind, String) {
    if manifest.cli_version != layout.cli_version {
        let (found, current) = (&manifest.cli_version, &layout.cli_version);
        return (StatusKind::Mismatched, format!("Runtime is for CLI {found}, current CLI is {current}"));
    }
    let python = &manifest.python;
    for (what, path) in [("Python", &python.executable), ("ktx-daemon", &python.daemon_executable)] {
        if !path.exists() {
            return (StatusKind::Broken, format!("Missing {what} executable: {}", path.display()));
        }
    }
    if let Err(error) = ownership::refuse_unsafe(layout) {
        return (StatusKind::Broken, error.with_hint_text());
    }
    if let Some(path) = contents::find_missing_package(&layout.venv_dir) {
        return (StatusKind::Broken, format!("Missing Python package: {}", path.display()));
    }
    // If the asset of this package is damaged, it cannot be compared.
    let bundled = asset::read_manifest(&layout.asset_dir).ok();
    if bundled.is_some_and(|bundled| bundled.wheel.sha256 != manifest.asset.wheel.sha256) {
        let detail = "Runtime was installed from another wheel than the bundled one".to_owned();
        return (StatusKind::Mismatched, detail);
    }
    (StatusKind::Ready, format!("Runtime ready at {}", layout.version_dir.display()))
}

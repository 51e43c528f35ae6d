//! The bundled wheel and its lock file, verified by the manifest of the asset.

use crate::{
    digest::hex,
    error::{Code, Error, Result},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

const SCHEMA: u64 = 1;
/// The next step. In errors of the manifest the contract fixes it as a part of the message; elsewhere it is the hint.
const BUILD_HINT: &str = "Reinstall the package, or build it from source with: npm run build";

/// `manifest.json` beside the bundled wheel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AssetManifest {
    /// Always 1.
    pub schema_version: u64,
    /// Name on the package index.
    pub distribution_name: String,
    /// Name with underscores, as in file names.
    pub normalized_name: String,
    /// Version of the wheel.
    pub version: String,
    /// File of the wheel.
    pub wheel: AssetFile,
    /// Lock file: hash-pinned requirements of all features.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lock: Option<AssetFile>,
}

/// A file of the asset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssetFile {
    /// Name without a folder.
    pub file: String,
    /// SHA-256 in hexadecimal.
    pub sha256: String,
    /// Size in bytes.
    pub bytes: u64,
}

/// A verified asset.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Asset {
    /// Manifest of the asset.
    pub manifest: AssetManifest,
    /// Path of the wheel.
    pub wheel_path: PathBuf,
    /// Path of the lock file.
    #[serde(skip)]
    pub lock_path: Option<PathBuf>,
}

/// Reads the manifest and verifies the size and SHA-256 of its files. Blocks.
///
/// Errors: the codes `Asset…`.
pub fn verify(folder: &Path) -> Result<Asset> {
    let manifest = read_manifest(folder)?;
    let wheel_path = verify_file(folder, &manifest.wheel, "wheel")?;
    let lock_path = manifest.lock.as_ref().map(|lock| verify_file(folder, lock, "lock")).transpose()?;
    Ok(Asset { manifest, wheel_path, lock_path })
}

/// Reads the manifest without verifying its files. Blocks.
pub(super) fn read_manifest(folder: &Path) -> Result<AssetManifest> {
    let path = folder.join("manifest.json");
    let shown = path.display();
    let text = crate::process::read_state(&path)?.ok_or_else(|| {
        Error::new(Code::AssetMissing, format!("Bundled Python runtime manifest is missing: {shown}. {BUILD_HINT}"))
    })?;
    let invalid = |error: serde_json::Error| {
        let message = format!("Bundled Python runtime manifest is invalid: {shown}: {error}. {BUILD_HINT}");
        Error::new(Code::AssetInvalid, message).caused_by(error)
    };
    let value: serde_json::Value = serde_json::from_str(&text).map_err(invalid)?;
    match value.get("schemaVersion").and_then(serde_json::Value::as_u64) {
        Some(schema) if schema > SCHEMA => Err(Error::new(
            Code::AssetNewer,
            format!("Bundled Python runtime manifest has schema {schema}, this version supports {SCHEMA}: {shown}"),
        )
        .with_hint("Update @kaelio/ktx")),
        _ => serde_json::from_value(value).map_err(invalid),
    }
}

fn verify_file(folder: &Path, file: &AssetFile, what: &str) -> Result<PathBuf> {
    let name = &file.file;
    if name.is_empty() || name == "." || name == ".." || name.contains(['/', '\\', '\0', ':']) {
        let message = format!("Unsafe runtime {what} filename in bundled manifest: {name}");
        return Err(Error::new(Code::AssetUnsafe, message));
    }
    let path = folder.join(name);
    match digest(&path) {
        Ok(found) if found == (file.bytes, file.sha256.to_ascii_lowercase()) => Ok(path),
        Ok(_) => Err(Error::new(
            Code::AssetChecksum,
            format!("Bundled Python runtime {what} checksum mismatch: {}", path.display()),
        )),
        Err(error) => Err(Error::new(
            Code::AssetMissing,
            format!("Bundled Python runtime {what} cannot be read: {}: {error}", path.display()),
        )
        .with_hint(BUILD_HINT)
        .caused_by(error)),
    }
}

fn digest(path: &Path) -> io::Result<(u64, String)> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    let mut size = 0;
    loop {
        let count = file.read(&mut buffer)?;
        if count == 0 {
            break;
        }
        size += count as u64;
        hash.update(&buffer[..count]);
    }
    Ok((size, hex(&hash.finalize())))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Creates an asset whose wheel has `content`.
    pub(crate) fn make_asset(folder: &Path, content: &[u8]) -> AssetManifest {
        std::fs::create_dir_all(folder).unwrap();
        let wheel = folder.join("kaelio_ktx-0.1.0-py3-none-any.whl");
        std::fs::write(&wheel, content).unwrap();
        let (bytes, sha256) = digest(&wheel).unwrap();
        let manifest = AssetManifest {
            schema_version: 1,
            distribution_name: "kaelio-ktx".into(),
            normalized_name: "kaelio_ktx".into(),
            version: "0.1.0".into(),
            wheel: AssetFile { file: "kaelio_ktx-0.1.0-py3-none-any.whl".into(), sha256, bytes },
            lock: None,
        };
        std::fs::write(folder.join("manifest.json"), serde_json::to_vec(&manifest).unwrap()).unwrap();
        manifest
    }

    fn code_after(change: impl FnOnce(&Path)) -> Code {
        let folder = tempfile::tempdir().unwrap();
        make_asset(folder.path(), b"wheel");
        change(folder.path());
        verify(folder.path()).unwrap_err().code()
    }

    #[test]
    fn complete_asset_is_verified() {
        let folder = tempfile::tempdir().unwrap();
        let manifest = make_asset(folder.path(), b"wheel");
        assert_eq!(verify(folder.path()).unwrap().manifest, manifest);
    }

    #[test]
    fn each_defect_of_an_asset_has_its_code() {
        let edit = |folder: &Path, from: &str, to: &str| {
            let path = folder.join("manifest.json");
            let text = std::fs::read_to_string(&path).unwrap();
            assert!(text.contains(from));
            std::fs::write(path, text.replace(from, to)).unwrap();
        };
        let wheel = "kaelio_ktx-0.1.0-py3-none-any.whl";
        assert_eq!(code_after(|f| std::fs::write(f.join(wheel), b"whee1").unwrap()), Code::AssetChecksum);
        assert_eq!(code_after(|f| std::fs::write(f.join(wheel), b"wheel!").unwrap()), Code::AssetChecksum);
        assert_eq!(code_after(|f| std::fs::remove_file(f.join(wheel)).unwrap()), Code::AssetMissing);
        assert_eq!(code_after(|f| std::fs::remove_file(f.join("manifest.json")).unwrap()), Code::AssetMissing);
        assert_eq!(code_after(|f| std::fs::write(f.join("manifest.json"), "{\"sche").unwrap()), Code::AssetInvalid);
        assert_eq!(code_after(|f| edit(f, "\"schemaVersion\":1", "\"schemaVersion\":2")), Code::AssetNewer);
        assert_eq!(code_after(|f| edit(f, wheel, "../x.whl")), Code::AssetUnsafe);
        assert_eq!(code_after(|f| edit(f, wheel, r"..\\x.whl")), Code::AssetUnsafe);
    }
}

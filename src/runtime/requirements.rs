//! The requirements of an installation: the sections of the lock file for its features, and the wheel, all with hashes.

use super::{asset::Asset, feature::Feature};
use crate::{
    error::{Code, Error, Result},
    files,
};
use std::{collections::HashSet, fs::File, io::Read, path::Path};

/// Beginning of a section of the lock file, which belongs to one feature.
const SECTION: &str = "# feature: ";

/// `Requires-Python` if the wheel does not specify it.
const DEFAULT_PYTHON: &str = ">=3.10";

/// Writes the requirements of features; with `wheel`, including the wheel itself. Blocks.
pub(super) fn write(asset: &Asset, lock: &Path, features: &[Feature], wheel: bool, target: &Path) -> Result<()> {
    let text = files::read_text(lock)?.unwrap_or_default();
    let mut pinned = sections(&text, features) + "\n";
    if wheel {
        pinned += &wheel_line(asset, features)?;
    }
    files::remove_dir_in_place_of_file(target)?;
    files::write_atomically(target, pinned.as_bytes(), files::Access::Readable)
}

fn wheel_line(asset: &Asset, features: &[Feature]) -> Result<String> {
    let wheel = url::Url::from_file_path(&asset.wheel_path).map_err(|()| {
        Error::new(
            Code::AssetInvalid,
            format!("The folder of the bundled wheel must be absolute: {}", asset.wheel_path.display()),
        )
    })?;
    let manifest = &asset.manifest;
    let (name, extras, hash) = (&manifest.distribution_name, Feature::extras(features), &manifest.wheel.sha256);
    Ok(format!("{name}{extras} @ {wheel} --hash=sha256:{hash}\n"))
}

/// The sections of a lock file for features, each requirement once. Lines before the first section belong to core.
fn sections(lock: &str, features: &[Feature]) -> String {
    let (mut is_selected, mut is_new, mut seen) = (true, true, HashSet::new());
    let lines = lock.lines().filter(|line| {
        if let Some(feature) = line.strip_prefix(SECTION) {
            is_selected = Feature::parse(feature.trim()).is_some_and(|feature| features.contains(&feature));
            is_new = true;
        } else if !line.starts_with([' ', '\t']) {
            // The hashes in the following lines are those of the first occurrence.
            is_new = !is_selected || seen.insert(*line);
        }
        is_selected && is_new
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Reads `Requires-Python` of a wheel; [`DEFAULT_PYTHON`] if it is not specified. Blocks.
pub(super) fn requires_python(wheel: &Path) -> String {
    metadata(wheel)
        .and_then(|text| {
            let headers = text.lines().take_while(|line| !line.is_empty());
            headers.filter_map(|line| line.strip_prefix("Requires-Python:")).map(|v| v.trim().to_owned()).next()
        })
        .unwrap_or_else(|| DEFAULT_PYTHON.to_owned())
}

fn metadata(wheel: &Path) -> Option<String> {
    let mut archive = zip::ZipArchive::new(File::open(wheel).ok()?).ok()?;
    let name = archive.file_names().flatten().find(|name| name.ends_with(".dist-info/METADATA"))?.into_owned();
    let mut text = String::new();
    archive.by_name(&name).ok()?.read_to_string(&mut text).ok()?;
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    const LOCK: &str = "a==1 \\\n    --hash=sha256:00\n# feature: local-embeddings\nb==2\n    --hash=sha256:11";

    #[test]
    fn feature_selects_its_section() {
        assert_eq!(sections(LOCK, &[Feature::Core]), "a==1 \\\n    --hash=sha256:00");
        assert_eq!(sections(LOCK, &[Feature::Core, Feature::LocalEmbeddings]), LOCK);
        assert_eq!(sections(LOCK, &[Feature::Core, Feature::DuckDb]), "a==1 \\\n    --hash=sha256:00");
    }

    /// pip refuses duplicate requirements.
    #[test]
    fn requirements_shared_by_features_are_not_repeated() {
        let lock = format!("{LOCK}\n# feature: duckdb\nb==2\n    --hash=sha256:11\nc==3\n    --hash=sha256:22");
        let all = sections(&lock, &Feature::ALL);
        assert_eq!(all.matches("b==2").count(), 1);
        assert_eq!(all.matches("sha256:11").count(), 1);
        assert!(all.ends_with("c==3\n    --hash=sha256:22"), "{all}");
        let one = sections(&lock, &[Feature::Core, Feature::DuckDb]);
        assert!(one.contains("# feature: duckdb\nb==2\n    --hash=sha256:11\nc==3"), "{one}");
    }

    #[test]
    fn requires_python_is_read_from_the_metadata() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.whl");
        let mut zip = zip::ZipWriter::new(File::create(&path).unwrap());
        zip.start_file("x-1.dist-info/METADATA", zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(b"Name: x\nRequires-Python: >=3.11\n\nRequires-Python: no header\n").unwrap();
        zip.finish().unwrap();
        assert_eq!(requires_python(&path), ">=3.11");
        std::fs::write(&path, "no zip").unwrap();
        assert_eq!(requires_python(&path), DEFAULT_PYTHON);
    }
}

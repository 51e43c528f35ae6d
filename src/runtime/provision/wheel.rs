//! Extracts the executable from a wheel. Names in the archive are never used as paths.

use crate::{
    digest::sha256,
    error::{Code, Error, Result},
    runtime::AssetFile,
};
use std::io::{Cursor, Read};

const FALLBACK_HINT: &str = "Use an index that serves the original file, or install uv and set KTX_UV to its path";

/// Verifies size and SHA-256 of downloaded bytes.
///
/// Errors: [`Code::AssetChecksum`].
pub(super) fn verify(bytes: &[u8], pinned: &AssetFile) -> Result<()> {
    if is_pinned(bytes, pinned) {
        return Ok(());
    }
    let message = format!(
        "The package index served {} with a wrong checksum, and nothing was installed: expected {} bytes with SHA-256 {}, got {} bytes with {}",
        pinned.file,
        pinned.bytes,
        pinned.sha256,
        bytes.len(),
        sha256(bytes)
    );
    Err(Error::new(Code::AssetChecksum, message).with_hint(FALLBACK_HINT))
}

/// Whether bytes have the size and SHA-256 of a pinned file.
pub(super) fn is_pinned(bytes: &[u8], pinned: &AssetFile) -> bool {
    bytes.len() as u64 == pinned.bytes && sha256(bytes).eq_ignore_ascii_case(&pinned.sha256)
}

/// Extracts the pinned executable from a wheel and verifies it.
pub(super) fn executable(wheel: &[u8], pinned: &AssetFile) -> Result<Vec<u8>> {
    let unreadable = |reason: String| {
        let message = format!("The wheel of uv has no readable {}: {reason}", pinned.file);
        Error::new(Code::RuntimeInstallFailed, message).with_hint(FALLBACK_HINT)
    };
    let mut archive = zip::ZipArchive::new(Cursor::new(wheel)).map_err(|error| unreadable(error.to_string()))?;
    let entry = archive.by_name(&pinned.file).map_err(|error| unreadable(error.to_string()))?;
    let mut bytes = Vec::new();
    entry.take(pinned.bytes + 1).read_to_end(&mut bytes).map_err(|error| unreadable(error.to_string()))?;
    verify(&bytes, pinned)?;
    Ok(bytes)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use std::io::Write;

    pub(crate) const SCRIPT: &str = "uv-9.9.9.data/scripts/uv";

    /// A zip archive with these entries.
    pub(crate) fn archive(entries: &[(&str, &[u8])]) -> Vec<u8> {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in entries {
            zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(content).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    /// The pin of a file with this content.
    pub(crate) fn pinned(file: &str, content: &[u8]) -> AssetFile {
        AssetFile { file: file.into(), sha256: sha256(content), bytes: content.len() as u64 }
    }

    #[test]
    fn only_the_entry_with_the_exact_name_is_extracted() {
        let wheel = archive(&[
            ("../../uv", b"evil"),
            ("/uv", b"evil"),
            ("x/uv-9.9.9.data/scripts/uv", b"evil"),
            (SCRIPT, b"good"),
            ("uv-9.9.9.data/scripts/uvx", b"other"),
        ]);
        assert_eq!(executable(&wheel, &pinned(SCRIPT, b"good")).unwrap(), b"good");
    }

    #[test]
    fn executable_with_another_checksum_is_refused() {
        let wheel = archive(&[(SCRIPT, &[b'x'; 100_000])]);
        for content in [&b"good"[..], &[b'x'; 99_999], &[b'y'; 100_000]] {
            let error = executable(&wheel, &pinned(SCRIPT, content)).unwrap_err();
            assert_eq!(error.code(), Code::AssetChecksum, "{error}");
        }
    }

    #[test]
    fn invalid_wheel_is_an_error_that_names_the_entry() {
        let complete = archive(&[(SCRIPT, b"good")]);
        for wheel in [&b""[..], b"<html>", &complete[..complete.len() / 2], &archive(&[("uv", b"good")])] {
            let error = executable(wheel, &pinned(SCRIPT, b"good")).unwrap_err();
            assert_eq!(error.code(), Code::RuntimeInstallFailed);
            assert!(error.to_string().contains(SCRIPT), "{error}");
        }
    }
}

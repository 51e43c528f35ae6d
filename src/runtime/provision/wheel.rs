//! Taking the one executable out of a wheel. No name in the archive ever becomes a path.

use crate::{
    digest::sha256,
    error::{Code, Error, Result},
    runtime::AssetFile,
};
use std::io::{Cursor, Read};

const OTHERWISE: &str = "Have the index serve the original file, or install uv and name it with KTX_UV";

/// Checks size and SHA-256 of bytes from elsewhere.
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
    Err(Error::new(Code::AssetChecksum, message).with_hint(OTHERWISE))
}

/// Whether bytes are those of a pinned file.
pub(super) fn is_pinned(bytes: &[u8], pinned: &AssetFile) -> bool {
    bytes.len() as u64 == pinned.bytes && sha256(bytes).eq_ignore_ascii_case(&pinned.sha256)
}

/// The executable in a wheel, as the pin has it.
pub(super) fn executable(wheel: &[u8], pinned: &AssetFile) -> Result<Vec<u8>> {
    let unreadable = |reason: String| {
        let message = format!("The wheel of uv has no readable {}: {reason}", pinned.file);
        Error::new(Code::RuntimeInstallFailed, message).with_hint(OTHERWISE)
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

    /// A zip with these entries, deflated.
    pub(crate) fn archive(entries: &[(&str, &[u8])]) -> Vec<u8> {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in entries {
            zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(content).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    /// How a file with this content is pinned.
    pub(crate) fn pinned(file: &str, content: &[u8]) -> AssetFile {
        AssetFile { file: file.into(), sha256: sha256(content), bytes: content.len() as u64 }
    }

    #[test]
    fn only_the_entry_of_that_very_name_is_taken() {
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
    fn an_executable_that_is_not_the_pinned_one_is_refused() {
        let wheel = archive(&[(SCRIPT, &[b'x'; 100_000])]);
        for content in [&b"good"[..], &[b'x'; 99_999], &[b'y'; 100_000]] {
            let error = executable(&wheel, &pinned(SCRIPT, content)).unwrap_err();
            assert_eq!(error.code(), Code::AssetChecksum, "{error}");
        }
    }

    #[test]
    fn what_is_no_wheel_of_uv_is_an_error_that_names_the_entry() {
        let whole = archive(&[(SCRIPT, b"good")]);
        for wheel in [&b""[..], b"<html>", &whole[..whole.len() / 2], &archive(&[("uv", b"good")])] {
            let error = executable(wheel, &pinned(SCRIPT, b"good")).unwrap_err();
            assert_eq!(error.code(), Code::RuntimeInstallFailed);
            assert!(error.to_string().contains(SCRIPT), "{error}");
        }
    }
}

//! One file of a wheel, which is a zip archive.

use flate2::{Decompress, FlushDecompress};
use std::{fs, path::Path};

/// More than any file that we look at has.
const MOST_BYTES: usize = 1 << 20;

const END: &[u8] = b"PK\x05\x06";
const ENTRY: &[u8] = b"PK\x01\x02";
const LOCAL: &[u8] = b"PK\x03\x04";

const STORED: usize = 0;
const DEFLATED: usize = 8;

/// The text of the first file whose name ends so; `None` where there is none, or no archive. Blocks.
pub(super) fn text_of(wheel: &Path, ending: &str) -> Option<String> {
    let archive = fs::read(wheel).ok()?;
    let end = archive.windows(END.len()).rposition(|window| window == END)?;
    let mut entry = archive.get(number::<4>(&archive[end..], 16)?..)?;
    while entry.starts_with(ENTRY) {
        let name = entry.get(46..46 + number::<2>(entry, 28)?)?;
        if name.ends_with(ending.as_bytes()) {
            return String::from_utf8(content(&archive, entry)?).ok();
        }
        let further = number::<2>(entry, 30)? + number::<2>(entry, 32)?;
        entry = entry.get(46 + name.len() + further..)?;
    }
    None
}

/// The content of the file that an entry of the directory leads to.
fn content(archive: &[u8], entry: &[u8]) -> Option<Vec<u8>> {
    let (method, packed, size) = (number::<2>(entry, 10)?, number::<4>(entry, 20)?, number::<4>(entry, 24)?);
    let local = archive.get(number::<4>(entry, 42)?..)?.strip_prefix(LOCAL)?;
    let begin = 26 + number::<2>(local, 22)? + number::<2>(local, 24)?;
    let bytes = local.get(begin..begin.checked_add(packed)?)?;
    match method {
        STORED => Some(bytes.to_vec()),
        DEFLATED => {
            let mut content = Vec::with_capacity(size.min(MOST_BYTES));
            Decompress::new(false).decompress_vec(bytes, &mut content, FlushDecompress::Finish).ok()?;
            (content.len() == size).then_some(content)
        }
        _ => None,
    }
}

/// A number of so many bytes, the least significant first.
fn number<const BYTES: usize>(bytes: &[u8], at: usize) -> Option<usize> {
    let bytes = bytes.get(at..)?.first_chunk::<BYTES>()?;
    Some(bytes.iter().rev().fold(0, |number, byte| number << 8 | usize::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

    fn wheel(method: CompressionMethod, text: &str) -> Vec<u8> {
        let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
        zip.set_comment("a comment").unwrap();
        for (name, text) in [("x/__init__.py", "# METADATA"), ("x-1.dist-info/METADATA", text), ("z", "")] {
            zip.start_file(name, SimpleFileOptions::default().compression_method(method)).unwrap();
            zip.write_all(text.as_bytes()).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    fn read(bytes: &[u8]) -> Option<String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.whl");
        fs::write(&path, bytes).unwrap();
        text_of(&path, ".dist-info/METADATA")
    }

    #[test]
    fn a_file_is_found_packed_or_not() {
        let text = "Name: größe\n".repeat(500);
        for method in [CompressionMethod::Stored, CompressionMethod::Deflated] {
            let bytes = wheel(method, &text);
            assert_eq!(read(&bytes).as_ref(), Some(&text));
            assert_eq!(read(&wheel(method, "")), Some(String::new()));
        }
    }

    #[test]
    fn what_is_cut_off_or_damaged_is_none() {
        let whole = wheel(CompressionMethod::Deflated, "Name: x\nRequires-Python: >=3.11\n");
        for length in 0..whole.len() {
            read(&whole[..length]);
            let mut damaged = whole.clone();
            damaged[length] ^= 0xff;
            read(&damaged);
        }
        assert_eq!(read(b"no zip"), None);
    }
}

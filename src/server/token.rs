//! The bearer token of the clients of a project's server. It outlives the server, so that clients are configured once.

use crate::{
    digest::sha256,
    error::{Error, Result},
    files, process,
    runtime::Layout,
};
use serde::Serialize;
use std::{
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
};

const HINT: &str = "Remove it; the next command creates a new one, with which clients have to be configured again";

/// A token, and the file that contains it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Token {
    /// 64 hexadecimal digits.
    pub token: String,
    /// Path of the file, mode 0600.
    pub token_file: PathBuf,
}

/// Reads the token of a server, which is created if it is missing. Blocks.
///
/// Errors: the file is damaged, or other users can read or write it.
pub fn ensure_token(layout: &Layout) -> Result<Token> {
    let token_file = token_path(layout);
    if let Some(token) = read(&token_file)? {
        return Ok(Token { token, token_file });
    }
    files::create_folder(&layout.version_dir)?;
    create(&token_file)?;
    let token = read(&token_file)?.ok_or_else(|| damaged(&token_file, "it was removed"))?;
    Ok(Token { token, token_file })
}

/// Path of the file with the token.
fn token_path(layout: &Layout) -> PathBuf {
    layout.version_dir.join("token")
}

fn read(path: &Path) -> Result<Option<String>> {
    let Some(text) = process::read_private_state(path).map_err(|error| error.with_hint(HINT))? else {
        return Ok(None);
    };
    let token = text.trim_end();
    if token.len() != 64 || !token.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(damaged(path, "it has no token"));
    }
    if cfg!(unix) && !files::is_private(path) {
        return Err(damaged(path, "other users can read it"));
    }
    Ok(Some(token.to_owned()))
}

fn damaged(path: &Path, reason: &str) -> Error {
    Error::io("use", path, std::io::Error::other(reason.to_owned())).with_hint(HINT)
}

/// Writes a token of 256 random bits, unless another process has done so. A temporary file is linked to the path, so
/// that no process reads a part of it.
fn create(path: &Path) -> Result<()> {
    let fail = |error| Error::io("write", path, error);
    let folder = path.parent().unwrap_or(Path::new("."));
    // Created with mode 0600.
    let mut file = tempfile::Builder::new().prefix(".tmp-").tempfile_in(folder).map_err(fail)?;
    writeln!(file, "{}", random_token()).and_then(|()| file.as_file().sync_all()).map_err(fail)?;
    match file.persist_noclobber(path) {
        Err(failed) if failed.error.kind() != ErrorKind::AlreadyExists => Err(fail(failed.error)),
        _ => Ok(()),
    }
}

/// A version 4 UUID has 122 random bits; the hash of three of them has no more than 256 and no fewer.
fn random_token() -> String {
    let random = [(); 3].map(|()| uuid::Uuid::new_v4().into_bytes());
    sha256(random.concat())
}

#[cfg(test)]
mod tests {
    use super::{super::folder::tests::runtime_below, *};

    #[test]
    fn token_is_created_once_by_concurrent_calls_and_is_private() {
        let root = tempfile::tempdir().unwrap();
        let layout = runtime_below(root.path());
        let tokens: Vec<_> = std::thread::scope(|scope| {
            let calls: Vec<_> = (0..8).map(|_| scope.spawn(|| ensure_token(&layout).unwrap().token)).collect();
            calls.into_iter().map(|call| call.join().unwrap()).collect()
        });
        assert!(tokens.iter().all(|token| *token == tokens[0] && token.len() == 64), "{tokens:?}");
        assert!(cfg!(windows) || files::is_private(&token_path(&layout)));
        let entries = std::fs::read_dir(&layout.version_dir).unwrap().count();
        assert_eq!(entries, 1, "no temporary file is left");
    }

    #[cfg(unix)]
    #[test]
    fn token_that_others_can_read_and_damaged_one_are_errors_without_the_token() {
        use std::os::unix::fs::PermissionsExt;
        let root = tempfile::tempdir().unwrap();
        let layout = runtime_below(root.path());
        let Token { token, token_file } = ensure_token(&layout).unwrap();
        std::fs::set_permissions(&token_file, std::fs::Permissions::from_mode(0o644)).unwrap();
        let error = ensure_token(&layout).err().unwrap().with_hint_text();
        assert!(error.contains("other users can read it") && !error.contains(&token), "{error}");
        std::fs::set_permissions(&token_file, std::fs::Permissions::from_mode(0o600)).unwrap();
        std::fs::write(&token_file, "short").unwrap();
        assert!(ensure_token(&layout).err().unwrap().with_hint_text().contains("it has no token"));
    }
}

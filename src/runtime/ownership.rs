//! Ownership of the runtime: root, version folder, environment and interpreter must belong to the user or to root, and
//! others must not be able to write to them. As for ssh, write permission of a group is accepted for a private group
//! only.

#[cfg(unix)]
use super::contents;
use super::layout::Layout;
use crate::error::{Code, Error, Result};
#[cfg(unix)]
use crate::process::user;
#[cfg(unix)]
use std::{
    fs::{self, Metadata},
    os::unix::fs::MetadataExt,
    path::Path,
};

/// Permission bits.
#[cfg(unix)]
const OTHERS_WRITE: u32 = 0o002;
#[cfg(unix)]
const GROUP_WRITES: u32 = 0o020;
const STICKY: u32 = 0o1000;

/// A path that other users can change, with the next step.
#[derive(Debug)]
pub(super) struct UnsafePath {
    pub(super) reason: String,
    pub(super) hint: String,
}

impl From<UnsafePath> for Error {
    fn from(UnsafePath { reason, hint }: UnsafePath) -> Self {
        Self::new(Code::RuntimeUnsafe, reason).with_hint(hint)
    }
}

/// Checks that other users cannot change the runtime; otherwise it is neither used nor repaired. Missing paths are
/// ignored. Blocks.
///
/// Errors: [`Code::RuntimeUnsafe`].
pub fn refuse_unsafe(layout: &Layout) -> Result<()> {
    check(layout).map_err(Error::from)
}

#[cfg(unix)]
pub(super) fn check(layout: &Layout) -> Result<(), UnsafePath> {
    // In a shared folder with the sticky bit, such as /tmp, others cannot change the user's files.
    check_path("The runtime root", &layout.runtime_root, true)?;
    for (what, path) in [
        ("The runtime folder", &layout.version_dir),
        ("The runtime folder", &layout.environments_dir()),
        ("The tools folder", &layout.tools_dir()),
        ("The runtime manifest", &layout.manifest_path),
    ] {
        check_path(what, path, false)?;
    }
    check_environment(&layout.venv_dir)
}

/// Checks that other users cannot change the folders and programs of an environment. Blocks.
#[cfg(unix)]
pub(super) fn check_environment(folder: &Path) -> Result<(), UnsafePath> {
    let paths = [
        ("The Python environment", Some(folder.to_owned())),
        ("The Python environment", Some(folder.join("bin"))),
        ("The Python environment", contents::site_packages(folder)),
        ("The Python interpreter", Some(folder.join("bin/python"))),
        ("The daemon's executable", Some(folder.join("bin/ktx-daemon"))),
    ];
    paths.into_iter().try_for_each(|(what, path)| path.map_or(Ok(()), |path| check_path(what, &path, false)))
}

/// On Windows, files below the user's profile are private by default.
#[cfg(not(unix))]
pub(super) fn check(_: &Layout) -> Result<(), UnsafePath> {
    Ok(())
}

#[cfg(not(unix))]
pub(super) fn check_environment(_: &std::path::Path) -> Result<(), UnsafePath> {
    Ok(())
}

/// Checks owner and permissions of a path, and the owner of a link.
#[cfg(unix)]
fn check_path(what: &str, path: &Path, shared: bool) -> Result<(), UnsafePath> {
    if let Ok(link) = fs::symlink_metadata(path)
        && link.is_symlink()
    {
        check_owner(what, path, &link)?;
    }
    let Ok(found) = fs::metadata(path) else { return Ok(()) };
    check_owner(what, path, &found)?;
    let mode = found.mode();
    let private = found.gid() == 0 || mode & GROUP_WRITES == 0 || user::is_private_group(found.gid());
    let harmless = shared && found.is_dir() && mode & STICKY != 0;
    if harmless || (mode & OTHERS_WRITE == 0 && private) {
        return Ok(());
    }
    let (who, bits) = if mode & OTHERS_WRITE == 0 { ("its group", "g-w") } else { ("everybody", "go-w") };
    Err(unsafe_path(
        what,
        path,
        &format!("can be written by {who}"),
        &format!("Remove that permission with: chmod {bits} '{}'", path.display()),
    ))
}

#[cfg(unix)]
fn check_owner(what: &str, path: &Path, found: &Metadata) -> Result<(), UnsafePath> {
    let (owner, user) = (found.uid(), user::effective_user());
    if owner == user || owner == 0 {
        return Ok(());
    }
    let belongs = format!("belongs to another user (id {owner}, this process has {user})");
    Err(unsafe_path(what, path, &belongs, "Change its owner"))
}

#[cfg(unix)]
fn unsafe_path(what: &str, path: &Path, reason: &str, hint: &str) -> UnsafePath {
    let reason = format!("{what} {} {reason}", path.display());
    UnsafePath { reason, hint: format!("{hint}, or set KTX_RUNTIME_ROOT to a folder of your own") }
}

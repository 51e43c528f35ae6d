//! No other user may change what is run: the root, the version folder, the environment and the interpreter belong to the
//! user or to root, and others cannot write them. As for ssh, a group may only write where it is the user's own.

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

/// Bits of a mode.
#[cfg(unix)]
const OTHERS_WRITE: u32 = 0o002;
#[cfg(unix)]
const GROUP_WRITES: u32 = 0o020;
const STICKY: u32 = 0o1000;

/// What others can change, and the next step.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) why: String,
    pub(super) hint: String,
}

impl From<Refusal> for Error {
    fn from(Refusal { why, hint }: Refusal) -> Self {
        Self::new(Code::RuntimeUnsafe, why).with_hint(hint)
    }
}

/// Refuses a runtime that others can change: it is neither used nor repaired. What is not there yet is not looked at.
/// Blocks.
pub fn refuse_unsafe(layout: &Layout) -> Result<()> {
    check(layout).map_err(Error::from)
}

#[cfg(unix)]
pub(super) fn check(layout: &Layout) -> Result<(), Refusal> {
    // In a shared folder of the kind of /tmp others cannot touch what is the user's own.
    check_place("The runtime root", &layout.runtime_root, true)?;
    for (what, path) in [
        ("The runtime folder", &layout.version_dir),
        ("The runtime folder", &layout.environments_dir()),
        ("The runtime manifest", &layout.manifest_path),
    ] {
        check_place(what, path, false)?;
    }
    check_environment(&layout.venv_dir)
}

/// Refuses an environment whose folders or programs others can change. Blocks.
#[cfg(unix)]
pub(super) fn check_environment(folder: &Path) -> Result<(), Refusal> {
    let places = [
        ("The Python environment", Some(folder.to_owned())),
        ("The Python environment", Some(folder.join("bin"))),
        ("The Python environment", contents::site_packages(folder)),
        ("The Python interpreter", Some(folder.join("bin/python"))),
        ("The daemon's executable", Some(folder.join("bin/ktx-daemon"))),
    ];
    places.into_iter().try_for_each(|(what, path)| path.map_or(Ok(()), |path| check_place(what, &path, false)))
}

/// Files below the user's profile are the user's alone there.
#[cfg(not(unix))]
pub(super) fn check(_: &Layout) -> Result<(), Refusal> {
    Ok(())
}

#[cfg(not(unix))]
pub(super) fn check_environment(_: &std::path::Path) -> Result<(), Refusal> {
    Ok(())
}

/// A link and what it leads to.
#[cfg(unix)]
fn check_place(what: &str, path: &Path, shared: bool) -> Result<(), Refusal> {
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
    Err(refusal(
        what,
        path,
        &format!("can be written by {who}"),
        &format!("Take that right away with: chmod {bits} '{}'", path.display()),
    ))
}

#[cfg(unix)]
fn check_owner(what: &str, path: &Path, found: &Metadata) -> Result<(), Refusal> {
    let (owner, own) = (found.uid(), user::effective_user());
    if owner == own || owner == 0 {
        return Ok(());
    }
    let belongs = format!("belongs to another user (id {owner}, this process has {own})");
    Err(refusal(what, path, &belongs, "Change its owner"))
}

#[cfg(unix)]
fn refusal(what: &str, path: &Path, why: &str, hint: &str) -> Refusal {
    let why = format!("{what} {} {why}", path.display());
    Refusal { why, hint: format!("{hint}, or set KTX_RUNTIME_ROOT to a folder of your own") }
}

//! The uv that the runtime provisions for itself: a pinned version from the user's package index, below the root.
//!
//! The executable is the only state. It is renamed into place once it is whole, and looked at by its pinned checksum,
//! so that an interrupted provisioning leaves nothing that the next call mistakes for a finished one.

mod fetch;
mod index;
mod pin;
mod wheel;

pub use fetch::{Fetch, FetchLimits, NativeFetch};
pub use pin::{UvPin, UvWheel};

use super::{Layout, LayoutOptions, Platform, exec::install_timeout, layout::home_folder};
use crate::{
    env::Environment,
    error::{Code, Error, Result},
    files::{self, Access, FileLock, LockWait},
    offload,
};
use index::Sources;
use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};
use url::Url;

/// Longest time for one download, and for another provisioning that is waited for, unless `KTX_INSTALL_TIMEOUT` says
/// otherwise.
const LIMIT: Duration = Duration::from_secs(900);

/// Largest page of an index.
const PAGE_BYTES: usize = 64 << 20;

const OTHERWISE: &str = "or install uv and name it with KTX_UV";

/// What the place of uv is computed from.
#[derive(Debug, Clone, Default)]
pub struct UvOptions {
    /// Node's name of the platform; `None`: this one.
    pub platform: Option<String>,
    /// Node's name of the architecture; `None`: this one.
    pub arch: Option<String>,
    /// Environment variables.
    pub env: Environment,
    /// Home folder; `None`: found from the environment.
    pub home_dir: Option<PathBuf>,
    /// Wins over `KTX_RUNTIME_ROOT`.
    pub runtime_root: Option<PathBuf>,
}

/// A pinned uv and its place below a runtime root.
#[derive(Debug, Clone)]
pub struct ManagedUv {
    path: PathBuf,
    lock: PathBuf,
    home_dir: Option<PathBuf>,
    version: String,
    pinned: UvWheel,
}

impl ManagedUv {
    /// Computes the place; touches no disk.
    pub fn new(pin: &UvPin, options: UvOptions) -> Result<Self> {
        let name = options.platform.as_deref().unwrap_or(platform_name());
        let arch = options.arch.as_deref().unwrap_or(arch_name());
        let pinned = pin.wheel(name, arch)?.clone();
        let platform = Platform::from_node(name);
        let layout = Layout::new(LayoutOptions {
            cli_version: pin.version.clone(),
            platform,
            env: options.env,
            home_dir: options.home_dir.clone(),
            runtime_root: options.runtime_root,
            asset_dir: PathBuf::new(),
        })?;
        let folder = layout.runtime_root.join("tools").join("uv");
        let file = if platform == Platform::Windows { "uv.exe" } else { "uv" };
        Ok(Self {
            path: folder.join(&pin.version).join(file),
            lock: folder.join("provision.lock"),
            home_dir: options.home_dir,
            version: pin.version.clone(),
            pinned,
        })
    }

    /// The executable.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the pinned executable is there, whole and runnable. Blocks.
    pub fn is_installed(&self) -> bool {
        let pinned = &self.pinned.executable;
        let fits = fs::metadata(&self.path)
            .is_ok_and(|found| found.is_file() && found.len() == pinned.bytes && is_runnable(&found));
        fits && fs::read(&self.path).is_ok_and(|bytes| wheel::is_pinned(&bytes, pinned))
    }

    /// Takes the executable out of the wheel and puts it into its place. Blocks.
    fn install(&self, wheel_bytes: &[u8]) -> Result<()> {
        wheel::verify(wheel_bytes, &self.pinned.wheel)?;
        let executable = wheel::executable(wheel_bytes, &self.pinned.executable)?;
        let folder = self.path.parent().unwrap_or(Path::new("."));
        files::create_folder(folder)?;
        remove_leftovers(folder);
        files::remove_dir_in_place_of_file(&self.path)?;
        files::write_atomically(&self.path, &executable, Access::Executable)
    }

    /// The wheel in one of these folders, if it is the pinned one. Blocks.
    fn wheel_in(&self, folders: &[PathBuf]) -> Option<Vec<u8>> {
        let wheel = &self.pinned.wheel;
        let read = |folder: &PathBuf| {
            let path = folder.join(&wheel.file);
            fs::metadata(&path).is_ok_and(|found| found.is_file() && found.len() == wheel.bytes).then_some(())?;
            fs::read(path).ok().filter(|bytes| wheel::is_pinned(bytes, wheel))
        };
        folders.iter().find_map(read)
    }

    fn failed(&self, what: &str, hint: &str) -> Error {
        Error::new(Code::RuntimeInstallFailed, format!("Cannot provision uv {}: {what}", self.version))
            .with_hint(format!("{hint}, {OTHERWISE}"))
    }

    fn not_on(&self, page: &Url) -> Error {
        let (file, page) = (&self.pinned.wheel.file, index::shown(page));
        self.failed(&format!("{page} does not have {file}"), "Name an index that has it with UV_DEFAULT_INDEX")
    }

    fn unreachable<F: Fetch>(&self, fetch: &F, url: &Url, cause: F::Error) -> F::Error {
        let reason = crate::redact::urls(&fetch.reason(&cause));
        let shown = index::shown(url);
        let what = format!("{shown} cannot be fetched: {reason}");
        fetch.with_cause(self.failed(&what, "Check the network, the proxy and UV_DEFAULT_INDEX"), cause)
    }
}

/// The uv of the runtime, fetched and verified if it is missing. Concurrent calls wait for the first one.
pub async fn ensure_managed_uv<F: Fetch>(fetch: &F, uv: &ManagedUv, env: &Environment) -> Result<PathBuf, F::Error> {
    let limit = install_timeout(env)?.unwrap_or(LIMIT);
    if is_installed(uv).await {
        return Ok(uv.path.clone());
    }
    let wait = LockWait { step: "Waiting for another process to provision uv", limit };
    let _lock = FileLock::acquire(&uv.lock, wait, || ()).await.map_err(unwritable)?;
    if !is_installed(uv).await {
        let wheel = wheel(fetch, uv, env, limit).await?;
        let installing = uv.clone();
        offload::spawn_blocking(move || installing.install(&wheel)).await.map_err(unwritable)?;
    }
    Ok(uv.path.clone())
}

async fn is_installed(uv: &ManagedUv) -> bool {
    let uv = uv.clone();
    offload::spawn_blocking(move || uv.is_installed()).await
}

/// The bytes that should be the pinned wheel.
async fn wheel<F: Fetch>(fetch: &F, uv: &ManagedUv, env: &Environment, limit: Duration) -> Result<Vec<u8>, F::Error> {
    let (looking, env) = (uv.clone(), env.clone());
    let look = move || -> Result<_> {
        let home = looking.home_dir.clone().or_else(|| home_folder(&env));
        let Sources { folders, page } = Sources::of(&env, home.as_deref())?;
        Ok((looking.wheel_in(&folders), page))
    };
    let page = match offload::spawn_blocking(look).await? {
        (Some(wheel), _) => return Ok(wheel),
        (None, page) => page,
    };
    let Some(page) = page else {
        let hint = format!("Put {} into a folder that UV_FIND_LINKS names", uv.pinned.wheel.file);
        return Err(uv.failed("the settings forbid to ask a package index", &hint).into());
    };
    let url = find(fetch, uv, &page, limit).await?.ok_or_else(|| uv.not_on(&page))?;
    if let Ok(path) = url.to_file_path() {
        return Ok(
            offload::spawn_blocking(move || fs::read(&path).map_err(|error| Error::io("read", &path, error))).await?
        );
    }
    let max_bytes = usize::try_from(uv.pinned.wheel.bytes).unwrap_or(usize::MAX);
    let fetched = fetch.fetch(&url, FetchLimits { total: limit, max_bytes }).await;
    fetched.map_err(|cause| uv.unreachable(fetch, &url, cause))
}

/// Where the page of the project has the wheel.
async fn find<F: Fetch>(fetch: &F, uv: &ManagedUv, page: &Url, limit: Duration) -> Result<Option<Url>, F::Error> {
    let text = if page.scheme() == "file" {
        let page = page.clone();
        offload::spawn_blocking(move || index::read_page(&page)).await.unwrap_or_default()
    } else {
        let limits = FetchLimits { total: limit, max_bytes: PAGE_BYTES };
        let fetched = fetch.fetch(page, limits).await.map_err(|cause| uv.unreachable(fetch, page, cause))?;
        String::from_utf8_lossy(&fetched).into_owned()
    };
    Ok(index::find(page, &text, &uv.pinned.wheel.file))
}

/// Temporary files of an interrupted provisioning; only called under the lock.
fn remove_leftovers(folder: &Path) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(".tmp-")) {
        let _ = files::remove_file(&entry.path());
    }
}

/// Says what to do where the runtime root cannot be written.
fn unwritable(error: Error) -> Error {
    if error.code() != Code::FileIo {
        return error;
    }
    error.with_hint("Free space or allow writing there, or set KTX_RUNTIME_ROOT to another folder")
}

#[cfg(unix)]
fn is_runnable(found: &fs::Metadata) -> bool {
    std::os::unix::fs::PermissionsExt::mode(&found.permissions()) & 0o100 != 0
}

#[cfg(not(unix))]
fn is_runnable(_: &fs::Metadata) -> bool {
    true
}

fn platform_name() -> &'static str {
    match std::env::consts::OS {
        "macos" => "darwin",
        "windows" => "win32",
        other => other,
    }
}

fn arch_name() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => other,
    }
}

#[cfg(test)]
mod tests;

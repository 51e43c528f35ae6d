//! Provisioning of uv: a pinned version from the user's package index, installed below the runtime root.
//!
//! The executable is the only state. It is written atomically and verified by its pinned checksum, so an interrupted
//! provisioning is never mistaken for a completed one.

mod fetch;
mod index;
mod pin;
mod wheel;

pub use fetch::{Fetch, FetchLimits, NativeFetch};
pub(super) use index::{has_no_index, uv_environment};
pub use pin::{UvPin, UvWheel};

use super::{Layout, LayoutOptions, Platform, exec::install_timeout, layout::home_folder};
use crate::{
    env::Environment,
    error::{Code, Error, Result},
    files::{self, Access, FileLock, LockWait},
    offload,
};
use index::WheelSources;
use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};
use url::Url;

/// Timeout of each download and of waiting for another process that provisions uv; `KTX_INSTALL_TIMEOUT` overrides it.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(900);

/// Maximum size of a project page in bytes.
const MAX_PAGE_BYTES: usize = 64 << 20;

/// Steps of provisioning that take long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UvStep {
    /// Waiting for another process that provisions uv.
    Waiting,
    /// Downloading the wheel.
    Downloading,
}

const FALLBACK_HINT: &str = "or install uv and set KTX_UV to its path";

/// Parameters of the location of uv.
#[derive(Debug, Clone, Default)]
pub struct UvOptions {
    /// Node's name of the platform; `None` for the current one.
    pub platform: Option<String>,
    /// Node's name of the architecture; `None` for the current one.
    pub arch: Option<String>,
    /// Environment variables.
    pub env: Environment,
    /// Home folder; `None` to find it by the environment.
    pub home_dir: Option<PathBuf>,
    /// Overrides `KTX_RUNTIME_ROOT`.
    pub runtime_root: Option<PathBuf>,
}

/// A pinned uv and its location below a runtime root.
#[derive(Debug, Clone)]
pub struct ManagedUv {
    path: PathBuf,
    lock: PathBuf,
    home_dir: Option<PathBuf>,
    version: String,
    pinned: UvWheel,
}

impl ManagedUv {
    /// Computes the location without accessing the disk.
    ///
    /// Errors: [`Code::RuntimeInstallerMissing`] for an unsupported platform; those of [`Layout::new`].
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

    /// The pinned version.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Path of the executable.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the executable exists, has the pinned checksum and can be run. Blocks.
    pub fn is_installed(&self) -> bool {
        let pinned = &self.pinned.executable;
        let fits = fs::metadata(&self.path)
            .is_ok_and(|found| found.is_file() && found.len() == pinned.bytes && is_runnable(&found));
        fits && fs::read(&self.path).is_ok_and(|bytes| wheel::is_pinned(&bytes, pinned))
    }

    /// Extracts the executable from the wheel and installs it. Blocks.
    fn install(&self, wheel_bytes: &[u8]) -> Result<()> {
        wheel::verify(wheel_bytes, &self.pinned.wheel)?;
        let executable = wheel::executable(wheel_bytes, &self.pinned.executable)?;
        let folder = self.path.parent().unwrap_or(Path::new("."));
        files::create_folder(folder)?;
        remove_leftovers(folder);
        files::remove_dir_in_place_of_file(&self.path)?;
        files::write_atomically(&self.path, &executable, Access::Executable)
    }

    /// Reads the pinned wheel from the first folder that has it. Blocks.
    fn read_wheel_from(&self, folders: &[PathBuf]) -> Option<Vec<u8>> {
        let wheel = &self.pinned.wheel;
        let read = |folder: &PathBuf| {
            let path = folder.join(&wheel.file);
            fs::metadata(&path).is_ok_and(|found| found.is_file() && found.len() == wheel.bytes).then_some(())?;
            fs::read(path).ok().filter(|bytes| wheel::is_pinned(bytes, wheel))
        };
        folders.iter().find_map(read)
    }

    fn provision_error(&self, what: &str, hint: &str) -> Error {
        Error::new(Code::RuntimeInstallFailed, format!("Cannot provision uv {}: {what}", self.version))
            .with_hint(format!("{hint}, {FALLBACK_HINT}"))
    }

    fn missing_on_index_error(&self, page: &Url) -> Error {
        let (file, page) = (&self.pinned.wheel.file, index::redacted_url(page));
        self.provision_error(&format!("{page} does not list {file}"), "Set UV_DEFAULT_INDEX to an index that has it")
    }

    fn fetch_error<F: Fetch>(&self, fetch: &F, url: &Url, cause: F::Error) -> F::Error {
        let reason = crate::redact::urls(&fetch.reason(&cause));
        let shown = index::redacted_url(url);
        let what = format!("{shown} cannot be fetched: {reason}");
        fetch.with_cause(self.provision_error(&what, "Check the network, the proxy and UV_DEFAULT_INDEX"), cause)
    }
}

/// Returns the path of the provisioned uv, which is downloaded and verified if it is missing. Concurrent calls wait for
/// the first one. `on_step` is called at the start of each long step.
pub async fn ensure_managed_uv<F: Fetch>(
    fetch: &F,
    uv: &ManagedUv,
    env: &Environment,
    on_step: impl Fn(UvStep),
) -> Result<PathBuf, F::Error> {
    let limit = install_timeout(env)?.unwrap_or(DEFAULT_TIMEOUT);
    if is_installed(uv).await {
        return Ok(uv.path.clone());
    }
    let wait = LockWait { step: "Waiting for another process to provision uv", limit };
    let _lock = FileLock::acquire(&uv.lock, wait, || on_step(UvStep::Waiting)).await.map_err(with_root_hint)?;
    if !is_installed(uv).await {
        on_step(UvStep::Downloading);
        let wheel = obtain_wheel(fetch, uv, env, limit).await?;
        let installing = uv.clone();
        offload::spawn_blocking(move || installing.install(&wheel)).await.map_err(with_root_hint)?;
    }
    Ok(uv.path.clone())
}

async fn is_installed(uv: &ManagedUv) -> bool {
    let uv = uv.clone();
    offload::spawn_blocking(move || uv.is_installed()).await
}

/// Obtains the wheel from a folder or an index. It is not verified yet.
async fn obtain_wheel<F: Fetch>(
    fetch: &F,
    uv: &ManagedUv,
    env: &Environment,
    limit: Duration,
) -> Result<Vec<u8>, F::Error> {
    let (looking, env) = (uv.clone(), env.clone());
    let look = move || -> Result<_> {
        let home = looking.home_dir.clone().or_else(|| home_folder(&env));
        let WheelSources { folders, page } = WheelSources::from_env(&env, home.as_deref())?;
        Ok((looking.read_wheel_from(&folders), page))
    };
    let page = match offload::spawn_blocking(look).await? {
        (Some(wheel), _) => return Ok(wheel),
        (None, page) => page,
    };
    let Some(page) = page else {
        let hint = format!("Put {} into a folder listed in UV_FIND_LINKS", uv.pinned.wheel.file);
        return Err(uv.provision_error("package indexes are disabled by the settings", &hint).into());
    };
    let url = find_wheel_url(fetch, uv, &page, limit).await?.ok_or_else(|| uv.missing_on_index_error(&page))?;
    if let Ok(path) = url.to_file_path() {
        return Ok(
            offload::spawn_blocking(move || fs::read(&path).map_err(|error| Error::io("read", &path, error))).await?
        );
    }
    let max_bytes = usize::try_from(uv.pinned.wheel.bytes).unwrap_or(usize::MAX);
    let fetched = fetch.fetch(&url, FetchLimits { total: limit, max_bytes }).await;
    fetched.map_err(|cause| uv.fetch_error(fetch, &url, cause))
}

/// Finds the URL of the wheel on the project page.
async fn find_wheel_url<F: Fetch>(
    fetch: &F,
    uv: &ManagedUv,
    page: &Url,
    limit: Duration,
) -> Result<Option<Url>, F::Error> {
    let text = if page.scheme() == "file" {
        let page = page.clone();
        offload::spawn_blocking(move || index::read_page(&page)).await.unwrap_or_default()
    } else {
        let limits = FetchLimits { total: limit, max_bytes: MAX_PAGE_BYTES };
        let fetched = fetch.fetch(page, limits).await.map_err(|cause| uv.fetch_error(fetch, page, cause))?;
        String::from_utf8_lossy(&fetched).into_owned()
    };
    Ok(index::find_file_url(page, &text, &uv.pinned.wheel.file))
}

/// Removes temporary files of an interrupted provisioning. Called under the lock only.
fn remove_leftovers(folder: &Path) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(".tmp-")) {
        let _ = files::remove_file(&entry.path());
    }
}

/// Adds the hint for a runtime root that cannot be written.
fn with_root_hint(error: Error) -> Error {
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

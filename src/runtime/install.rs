//! Installing: look, lock, look again, build aside, switch, say so.

use super::{
    asset::{self, Asset},
    attempt::Attempt,
    contents, environment,
    exec::{self, Exec},
    feature::Feature,
    layout::Layout,
    manifest::InstalledManifest,
    ownership, requirements,
    status::{RuntimeStatus, StatusKind, read_status},
    toolchain::Toolchain,
};
use crate::{
    env::Environment,
    error::{Error, Result},
    files::{self, FileLock, LockWait},
    hop,
    process::acquire_noted,
};
use serde::Serialize;
use std::time::Duration;

/// Longest wait for another installer.
const LOCK_WAIT: LockWait<'_> = LockWait { step: "Waiting for another installation", limit: Duration::from_secs(3600) };

/// What is to be installed.
#[derive(Debug, Clone)]
pub struct InstallRequest {
    /// Where.
    pub layout: Layout,
    /// Environment variables of the host.
    pub env: Environment,
    /// What it shall be able to do.
    pub features: Vec<Feature>,
    /// Build it anew even if it is right.
    pub force: bool,
}

/// What an installation did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum InstallStatus {
    /// Nothing: it was right.
    Ready,
    /// It installed.
    Installed,
}

/// Result of an installation.
#[derive(Debug, Clone, Serialize)]
pub struct Installed {
    /// What was done.
    pub status: InstallStatus,
    /// Where.
    pub layout: Layout,
    /// From what.
    pub asset: Asset,
    /// What is there now.
    pub manifest: InstalledManifest,
}

/// Phases of an installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Another installer works.
    Waiting,
    /// The bundled files are checked.
    Verify,
    /// The virtual environment is made.
    Environment,
    /// Packages are installed.
    Packages,
    /// The new environment is put into use.
    Finish,
}

/// One step of progress.
#[derive(Debug, Clone, Serialize)]
pub struct Progress {
    /// Where the installation is.
    pub phase: Phase,
    /// One line for people.
    pub message: String,
}

/// Who installs.
pub trait InstallHost: Exec {
    /// Told as the installation goes on.
    fn progress(&self, progress: Progress);

    /// An error of ours with an error of the host's as its cause.
    fn with_cause(&self, error: Error, cause: Self::Error) -> Self::Error;
}

/// Installs the runtime unless it is right already.
pub async fn install<H: InstallHost>(host: &H, request: &InstallRequest) -> Result<Installed, H::Error> {
    let request = &InstallRequest { features: Feature::normalized(&request.features), ..request.clone() };
    exec::install_timeout(&request.env)?;
    let asset = verify(request).await?;
    if let Some(installed) = already_right(host, request, &asset).await {
        remove_leftovers(&request.layout).await;
        return Ok(installed);
    }
    let _lock = lock(host, request).await?;
    if let Some(installed) = already_right(host, request, &asset).await {
        return Ok(installed);
    }
    tell(host, Phase::Verify, "Bundled wheel verified");
    let attempt = Attempt::begin(host, request, &asset).await?;
    // On the heap: hosts poll this on a thread whose stack is small.
    let manifest = Box::pin(attempt.run()).await?;
    let layout = request.layout.clone();
    Ok(Installed { status: InstallStatus::Installed, layout, asset, manifest })
}

async fn verify(request: &InstallRequest) -> Result<Asset> {
    let folder = request.layout.asset_dir.clone();
    hop::blocking(move || asset::verify(&folder)).await
}

/// What an installer for this layout would be called; uv where none is found.
pub async fn installer_name<E: Exec>(host: &E, layout: &Layout, env: &Environment) -> &'static str {
    let folder = layout.asset_dir.clone();
    let requires = hop::blocking(move || {
        asset::verify(&folder).map(|asset| requirements::requires_python(&asset.wheel_path)).unwrap_or_default()
    });
    Toolchain::find(host, env, &requires.await).await.map_or("uv", |tools| tools.name())
}

/// A look at the runtime, and whether the packages of a ready one have all their files. What a host has installed is
/// not looked into.
pub(super) async fn look<H: InstallHost>(host: &H, layout: &Layout) -> (RuntimeStatus, bool) {
    let (layout, injected) = (layout.clone(), host.is_injected());
    hop::blocking(move || {
        let status = read_status(&layout);
        let sound = injected || status.kind != StatusKind::Ready || contents::damaged(&layout.venv_dir).is_none();
        (status, sound)
    })
    .await
}

async fn already_right<H: InstallHost>(host: &H, request: &InstallRequest, asset: &Asset) -> Option<Installed> {
    if request.force {
        return None;
    }
    let (status, sound) = look(host, &request.layout).await;
    let manifest = status.ready_with(&request.features).filter(|_| sound)?.clone();
    Some(Installed { status: InstallStatus::Ready, layout: status.layout, asset: asset.clone(), manifest })
}

/// Frees what an earlier attempt could not remove, unless somebody installs.
async fn remove_leftovers(layout: &Layout) {
    let layout = layout.clone();
    hop::blocking(move || {
        if environment::has_others(&layout)
            && let Ok(Some(_lock)) = FileLock::try_acquire(&layout.install_lock())
        {
            environment::remove_others(&layout);
        }
    })
    .await;
}

async fn lock<H: InstallHost>(host: &H, request: &InstallRequest) -> Result<FileLock> {
    let layout = request.layout.clone();
    hop::blocking(move || ownership::refuse_unsafe(&layout)).await?;
    let folder = request.layout.version_dir.clone();
    hop::blocking(move || files::create_folder(&folder))
        .await
        .map_err(|error| error.with_hint("Free that path, or set KTX_RUNTIME_ROOT to a folder that can be written"))?;
    let waiting = |holder: &str| {
        tell(
            host,
            Phase::Waiting,
            format!("Waiting for another KTX runtime installation to finish: {holder} holds the lock"),
        );
    };
    acquire_noted(&request.layout.install_lock(), LOCK_WAIT, waiting).await
}

pub(super) fn tell<H: InstallHost>(host: &H, phase: Phase, message: impl Into<String>) {
    host.progress(Progress { phase, message: message.into() });
}

//! Installs the runtime: inspect, lock, inspect again, build a new environment, switch to it.

use super::{
    asset::{self, Asset},
    attempt::Attempt,
    environment,
    exec::{self, Exec},
    feature::Feature,
    install_host::{InstallHost, InstallRequest, Phase, inspect_runtime, report},
    installer::Installer,
    layout::Layout,
    manifest::InstalledManifest,
    ownership, requirements,
};
use crate::{
    env::Environment,
    error::Result,
    files::{self, FileLock, LockWait},
    offload,
    process::acquire_and_record,
};
use serde::Serialize;
use std::time::Duration;

/// Longest wait for another installer.
const LOCK_WAIT: LockWait<'_> = LockWait { step: "Waiting for another installation", limit: Duration::from_secs(3600) };

/// Outcome of an installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum InstallStatus {
    /// The runtime was up to date.
    Ready,
    /// The runtime was installed or changed.
    Installed,
}

/// Result of an installation.
#[derive(Debug, Clone, Serialize)]
pub struct Installed {
    /// Whether anything was installed.
    pub status: InstallStatus,
    /// Paths of the runtime.
    pub layout: Layout,
    /// The asset that it was installed from.
    pub asset: Asset,
    /// Manifest of the installed runtime.
    pub manifest: InstalledManifest,
}

/// Installs the runtime unless it is up to date.
pub async fn install<H: InstallHost>(host: &H, request: &InstallRequest) -> Result<Installed, H::Error> {
    let request = &InstallRequest { features: Feature::normalize(&request.features), ..request.clone() };
    exec::install_timeout(&request.env)?;
    let asset = verify(request).await?;
    if let Some(installed) = find_up_to_date(host, request, &asset).await {
        remove_leftovers(&request.layout).await;
        return Ok(installed);
    }
    let _lock = acquire_install_lock(host, request).await?;
    if let Some(installed) = find_up_to_date(host, request, &asset).await {
        return Ok(installed);
    }
    report(host, Phase::Verify, "Bundled wheel verified");
    let attempt = Attempt::begin(host, request, &asset).await?;
    // Boxed, as it is polled on a thread with a small stack.
    let manifest = Box::pin(attempt.run()).await?;
    let layout = request.layout.clone();
    Ok(Installed { status: InstallStatus::Installed, layout, asset, manifest })
}

async fn verify(request: &InstallRequest) -> Result<Asset> {
    let folder = request.layout.asset_dir.clone();
    offload::spawn_blocking(move || asset::verify(&folder)).await
}

/// The name of the installer that an installation would use; uv if none is found.
pub async fn installer_name<E: Exec>(host: &E, layout: &Layout, env: &Environment) -> &'static str {
    let folder = layout.asset_dir.clone();
    let requires = offload::spawn_blocking(move || {
        asset::verify(&folder).map(|asset| requirements::requires_python(&asset.wheel_path)).unwrap_or_default()
    });
    Installer::choose(host, layout, env, &requires.await).await.map_or("uv", |installer| installer.name())
}

async fn find_up_to_date<H: InstallHost>(host: &H, request: &InstallRequest, asset: &Asset) -> Option<Installed> {
    if request.force {
        return None;
    }
    let (status, is_intact) = inspect_runtime(host, &request.layout).await;
    let manifest = status.ready_with(&request.features).filter(|_| is_intact)?.clone();
    Some(Installed { status: InstallStatus::Ready, layout: status.layout, asset: asset.clone(), manifest })
}

/// Removes the remains of an earlier attempt, unless an installation is in progress.
async fn remove_leftovers(layout: &Layout) {
    let layout = layout.clone();
    offload::spawn_blocking(move || {
        if environment::has_unused(&layout)
            && let Ok(Some(_lock)) = FileLock::try_acquire(&layout.install_lock())
        {
            environment::remove_unused(&layout);
        }
    })
    .await;
}

async fn acquire_install_lock<H: InstallHost>(host: &H, request: &InstallRequest) -> Result<FileLock> {
    let layout = request.layout.clone();
    offload::spawn_blocking(move || ownership::refuse_unsafe(&layout)).await?;
    let folder = request.layout.version_dir.clone();
    offload::spawn_blocking(move || files::create_folder(&folder))
        .await
        .map_err(|error| error.with_hint("Make that path a writable folder, or set KTX_RUNTIME_ROOT to one"))?;
    let on_wait = |holder: &str| {
        report(
            host,
            Phase::Waiting,
            format!("Waiting for another KTX runtime installation to finish: {holder} holds the lock"),
        );
    };
    acquire_and_record(&request.layout.install_lock(), LOCK_WAIT, on_wait).await
}

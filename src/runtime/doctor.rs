//! The doctor: checks of the installer, the asset and the runtime, with a fix for each failure.

use super::{
    asset::{self, Asset},
    contents,
    exec::Exec,
    feature::Feature,
    installer::Installer,
    layout::Layout,
    ownership::{self, UnsafePath},
    policy::install_command,
    provision::ManagedUv,
    requirements,
    status::{StatusKind, read_status},
    toolchain::{MIN_UV_VERSION, Toolchain},
    trial,
};
use crate::{
    env::Environment,
    error::{self, Code},
    offload,
};
use serde::Serialize;

/// Outcome of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CheckStatus {
    /// No problem was found.
    Pass,
    /// A problem was found.
    Fail,
}

/// Result of a check.
#[derive(Debug, Clone, Serialize)]
pub struct Check {
    /// Stable identifier.
    pub id: &'static str,
    /// Name for users.
    pub label: &'static str,
    /// Whether the check passed.
    pub status: CheckStatus,
    /// Finding.
    pub detail: String,
    /// The next step after a failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
}

impl Check {
    fn new(id: &'static str, label: &'static str, outcome: Result<String, (String, String)>) -> Self {
        let (status, detail, fix) = match outcome {
            Ok(detail) => (CheckStatus::Pass, detail, None),
            Err((detail, fix)) => (CheckStatus::Fail, detail, Some(fix)),
        };
        Self { id, label, status, detail, fix }
    }
}

/// The fix if no installer was found; fixed, as hosts match on it.
const INSTALL_UV_FIX: &str = "Install uv, make sure it is on PATH, and run: ktx runtime install --yes";
const CORRECT_VARIABLE_FIX: &str = "Correct the variable or unset it, then run: ktx runtime doctor";
const REINSTALL_PACKAGE_FIX: &str = "Reinstall @kaelio/ktx, or build it from source with: npm run build";

/// Runs the checks of installer, bundled wheel and runtime, in this order.
pub async fn doctor<E: Exec>(host: &E, layout: &Layout, env: &Environment) -> Vec<Check> {
    let folder = layout.asset_dir.clone();
    let asset = offload::spawn_blocking(move || asset::verify(&folder)).await;
    let tools = check_installer(host, layout, env, &asset).await;
    let runtime = check_runtime(host, layout, env).await;
    let asset = asset.map(|asset| asset.wheel_path.display().to_string());
    let asset = asset.map_err(|error| (error.to_string(), REINSTALL_PACKAGE_FIX.to_owned()));
    vec![
        Check::new("uv", "uv", tools),
        Check::new("asset", "Bundled Python wheel", asset),
        Check::new("runtime", "Managed Python runtime", runtime),
    ]
}

/// The detail of a passed check, or detail and fix of a failed one.
type Outcome = Result<String, (String, String)>;

async fn check_installer<E: Exec>(
    host: &E,
    layout: &Layout,
    env: &Environment,
    asset: &error::Result<Asset>,
) -> Outcome {
    let requires = match asset {
        Ok(asset) => {
            let wheel = asset.wheel_path.clone();
            offload::spawn_blocking(move || requirements::requires_python(&wheel)).await
        }
        Err(_) => String::from(">=3.10"),
    };
    match Installer::choose(host, layout, env, &requires).await {
        Ok(Installer::Found(Toolchain::Uv { version, .. })) => Ok(version),
        Ok(Installer::Found(Toolchain::Python { program, version })) => {
            let program = program.display();
            Ok(format!("no uv {MIN_UV_VERSION} or later was found; Python {version} is used instead ({program})"))
        }
        Ok(Installer::Managed { uv, unsuitable }) => Ok(describe_managed(uv, &unsuitable).await),
        Err(error) => {
            let is_missing = error.code() == Code::RuntimeInstallerMissing;
            let fix = if is_missing { INSTALL_UV_FIX } else { CORRECT_VARIABLE_FIX };
            Err((error.to_string(), fix.to_owned()))
        }
    }
}

async fn describe_managed(uv: ManagedUv, unsuitable: &[String]) -> String {
    let detail = offload::spawn_blocking(move || {
        let version = uv.version();
        if uv.is_installed() {
            format!("uv {version} ({})", uv.path().display())
        } else {
            format!("uv {version} will be downloaded")
        }
    });
    let found = if unsuitable.is_empty() { String::new() } else { format!("; found only: {}", unsuitable.join("; ")) };
    detail.await + &found
}

/// Checks the status, the ownership, all files of the packages, and runs the daemon's executable once.
async fn check_runtime<E: Exec>(host: &E, layout: &Layout, env: &Environment) -> Outcome {
    let repair = || format!("Run: {}", install_command(Feature::Core));
    let checked = layout.clone();
    let (status, unsafe_path, damaged) = offload::spawn_blocking(move || {
        let status = read_status(&checked);
        let unsafe_path = ownership::check(&checked).err().filter(|_| status.kind != StatusKind::Missing);
        let damaged =
            (status.kind == StatusKind::Ready).then(|| contents::find_damaged_file(&checked.venv_dir)).flatten();
        (status, unsafe_path, damaged)
    })
    .await;
    if let Some(UnsafePath { reason, hint }) = unsafe_path {
        return Err((reason, hint)); // an installation would be refused too
    }
    if status.kind != StatusKind::Ready {
        return Err((status.detail, repair()));
    }
    if host.is_injected() {
        return Ok(status.detail);
    }
    if let Some(path) = damaged {
        return Err((format!("Missing or changed file of a Python package: {}", path.display()), repair()));
    }
    let executable = status.manifest.map_or(layout.daemon_path.clone(), |manifest| manifest.python.daemon_executable);
    let run = trial::run(host, &executable, &layout.version_dir, env).await;
    run.map(|()| status.detail)
        .map_err(|error| (error.with_hint_text(), "Run: ktx runtime install --force --yes".to_owned()))
}

//! Checks that a person can act on.

use super::{
    asset::{self, Asset},
    contents,
    exec::Exec,
    feature::Feature,
    layout::Layout,
    ownership::{self, Refusal},
    policy::install_command,
    requirements,
    status::{StatusKind, read_status},
    toolchain::{MISSING_INSTALLER_MESSAGE, OLDEST_UV, Toolchain},
    trial,
};
use crate::{env::Environment, error, offload};
use serde::Serialize;

/// How a check went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CheckStatus {
    /// All is well.
    Pass,
    /// Something is to be done.
    Fail,
}

/// One check.
#[derive(Debug, Clone, Serialize)]
pub struct Check {
    /// Stable name.
    pub id: &'static str,
    /// What people call it.
    pub label: &'static str,
    /// How it went.
    pub status: CheckStatus,
    /// What was found.
    pub detail: String,
    /// What to do about it.
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

/// What to do where no installer was found; hosts match on it.
const GET_INSTALLER: &str = "Install uv, make sure it is on PATH, and run: ktx runtime install --yes";
const CORRECT_VARIABLE: &str = "Correct the variable or unset it, then run: ktx runtime doctor";
const REINSTALL_PACKAGE: &str = "Reinstall @kaelio/ktx, or build it from source with: npm run build";

/// Checks the installer, the bundled wheel and the runtime, in this order.
pub async fn doctor<E: Exec>(host: &E, layout: &Layout, env: &Environment) -> Vec<Check>
where
    E::Error: std::fmt::Display,
{
    let folder = layout.asset_dir.clone();
    let asset = offload::spawn_blocking(move || asset::verify(&folder)).await;
    let tools = check_installer(host, env, &asset).await;
    let runtime = check_runtime(host, layout, env).await;
    let asset = asset.map(|asset| asset.wheel_path.display().to_string());
    let asset = asset.map_err(|error| (error.to_string(), REINSTALL_PACKAGE.to_owned()));
    vec![
        Check::new("uv", "uv", tools),
        Check::new("asset", "Bundled Python wheel", asset),
        Check::new("runtime", "Managed Python runtime", runtime),
    ]
}

/// A detail, or a detail and what to do.
type Outcome = Result<String, (String, String)>;

async fn check_installer<E: Exec>(host: &E, env: &Environment, asset: &error::Result<Asset>) -> Outcome
where
    E::Error: std::fmt::Display,
{
    let requires = match asset {
        Ok(asset) => {
            let wheel = asset.wheel_path.clone();
            offload::spawn_blocking(move || requirements::requires_python(&wheel)).await
        }
        Err(_) => String::from(">=3.10"),
    };
    match Toolchain::find(host, env, &requires).await {
        Ok(Toolchain::Uv { version, .. }) => Ok(version),
        Ok(Toolchain::Python { program, version }) => {
            Ok(format!("no uv of {OLDEST_UV} or later; Python {version} does instead ({})", program.display()))
        }
        Err(error) => {
            let detail = error.to_string();
            let fix = if detail.ends_with(MISSING_INSTALLER_MESSAGE) { GET_INSTALLER } else { CORRECT_VARIABLE };
            Err((detail, fix.to_owned()))
        }
    }
}

/// What the status says, every file of the packages, and one run of the daemon's executable.
async fn check_runtime<E: Exec>(host: &E, layout: &Layout, env: &Environment) -> Outcome {
    let repair = || format!("Run: {}", install_command(Feature::Core));
    let looked = layout.clone();
    let (status, refused, damaged) = offload::spawn_blocking(move || {
        let status = read_status(&looked);
        let refused = ownership::check(&looked).err().filter(|_| status.kind != StatusKind::Missing);
        let damaged = (status.kind == StatusKind::Ready).then(|| contents::damaged(&looked.venv_dir)).flatten();
        (status, refused, damaged)
    })
    .await;
    if let Some(Refusal { why, hint }) = refused {
        return Err((why, hint)); // which an installation refuses as well
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

//! Checks that a person can act on.

use super::{
    asset,
    exec::Exec,
    feature::Feature,
    layout::Layout,
    policy::install_command,
    requirements,
    status::{StatusKind, read_status},
    toolchain::{MISSING_INSTALLER_MESSAGE, Toolchain},
};
use crate::{env::Environment, hop};
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

/// Checks the installer, the bundled wheel and the runtime, in this order.
pub async fn doctor<E: Exec>(host: &E, layout: &Layout, env: &Environment) -> Vec<Check>
where
    E::Error: std::fmt::Display,
{
    let folder = layout.asset_dir.clone();
    let asset = hop::blocking(move || asset::verify(&folder)).await;
    let requires = match &asset {
        Ok(asset) => {
            let wheel = asset.wheel_path.clone();
            hop::blocking(move || requirements::requires_python(&wheel)).await
        }
        Err(_) => String::from(">=3.10"),
    };
    let tools = match Toolchain::find(host, env, &requires).await {
        Ok(Toolchain::Uv { version, .. }) => Ok(version),
        Ok(Toolchain::Python { program, version }) => {
            Ok(format!("uv is not installed; Python {version} does instead ({})", program.display()))
        }
        Err(error) => {
            let found = error.to_string();
            let found = found.strip_suffix(MISSING_INSTALLER_MESSAGE).unwrap_or(&found).trim();
            let detail = if found.is_empty() { "Neither uv nor a Python that will do was found" } else { found };
            Err((detail.to_owned(), MISSING_INSTALLER_MESSAGE.to_owned()))
        }
    };
    let asset = asset.map(|asset| asset.wheel_path.display().to_string()).map_err(|error| {
        (error.to_string(), "Reinstall @kaelio/ktx, or build it from source with: npm run build".to_owned())
    });
    let looked = layout.clone();
    let status = hop::blocking(move || read_status(&looked)).await;
    let runtime = match status.kind {
        StatusKind::Ready => Ok(status.detail),
        _ => Err((status.detail, format!("Run: {}", install_command(Feature::Core)))),
    };
    vec![
        Check::new("uv", "uv", tools),
        Check::new("asset", "Bundled Python wheel", asset),
        Check::new("runtime", "Managed Python runtime", runtime),
    ]
}

//! Making sure that a command has its runtime, as far as the user's policy allows.

use super::{feature::Feature, policy::InstallPolicy, policy::install_command};
use crate::error::{Code, Error};

/// What a command needs.
#[derive(Debug, Clone, Copy)]
pub struct EnsureRequest {
    /// The feature.
    pub feature: Feature,
    /// Whether it may be installed.
    pub policy: InstallPolicy,
}

/// Result of an installation by the host.
#[derive(Debug)]
pub struct Ensured<R> {
    /// The runtime.
    pub runtime: R,
    /// Its version folder, as far as the host tells.
    pub version_dir: Option<String>,
}

/// Who looks, asks and installs.
#[expect(async_fn_in_trait, reason = "orchestration stays on one thread, so futures need not be Send")]
pub trait EnsureHost {
    /// What the host fails with.
    type Error: From<Error>;
    /// What a command gets.
    type Runtime;

    /// The runtime, if it is ready and has the feature.
    async fn ready(&self, feature: Feature) -> Result<Option<Self::Runtime>, Self::Error>;
    /// Whether a question can be asked.
    fn can_ask(&self) -> bool;
    /// The name of the installer that will be used.
    async fn installer(&self) -> &'static str;
    /// Asks the user.
    async fn confirm(&self, question: &str) -> Result<bool, Self::Error>;
    /// Installs the feature.
    async fn install(&self, feature: Feature) -> Result<Ensured<Self::Runtime>, Self::Error>;
    /// Writes a line for the user.
    fn print(&self, line: &str) -> Result<(), Self::Error>;
}

/// Returns the runtime, installing it first if it is missing and the policy allows.
pub async fn ensure<H: EnsureHost>(host: &H, request: EnsureRequest) -> Result<H::Runtime, H::Error> {
    let EnsureRequest { feature, policy } = request;
    if let Some(runtime) = host.ready(feature).await? {
        return Ok(runtime);
    }
    if policy == InstallPolicy::Never || (policy == InstallPolicy::Prompt && !host.can_ask()) {
        let command = install_command(feature);
        // The contract fixes the whole sentence, and that of a refusal below.
        let message = format!("KTX Python runtime is required for this command. Run: {command}");
        return Err(Error::new(Code::RuntimeRequired, message).into());
    }
    let installer = host.installer().await;
    if policy == InstallPolicy::Prompt {
        ask(host, feature, installer).await?;
    }
    host.print(&format!("Installing KTX Python runtime ({}) with {installer}...\n", feature.as_str()))?;
    let ensured = host.install(feature).await?;
    host.print(&format!("KTX Python runtime ready: {}\n", ensured.version_dir.unwrap_or_default()))?;
    Ok(ensured.runtime)
}

async fn ask<H: EnsureHost>(host: &H, feature: Feature, installer: &str) -> Result<(), H::Error> {
    let what = feature.runtime_name();
    let question =
        format!("KTX needs to install the {what}. This downloads Python dependencies with {installer}. Continue?");
    if host.confirm(&question).await? {
        return Ok(());
    }
    let message = format!("KTX Python runtime installation was cancelled. Run: {}", install_command(feature));
    Err(Error::new(Code::RuntimeCancelled, message).into())
}

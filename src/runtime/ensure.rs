//! Ensures the runtime of a command, subject to the user's install policy.

use super::{feature::Feature, policy::InstallPolicy, policy::install_command};
use crate::error::{Code, Error};

/// The requirement of a command.
#[derive(Debug, Clone, Copy)]
pub struct EnsureRequest {
    /// Required feature.
    pub feature: Feature,
    /// Whether a missing feature may be installed.
    pub policy: InstallPolicy,
}

/// Result of [`EnsureHost::install`].
#[derive(Debug)]
pub struct Ensured<R> {
    /// The installed runtime.
    pub runtime: R,
    /// Its version folder, if the host reports it.
    pub version_dir: Option<String>,
}

/// Reads the status, asks for confirmation and installs for [`ensure`].
#[expect(async_fn_in_trait, reason = "orchestration stays on one thread, so futures need not be Send")]
pub trait EnsureHost {
    /// Error type of the host.
    type Error: From<Error>;
    /// Description of the runtime that a command gets.
    type Runtime;

    /// Returns the runtime if it is ready and has the feature.
    async fn find_ready(&self, feature: Feature) -> Result<Option<Self::Runtime>, Self::Error>;
    /// Whether the user can be asked for confirmation.
    fn can_confirm(&self) -> bool;
    /// The name of the installer for messages.
    async fn installer_name(&self) -> &'static str;
    /// Asks the user for confirmation.
    async fn confirm(&self, question: &str) -> Result<bool, Self::Error>;
    /// Installs the feature.
    async fn install(&self, feature: Feature) -> Result<Ensured<Self::Runtime>, Self::Error>;
    /// Prints a line for the user.
    fn print(&self, line: &str) -> Result<(), Self::Error>;
}

/// Returns the runtime; installs it first if it is missing and the policy allows that.
///
/// Errors: [`Code::RuntimeRequired`], [`Code::RuntimeCancelled`], and those of the host.
pub async fn ensure<H: EnsureHost>(host: &H, request: EnsureRequest) -> Result<H::Runtime, H::Error> {
    let EnsureRequest { feature, policy } = request;
    if let Some(runtime) = host.find_ready(feature).await? {
        return Ok(runtime);
    }
    if policy == InstallPolicy::Never || (policy == InstallPolicy::Prompt && !host.can_confirm()) {
        let command = install_command(feature);
        // The contract fixes this text, and that of a cancelled installation below.
        let message = format!("KTX Python runtime is required for this command. Run: {command}");
        return Err(Error::new(Code::RuntimeRequired, message).into());
    }
    let installer = host.installer_name().await;
    if policy == InstallPolicy::Prompt {
        confirm_installation(host, feature, installer).await?;
    }
    host.print(&format!("Installing KTX Python runtime ({}) with {installer}...\n", feature.as_str()))?;
    let ensured = host.install(feature).await?;
    host.print(&format!("KTX Python runtime ready: {}\n", ensured.version_dir.unwrap_or_default()))?;
    Ok(ensured.runtime)
}

async fn confirm_installation<H: EnsureHost>(host: &H, feature: Feature, installer: &str) -> Result<(), H::Error> {
    let what = feature.runtime_name();
    let question =
        format!("KTX needs to install the {what}. This downloads Python dependencies with {installer}. Continue?");
    if host.confirm(&question).await? {
        return Ok(());
    }
    let message = format!("KTX Python runtime installation was cancelled. Run: {}", install_command(feature));
    Err(Error::new(Code::RuntimeCancelled, message).into())
}

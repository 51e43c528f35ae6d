//! The interface between an installation and its host: request, progress and errors.

use super::{
    contents,
    exec::Exec,
    feature::Feature,
    layout::Layout,
    status::{RuntimeStatus, StatusKind, read_status},
};
use crate::{env::Environment, error::Error, offload};
use serde::Serialize;

/// Request for an installation.
#[derive(Debug, Clone)]
pub struct InstallRequest {
    /// Paths of the runtime.
    pub layout: Layout,
    /// Environment variables of the host.
    pub env: Environment,
    /// Requested features.
    pub features: Vec<Feature>,
    /// Rebuild the environment even if it is up to date.
    pub force: bool,
}

/// Phases of an installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Waiting for another installer.
    Waiting,
    /// The bundled files are verified.
    Verify,
    /// uv or a Python is downloaded.
    Tools,
    /// The virtual environment is created.
    Environment,
    /// Packages are installed.
    Packages,
    /// The new environment is put into use.
    Finish,
}

/// A report of progress.
#[derive(Debug, Clone, Serialize)]
pub struct Progress {
    /// Phase of the installation.
    pub phase: Phase,
    /// One line for users.
    pub message: String,
}

/// Runs the commands of an installation and receives its progress.
pub trait InstallHost: Exec {
    /// Receives the progress of the installation.
    fn progress(&self, progress: Progress);

    /// Sets an error of the host as the cause of an error.
    fn with_cause(&self, error: Error, cause: Self::Error) -> Self::Error;
}

/// Reads the status of the runtime, and checks whether the packages of a ready one have all their files. Those
/// installed by an injected function are not checked.
pub(super) async fn inspect_runtime<H: InstallHost>(host: &H, layout: &Layout) -> (RuntimeStatus, bool) {
    let (layout, injected) = (layout.clone(), host.is_injected());
    offload::spawn_blocking(move || {
        let status = read_status(&layout);
        let is_intact =
            injected || status.kind != StatusKind::Ready || contents::find_damaged_file(&layout.venv_dir).is_none();
        (status, is_intact)
    })
    .await
}

pub(super) fn report<H: InstallHost>(host: &H, phase: Phase, message: impl Into<String>) {
    host.progress(Progress { phase, message: message.into() });
}

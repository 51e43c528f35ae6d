//! What an installation asks of its host, and what it reports to it.

use super::{
    contents,
    exec::Exec,
    feature::Feature,
    layout::Layout,
    status::{RuntimeStatus, StatusKind, read_status},
};
use crate::{env::Environment, error::Error, offload};
use serde::Serialize;

/// What is to be installed.
#[derive(Debug, Clone)]
pub struct InstallRequest {
    /// Where.
    pub layout: Layout,
    /// Environment variables of the host.
    pub env: Environment,
    /// What it shall be able to do.
    pub features: Vec<Feature>,
    /// Rebuild it even if it is up to date.
    pub force: bool,
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
    /// Receives the progress of the installation.
    fn progress(&self, progress: Progress);

    /// An error of ours with an error of the host's as its cause.
    fn with_cause(&self, error: Error, cause: Self::Error) -> Self::Error;
}

/// The status of the runtime, and whether the packages of a ready one have all their files; those that a host has
/// installed are not checked.
pub(super) async fn probe<H: InstallHost>(host: &H, layout: &Layout) -> (RuntimeStatus, bool) {
    let (layout, injected) = (layout.clone(), host.is_injected());
    offload::spawn_blocking(move || {
        let status = read_status(&layout);
        let sound = injected || status.kind != StatusKind::Ready || contents::damaged(&layout.venv_dir).is_none();
        (status, sound)
    })
    .await
}

pub(super) fn report<H: InstallHost>(host: &H, phase: Phase, message: impl Into<String>) {
    host.progress(Progress { phase, message: message.into() });
}

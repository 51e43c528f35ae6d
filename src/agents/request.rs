//! What is connected or disconnected.

use super::{client::Client, location::Scope, server::ServerOptions};
use std::path::PathBuf;

/// A change of clients: [`super::install`] connects them, [`super::remove`] disconnects them.
#[derive(Debug, Clone)]
pub struct Request {
    /// The project that the server serves, absolute.
    pub project_dir: PathBuf,
    /// The folder that agents work in, absolute.
    pub workspace_dir: PathBuf,
    /// The clients.
    pub clients: Vec<Client>,
    /// For one folder or for all.
    pub scope: Scope,
    /// The name of the server.
    pub server_name: String,
    /// The environment of `ktx.yaml` that the server uses.
    pub environment: Option<String>,
    /// Names of the environment variables that the project refers to: Codex passes on those that its file names.
    pub variables: Vec<String>,
    /// Whether to replace entries and files of others, and to remove files that were edited since.
    pub force: bool,
    /// Whether nothing is written.
    pub dry_run: bool,
}

impl Request {
    pub(super) fn server(&self, execute_queries: bool) -> ServerOptions<'_> {
        let Self { server_name: name, project_dir, environment, variables, .. } = self;
        ServerOptions { name, project_dir, environment: environment.as_deref(), variables, execute_queries }
    }
}

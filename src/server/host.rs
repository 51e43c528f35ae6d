//! The [`DaemonHost`] of the server: spawns the command line in place of the daemon, and is like the native one
//! otherwise.

use super::variables::is_of_launch;
use crate::{
    daemon::{
        DaemonHost, DaemonState, Health, LaunchFailure, LaunchIdentity, LaunchPlan, Launched, NativeDaemon,
        ProgramRecord, Subject, launch_with,
    },
    digest::sha256,
    env::{Environment, server},
    error::{Code, Error, Result},
    process::Signal,
    runtime::{Feature, Layout},
};
use std::{path::PathBuf, time::Duration};

const SERVER: Subject = Subject {
    capitalized: "MCP server",
    name: "MCP server",
    title: "KTX MCP server",
    start_failed: Code::ServerStartFailed,
    stop_failed: Code::ServerStopFailed,
};

/// The command line that serves a project over HTTP.
#[derive(Debug, Clone)]
pub struct Program {
    /// Path of Node.
    pub executable: PathBuf,
    /// Arguments: the entry of the command line, its command and flags.
    pub args: Vec<String>,
    /// Port to listen on; 0: any free one.
    pub port: u16,
    /// File with the bearer token of the clients, if the arguments name one.
    pub token_file: Option<PathBuf>,
    /// What else the program depends on, such as a hash of the token.
    pub configuration: String,
}

impl Program {
    fn arguments(&self) -> Vec<String> {
        self.args.iter().cloned().chain(["--port".to_owned(), self.port.to_string()]).collect()
    }
}

/// Manages the server of one project.
pub struct ServerHost<'a> {
    /// The layout of the server, and the variables of the host.
    pub native: NativeDaemon,
    /// What a start runs; `None` for other operations.
    pub program: Option<Program>,
    /// Called when a start or stop has to wait.
    pub on_wait: &'a dyn Fn(&str),
}

impl DaemonHost for ServerHost<'_> {
    type Error = Error;

    fn subject(&self) -> &'static Subject {
        &SERVER
    }

    fn launch_environment(&self, host: &Environment, layout: &Layout, launch: &LaunchIdentity) -> Environment {
        let env = host.clone().filtered(|name| !is_of_launch(name));
        env.with(server::INSTANCE, &launch.instance)
            .with(server::TOKEN, &launch.token)
            .with(server::STATE_FILE, layout.daemon_state_path.to_string_lossy())
            .with(server::LOG_FILE, layout.daemon_stderr_path.to_string_lossy())
    }

    fn program(&self) -> Option<ProgramRecord> {
        let program = self.program.as_ref()?;
        let launch = sha256([program.arguments(), vec![program.configuration.clone()]].concat().join("\0"));
        Some(ProgramRecord { launch, token_file: program.token_file.clone() })
    }

    /// The server installs the runtime at the first call that needs it, if it may.
    async fn install_runtime(&self, _: &[Feature]) -> Result<Option<PathBuf>> {
        Ok(self.program.as_ref().map(|program| program.executable.clone()))
    }

    fn report_wait(&self, message: &str) {
        (self.on_wait)(message);
    }

    async fn launch(&self, plan: &LaunchPlan) -> Result<Launched, LaunchFailure<Error>> {
        let port = self.program.as_ref().map_or(0, |program| program.port);
        // Where the socket is not inherited, the program listens on the port itself.
        let arguments = |_| self.program.as_ref().map(Program::arguments).unwrap_or_default();
        launch_with(plan, port, arguments).await.map_err(|failure| match failure {
            LaunchFailure::Host(error) if error.code() == Code::DaemonStartFailed => LaunchFailure::Host(
                Error::new(Code::ServerStartFailed, error.to_string())
                    .with_hint("Choose another port, or leave --port out to use a free one"),
            ),
            other => other,
        })
    }

    async fn health(&self, base_url: &str, token: Option<&str>) -> Result<Health, String> {
        self.native.health(base_url, token).await
    }

    async fn is_alive(&self, layout: &Layout, state: &DaemonState) -> Result<bool> {
        self.native.is_alive(layout, state).await
    }

    fn owns(&self, state: &DaemonState) -> bool {
        self.native.owns(state)
    }

    fn has_ended(&self, launched: &Launched) -> Result<bool> {
        self.native.has_ended(launched)
    }

    async fn request_shutdown(&self, state: &DaemonState) -> bool {
        self.native.request_shutdown(state).await
    }

    fn send_signal(&self, state: &DaemonState, signal: Signal) -> Result<()> {
        self.native.send_signal(state, signal)
    }

    async fn wait_for_exit(&self, layout: &Layout, state: &DaemonState, limit: Duration) -> Result<bool> {
        self.native.wait_for_exit(layout, state, limit).await
    }

    async fn find_unrecorded(&self, layout: &Layout) -> Option<DaemonState> {
        self.native.find_unrecorded(layout).await
    }

    async fn pause(&self) -> Result<Duration> {
        self.native.pause().await
    }

    fn now(&self) -> Result<String> {
        self.native.now()
    }
}

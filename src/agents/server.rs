//! The command that starts the MCP server, and its entry in the file of a client.

use super::location::{EntryShape, ServerFile};
use serde::Serialize;
use serde_json::{Value, json};
use std::path::{Component, Path};

/// The name of the server where none is chosen.
pub const DEFAULT_SERVER_NAME: &str = "ktx";

const PACKAGE: &str = "@kaelio/ktx";

const STARTUP_TIMEOUT_SECONDS: u32 = 60;

/// A command and its arguments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Server {
    /// The program.
    pub command: String,
    /// Its arguments.
    pub args: Vec<String>,
}

/// What servers are made with.
#[derive(Debug, Clone, Copy)]
pub(super) struct ServerOptions<'a> {
    pub(super) name: &'a str,
    pub(super) project_dir: &'a Path,
    pub(super) environment: Option<&'a str>,
    pub(super) variables: &'a [String],
    pub(super) execute_queries: bool,
}

impl Server {
    /// The server of a project through `npx`, which takes the package of the folder or the newest one.
    pub(super) fn new(project_dir: &str, options: &ServerOptions<'_>) -> Self {
        let package = ["npx", "-y", PACKAGE, "serve", "--mcp", "stdio"].map(str::to_owned);
        let mut words: Vec<String> = Vec::new();
        if cfg!(windows) {
            // `npx` is a script there, which most clients do not start without a shell.
            words.extend(["cmd", "/c"].map(str::to_owned));
        }
        words.extend(package);
        words.extend(["--project-dir".to_owned(), project_dir.to_owned()]);
        if let Some(environment) = options.environment {
            words.extend(["--env".to_owned(), environment.to_owned()]);
        }
        if options.execute_queries {
            words.push("--execute-queries".to_owned());
        }
        let args = words.split_off(1);
        Self { command: words.remove(0), args }
    }

    /// The entry in the file of a client, which may have to name the environment variables of the server.
    pub(super) fn entry(&self, shape: EntryShape, variables: &[String]) -> Value {
        let Self { command, args } = self;
        match shape {
            EntryShape::Command => json!({ "command": command, "args": args }),
            EntryShape::TypedCommand => json!({ "type": "stdio", "command": command, "args": args }),
            EntryShape::CommandWithTimeout if variables.is_empty() => {
                json!({ "command": command, "args": args, "startup_timeout_sec": STARTUP_TIMEOUT_SECONDS })
            }
            EntryShape::CommandWithTimeout => json!({
                "command": command,
                "args": args,
                "env_vars": variables,
                "startup_timeout_sec": STARTUP_TIMEOUT_SECONDS,
            }),
            EntryShape::CommandList => {
                let words: Vec<_> = std::iter::once(command).chain(args).collect();
                json!({ "type": "local", "command": words, "enabled": true })
            }
        }
    }
}

/// The project as the file of a client names it: relative to the workspace where the client has a form for that and the
/// project lies in it, so that a committed file is right on every machine; else absolute.
pub(super) fn project_argument(file: &ServerFile, workspace: &Path, project_dir: &Path) -> String {
    let absolute = || project_dir.to_string_lossy().into_owned();
    let (Some(prefix), Ok(below)) = (file.workspace, project_dir.strip_prefix(workspace)) else { return absolute() };
    let parts = below.components().filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_string_lossy()),
        _ => None,
    });
    let below = parts.collect::<Vec<_>>().join("/");
    match (prefix, below.as_str()) {
        ("", "") => ".".to_owned(),
        ("", below) => format!("./{below}"),
        (prefix, "") => prefix.to_owned(),
        (prefix, below) => format!("{prefix}/{below}"),
    }
}

//! The files that each client reads. Sources: the documentation of each client on MCP servers, skills and rules,
//! read in November 2026.

use super::client::Client;
use crate::{env::Environment, error::Result, runtime};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Whose agents are connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Those that work in one folder; its files may be committed for a team.
    Project,
    /// Those of the user, in every folder.
    Global,
}

/// Folders that paths are relative to.
#[derive(Debug, Clone)]
pub struct Folders {
    /// The folder that agents work in.
    pub workspace: PathBuf,
    home: PathBuf,
    /// Settings of applications: `~/.config`, `~/Library/Application Support` or `%APPDATA%`.
    applications: PathBuf,
    /// `$XDG_CONFIG_HOME`, else `~/.config` on every platform.
    xdg: PathBuf,
    claude: Option<PathBuf>,
    codex: PathBuf,
}

impl Folders {
    /// The folders of a user and a workspace.
    ///
    /// Errors: [`crate::error::Code::EnvInvalid`] where no home folder is known or a variable holds a relative path.
    pub fn new(workspace: &Path, env: &Environment) -> Result<Self> {
        let home = runtime::user_home(env)?;
        let xdg = env.absolute_path_unless_empty("XDG_CONFIG_HOME")?.unwrap_or_else(|| home.join(".config"));
        let applications = if cfg!(windows) {
            env.absolute_path_unless_empty("APPDATA")?.unwrap_or_else(|| home.join("AppData").join("Roaming"))
        } else if cfg!(target_os = "macos") {
            home.join("Library").join("Application Support")
        } else {
            xdg.clone()
        };
        Ok(Self {
            workspace: workspace.to_owned(),
            claude: env.absolute_path_unless_empty("CLAUDE_CONFIG_DIR")?,
            codex: env.absolute_path_unless_empty("CODEX_HOME")?.unwrap_or_else(|| home.join(".codex")),
            home,
            applications,
            xdg,
        })
    }

    /// Folders that exist where the client is installed.
    pub(super) fn traces(&self, client: Client) -> Vec<PathBuf> {
        match client {
            Client::ClaudeCode => vec![self.claude.clone().unwrap_or_else(|| self.home.join(".claude"))],
            Client::ClaudeDesktop => vec![self.applications.join("Claude")],
            Client::Codex => vec![self.codex.clone()],
            Client::Cursor => vec![self.home.join(".cursor")],
            Client::Vscode => vec![self.applications.join("Code")],
            Client::Windsurf => vec![self.home.join(".codeium").join("windsurf")],
            Client::Opencode => vec![self.xdg.join("opencode")],
            Client::Gemini => vec![self.home.join(".gemini")],
        }
    }
}

/// How a client writes its servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Syntax {
    /// JSON, with comments and trailing commas where the client takes them.
    Json,
    /// TOML.
    Toml,
}

/// The keys of a server's entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EntryShape {
    /// `{ command, args }`.
    Command,
    /// The same with `type: "stdio"`.
    TypedCommand,
    /// The same with `startup_timeout_sec`, as the first start downloads the package and Codex waits for 10 s, and with
    /// `env_vars`, as Codex passes no others on.
    CommandWithTimeout,
    /// `{ type: "local", command: [command, …args], enabled: true }`.
    CommandList,
}

/// The file in which a client looks for servers.
#[derive(Debug, Clone)]
pub(super) struct ServerFile {
    pub(super) path: PathBuf,
    pub(super) syntax: Syntax,
    /// The key that holds the servers by name.
    pub(super) key: &'static str,
    pub(super) shape: EntryShape,
    /// The working folder of the server as the client writes it: a relative project starts from there. `None`: the
    /// client promises no working folder.
    pub(super) workspace: Option<&'static str>,
}

/// Rules that a client reads before each task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum RulesFile {
    /// A file of our own, with the front matter that the client needs.
    Own { path: PathBuf, front_matter: &'static str },
    /// A file of the user's, in which a section is ours.
    Section { path: PathBuf },
}

/// The file of servers; `None` where the client has none in this scope.
pub(super) fn server_file(client: Client, scope: Scope, folders: &Folders) -> Option<ServerFile> {
    let Folders { workspace, home, applications, codex, .. } = folders;
    let json = |path: PathBuf, key, shape, workspace| ServerFile { path, syntax: Syntax::Json, key, shape, workspace };
    let servers = |path: PathBuf, workspace| json(path, "mcpServers", EntryShape::Command, workspace);
    Some(match (client, scope) {
        (Client::ClaudeCode, Scope::Project) => servers(workspace.join(".mcp.json"), Some("")),
        (Client::ClaudeCode, Scope::Global) => {
            servers(folders.claude.as_ref().unwrap_or(home).join(".claude.json"), None)
        }
        (Client::ClaudeDesktop, Scope::Project) | (Client::Windsurf, Scope::Project) => return None,
        (Client::ClaudeDesktop, Scope::Global) => {
            servers(applications.join("Claude").join("claude_desktop_config.json"), None)
        }
        (Client::Codex, Scope::Project) => codex_file(&workspace.join(".codex"), Some("")),
        (Client::Codex, Scope::Global) => codex_file(codex, None),
        (Client::Cursor, Scope::Project) => {
            servers(workspace.join(".cursor").join("mcp.json"), Some("${workspaceFolder}"))
        }
        (Client::Cursor, Scope::Global) => servers(home.join(".cursor").join("mcp.json"), None),
        (Client::Vscode, Scope::Project) => {
            let path = workspace.join(".vscode").join("mcp.json");
            json(path, "servers", EntryShape::TypedCommand, Some("${workspaceFolder}"))
        }
        (Client::Vscode, Scope::Global) => {
            json(applications.join("Code").join("User").join("mcp.json"), "servers", EntryShape::TypedCommand, None)
        }
        (Client::Windsurf, Scope::Global) => {
            servers(home.join(".codeium").join("windsurf").join("mcp_config.json"), None)
        }
        (Client::Opencode, Scope::Project) => json(opencode_file(workspace), "mcp", EntryShape::CommandList, Some("")),
        (Client::Opencode, Scope::Global) => {
            json(opencode_file(&folders.xdg.join("opencode")), "mcp", EntryShape::CommandList, None)
        }
        (Client::Gemini, Scope::Project) => servers(workspace.join(".gemini").join("settings.json"), Some("")),
        (Client::Gemini, Scope::Global) => servers(home.join(".gemini").join("settings.json"), None),
    })
}

fn codex_file(folder: &Path, workspace: Option<&'static str>) -> ServerFile {
    let path = folder.join("config.toml");
    ServerFile { path, syntax: Syntax::Toml, key: "mcp_servers", shape: EntryShape::CommandWithTimeout, workspace }
}

/// `opencode.jsonc` where the user has one, else `opencode.json`.
fn opencode_file(folder: &Path) -> PathBuf {
    let with_comments = folder.join("opencode.jsonc");
    if with_comments.is_file() { with_comments } else { folder.join("opencode.json") }
}

/// The folder of the skill; `None` where the client has no skills.
pub(super) fn skill_folder(client: Client, scope: Scope, folders: &Folders) -> Option<PathBuf> {
    let Folders { workspace, home, .. } = folders;
    let skills = match (client, scope) {
        (Client::ClaudeDesktop, _) => return None,
        (Client::ClaudeCode, Scope::Project) => workspace.join(".claude"),
        (Client::ClaudeCode, Scope::Global) => folders.claude.clone().unwrap_or_else(|| home.join(".claude")),
        (Client::Codex, Scope::Project) => workspace.join(".agents"),
        (Client::Codex, Scope::Global) => home.join(".agents"),
        (Client::Cursor, Scope::Project) => workspace.join(".cursor"),
        (Client::Cursor, Scope::Global) => home.join(".cursor"),
        (Client::Vscode, Scope::Project) => workspace.join(".github"),
        (Client::Vscode, Scope::Global) => home.join(".copilot"),
        (Client::Windsurf, Scope::Project) => workspace.join(".windsurf"),
        (Client::Windsurf, Scope::Global) => home.join(".codeium").join("windsurf"),
        (Client::Opencode, Scope::Project) => workspace.join(".opencode"),
        (Client::Opencode, Scope::Global) => folders.xdg.join("opencode"),
        (Client::Gemini, Scope::Project) => workspace.join(".gemini"),
        (Client::Gemini, Scope::Global) => home.join(".gemini"),
    };
    Some(skills.join("skills").join("ktx"))
}

/// The rules of a workspace. Rules that hold in every folder are not written: most folders have no data.
pub(super) fn rules_file(client: Client, scope: Scope, folders: &Folders) -> Option<RulesFile> {
    if scope == Scope::Global {
        return None;
    }
    let own = |path: PathBuf, front_matter| Some(RulesFile::Own { path, front_matter });
    let section = |name: &str| Some(RulesFile::Section { path: folders.workspace.join(name) });
    let rules = |folder: &str, name: &str| folders.workspace.join(folder).join("rules").join(name);
    match client {
        Client::ClaudeDesktop => None,
        Client::ClaudeCode => own(rules(".claude", "ktx.md"), ""),
        Client::Cursor => own(rules(".cursor", "ktx.mdc"), "alwaysApply: true\n"),
        Client::Windsurf => own(rules(".windsurf", "ktx.md"), "trigger: always_on\n"),
        Client::Vscode => {
            let folder = folders.workspace.join(".github").join("instructions");
            own(folder.join("ktx.instructions.md"), "applyTo: \"**\"\n")
        }
        Client::Codex | Client::Opencode => section("AGENTS.md"),
        Client::Gemini => section("GEMINI.md"),
    }
}

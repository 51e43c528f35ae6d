//! Clients of agents: every client and scope is connected, listed and disconnected without a trace.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use ktx::{
    agents::{Client, FileStatus, Folders, Request, Scope, install, list, remove},
    env::Environment,
    error::Code,
};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};
use tempfile::TempDir;

/// A home folder with a repository, and a project in it.
struct Machine {
    folder: TempDir,
}

impl Machine {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let machine = Self { folder };
        fs::create_dir_all(machine.workspace().join(".git")).unwrap();
        fs::create_dir_all(machine.project()).unwrap();
        fs::write(machine.project().join("ktx.yaml"), "project: shop\n").unwrap();
        machine
    }

    fn home(&self) -> PathBuf {
        fs::canonicalize(self.folder.path()).unwrap().join("home ü")
    }

    fn workspace(&self) -> PathBuf {
        self.home().join("code")
    }

    fn project(&self) -> PathBuf {
        self.workspace().join("data/shop")
    }

    fn env(&self) -> Environment {
        let text = |path: PathBuf| path.to_string_lossy().into_owned();
        let names = if cfg!(windows) { ("USERPROFILE", "APPDATA") } else { ("HOME", "XDG_CONFIG_HOME") };
        Environment::default().with(names.0, text(self.home())).with(names.1, text(self.home().join(".config")))
    }

    fn request(&self, clients: &[Client], scope: Scope) -> Request {
        Request {
            project_dir: self.project(),
            workspace_dir: self.workspace(),
            clients: clients.to_vec(),
            scope,
            server_name: "ktx".into(),
            environment: None,
            variables: Vec::new(),
            force: false,
            dry_run: false,
        }
    }

    /// Every file and folder, with its text.
    fn files(&self) -> BTreeMap<PathBuf, String> {
        fn collect(folder: &Path, found: &mut BTreeMap<PathBuf, String>) {
            for entry in fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path()) {
                if entry.is_dir() {
                    found.insert(entry.clone(), "folder".into());
                    collect(&entry, found);
                } else {
                    found.insert(entry.clone(), fs::read_to_string(&entry).unwrap());
                }
            }
        }
        let mut found = BTreeMap::new();
        collect(&self.home(), &mut found);
        found
    }
}

fn is_supported(client: Client, scope: Scope) -> bool {
    scope == Scope::Global || !matches!(client, Client::ClaudeDesktop | Client::Windsurf)
}

const SCOPES: [Scope; 2] = [Scope::Project, Scope::Global];

#[test]
fn every_client_is_connected_listed_and_disconnected_without_a_trace() {
    for scope in SCOPES {
        for client in Client::ALL {
            let machine = Machine::new();
            let before = machine.files();
            let result = install(&machine.request(&[client], scope), false, &machine.env());
            if !is_supported(client, scope) {
                assert_eq!(result.unwrap_err().code(), Code::AgentUnsupported);
                assert_eq!(machine.files(), before);
                continue;
            }
            let installed = result.unwrap();
            assert!(installed.files.iter().all(|file| file.status == FileStatus::Created && file.path.is_file()));
            let text = fs::read_to_string(&installed.files[0].path).unwrap();
            assert!(text.contains("@kaelio/ktx") && text.contains("--project-dir"), "{text}");
            let is_portable = !text.contains("home ü");
            assert_eq!(is_portable, scope == Scope::Project, "{client:?}: {text}");

            let all = list(&machine.project(), &machine.workspace(), "ktx", &machine.env()).unwrap();
            let connected: Vec<_> = all.iter().filter(|status| !status.installations.is_empty()).collect();
            assert_eq!(connected.len(), 1);
            assert_eq!(connected[0].client, client);
            assert_eq!(connected[0].installations[0].files.len(), installed.files.len());

            let again = install(&machine.request(&[client], scope), false, &machine.env()).unwrap();
            assert!(again.files.iter().all(|file| file.status == FileStatus::Unchanged));
            let removed = remove(&machine.request(&[client], scope), &machine.env()).unwrap();
            assert!(removed.files.iter().all(|file| file.status == FileStatus::Removed));
            assert_eq!(machine.files(), before, "{client:?}");
            assert!(remove(&machine.request(&[client], scope), &machine.env()).unwrap().files.is_empty());
        }
    }
}

#[test]
fn files_of_the_user_are_restored_to_the_byte() {
    let machine = Machine::new();
    let workspace = machine.workspace();
    fs::create_dir_all(workspace.join(".codex")).unwrap();
    fs::create_dir_all(workspace.join(".gemini")).unwrap();
    for (name, text) in [
        (".mcp.json", "{\r\n\t\"mcpServers\": { \"other\": { \"env\": { \"KEY\": \"hunter2\" } } } // mine\r\n}"),
        (".codex/config.toml", "model = \"x\" # mine\n\n[mcp_servers.other]\ncommand = \"y\"\n"),
        (".gemini/settings.json", "{\"theme\":\"dark\"}"),
        ("opencode.jsonc", "{\n  // mine\n  \"mcp\": {},\n}\n"),
        ("AGENTS.md", "# Mine\n\nText without an end of line"),
        ("GEMINI.md", ""),
    ] {
        fs::write(workspace.join(name), text).unwrap();
    }
    let before = machine.files();
    let clients = [Client::ClaudeCode, Client::Codex, Client::Opencode, Client::Gemini];
    install(&machine.request(&clients, Scope::Project), false, &machine.env()).unwrap();
    let agents = fs::read_to_string(workspace.join("AGENTS.md")).unwrap();
    assert_eq!(agents.matches("ktx: begin").count(), 1);
    let manifest = fs::read_to_string(machine.project().join(".ktx/agents.json")).unwrap();
    assert!(!manifest.contains("hunter2"));
    // Codex and opencode share AGENTS.md: it stays until both are gone.
    remove(&machine.request(&[Client::Codex], Scope::Project), &machine.env()).unwrap();
    assert_eq!(fs::read_to_string(workspace.join("AGENTS.md")).unwrap(), agents);
    remove(&machine.request(&clients, Scope::Project), &machine.env()).unwrap();
    assert_eq!(machine.files(), before);
}

#[test]
fn without_a_record_only_our_own_text_is_removed() {
    let machine = Machine::new();
    fs::write(machine.workspace().join("AGENTS.md"), "# Mine\n").unwrap();
    let before = machine.files();
    let clients = [Client::ClaudeCode, Client::Codex];
    install(&machine.request(&clients, Scope::Project), true, &machine.env()).unwrap();
    fs::remove_file(machine.project().join(".ktx/agents.json")).unwrap();
    remove(&machine.request(&clients, Scope::Project), &machine.env()).unwrap();
    let left: Vec<_> = machine.files().into_iter().filter(|(_, text)| text != "folder").collect();
    let expected: Vec<_> = before.into_iter().filter(|(_, text)| text != "folder").collect();
    assert_eq!(
        left.iter().map(|(path, _)| path).collect::<Vec<_>>(),
        expected.iter().map(|(path, _)| path).collect::<Vec<_>>()
    );
    assert_eq!(fs::read_to_string(machine.workspace().join("AGENTS.md")).unwrap().trim_end(), "# Mine");
}

#[test]
fn server_gets_the_environment() {
    let machine = Machine::new();
    let request = machine.request(&[Client::ClaudeCode], Scope::Project);
    install(&Request { environment: Some("prod".into()), ..request.clone() }, true, &machine.env()).unwrap();
    let entry = fs::read_to_string(machine.workspace().join(".mcp.json")).unwrap();
    let entry: serde_json::Value = serde_json::from_str(&entry).unwrap();
    let args = entry["mcpServers"]["ktx"]["args"].as_array().unwrap();
    assert_eq!(args[args.len() - 3..], ["--env", "prod", "--execute-queries"]);
    install(&request, true, &machine.env()).unwrap();
    assert!(!fs::read_to_string(machine.workspace().join(".mcp.json")).unwrap().contains("--env"));
}

#[test]
fn codex_is_given_the_variables_that_the_project_refers_to() {
    let machine = Machine::new();
    let request = machine.request(&[Client::Codex, Client::ClaudeCode], Scope::Project);
    let variables = vec!["SHOP_URL".to_owned(), "TOKEN".to_owned()];
    install(&Request { variables, ..request.clone() }, true, &machine.env()).unwrap();
    let read = |name| fs::read_to_string(machine.workspace().join(name)).unwrap();
    assert!(read(".codex/config.toml").contains("env_vars = [\"SHOP_URL\", \"TOKEN\"]"));
    assert!(!read(".mcp.json").contains("SHOP_URL"), "other clients pass the variables of the user on");
    install(&request, true, &machine.env()).unwrap();
    assert!(!read(".codex/config.toml").contains("env_vars"));
}

#[test]
fn an_entry_of_others_is_a_conflict_and_changes_nothing() {
    let machine = Machine::new();
    let text = "{\"mcpServers\": {\"ktx\": {\"command\": \"other\"}}}";
    fs::write(machine.workspace().join(".mcp.json"), text).unwrap();
    let before = machine.files();
    let request = machine.request(&[Client::Codex, Client::ClaudeCode], Scope::Project);
    let error = install(&request, false, &machine.env()).unwrap_err();
    assert_eq!(error.code(), Code::AgentConflict);
    assert!(error.to_string().contains(".mcp.json has another server ktx already"), "{error}");
    assert_eq!(machine.files(), before);
    install(&Request { server_name: "shop".into(), ..request.clone() }, false, &machine.env()).unwrap();
    install(&Request { force: true, ..request }, false, &machine.env()).unwrap();
    assert!(!fs::read_to_string(machine.workspace().join(".mcp.json")).unwrap().contains("other"));
}

#[test]
fn a_file_that_cannot_be_read_is_not_touched() {
    for text in ["{ nonsense", "[]", "{\"mcpServers\": []}"] {
        let machine = Machine::new();
        fs::write(machine.workspace().join(".mcp.json"), text).unwrap();
        let error =
            install(&machine.request(&[Client::ClaudeCode], Scope::Project), false, &machine.env()).unwrap_err();
        assert_eq!(error.code(), Code::AgentFileInvalid);
        assert_eq!(fs::read_to_string(machine.workspace().join(".mcp.json")).unwrap(), text);
    }
    let machine = Machine::new();
    fs::write(machine.workspace().join(".mcp.json"), b"{\"a\": \"\xff\"}").unwrap();
    let error = install(&machine.request(&[Client::ClaudeCode], Scope::Project), false, &machine.env()).unwrap_err();
    assert_eq!(error.code(), Code::AgentFileInvalid);
}

#[test]
fn an_edited_skill_is_kept_unless_forced() {
    let machine = Machine::new();
    let installed = install(&machine.request(&[Client::ClaudeCode], Scope::Project), false, &machine.env()).unwrap();
    let skill = installed.files.iter().map(|file| &file.path).find(|path| path.ends_with("SKILL.md")).unwrap();
    fs::write(skill, "mine now").unwrap();
    let error = install(&machine.request(&[Client::ClaudeCode], Scope::Project), false, &machine.env()).unwrap_err();
    assert_eq!(error.code(), Code::AgentConflict);
    let removed = remove(&machine.request(&[Client::ClaudeCode], Scope::Project), &machine.env()).unwrap();
    assert!(removed.files.iter().any(|file| file.path == *skill && file.status == FileStatus::Kept));
    assert_eq!(fs::read_to_string(skill).unwrap(), "mine now");
    let forced = Request { force: true, ..machine.request(&[Client::ClaudeCode], Scope::Project) };
    remove(&forced, &machine.env()).unwrap();
    assert!(!skill.exists());
}

#[test]
fn a_dry_run_writes_nothing() {
    let machine = Machine::new();
    let before = machine.files();
    let request = Request { dry_run: true, ..machine.request(&[Client::Cursor], Scope::Project) };
    assert_eq!(install(&request, false, &machine.env()).unwrap().files.len(), 3);
    assert_eq!(machine.files(), before);
    install(&Request { dry_run: false, ..request }, false, &machine.env()).unwrap();
    let with = machine.files();
    let request = Request { dry_run: true, ..machine.request(&[Client::Cursor], Scope::Project) };
    assert_eq!(remove(&request, &machine.env()).unwrap().files.len(), 3);
    assert_eq!(machine.files(), with);
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_workspace_is_refused_and_one_of_the_user_is_followed() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let machine = Machine::new();
    let outside = machine.home().join("outside.json");
    fs::write(&outside, "{}").unwrap();
    symlink(&outside, machine.workspace().join(".mcp.json")).unwrap();
    let error = install(&machine.request(&[Client::ClaudeCode], Scope::Project), false, &machine.env()).unwrap_err();
    assert_eq!(error.code(), Code::ProjectUnsafe);
    assert_eq!(fs::read_to_string(&outside).unwrap(), "{}");

    fs::set_permissions(&outside, fs::Permissions::from_mode(0o600)).unwrap();
    symlink(&outside, machine.home().join(".claude.json")).unwrap();
    install(&machine.request(&[Client::ClaudeCode], Scope::Global), false, &machine.env()).unwrap();
    assert!(fs::read_to_string(&outside).unwrap().contains("@kaelio/ktx"));
    assert!(machine.home().join(".claude.json").is_symlink());
    assert_eq!(fs::metadata(&outside).unwrap().permissions().mode() & 0o777, 0o600);
    remove(&machine.request(&[Client::ClaudeCode], Scope::Global), &machine.env()).unwrap();
    assert_eq!(fs::read_to_string(&outside).unwrap(), "{}");
}

#[test]
fn folders_follow_the_variables_of_clients() {
    let machine = Machine::new();
    let env = machine.env().with("CODEX_HOME", machine.home().join("c").to_string_lossy());
    install(&machine.request(&[Client::Codex], Scope::Global), false, &env).unwrap();
    assert!(machine.home().join("c/config.toml").is_file());
    assert_eq!(Folders::new(&machine.workspace(), &env.with("CODEX_HOME", "c")).unwrap_err().code(), Code::EnvInvalid);
}

#[test]
fn forged_manifest_removes_no_other_folder_and_breaks_nothing() {
    let machine = Machine::new();
    let installed = install(&machine.request(&[Client::ClaudeCode], Scope::Project), false, &machine.env()).unwrap();
    let other = machine.home().join("empty");
    fs::create_dir(&other).unwrap();
    let manifest = machine.project().join(".ktx/agents.json");
    let mut record: serde_json::Value = serde_json::from_str(&fs::read_to_string(&manifest).unwrap()).unwrap();
    for change in record["changes"].as_array_mut().unwrap() {
        change["createdFolders"] = serde_json::json!([other]);
        change["insertion"]["offset"] = 1_000_000.into();
    }
    fs::write(&manifest, record.to_string()).unwrap();
    remove(&machine.request(&[Client::ClaudeCode], Scope::Project), &machine.env()).unwrap();
    assert!(other.is_dir());
    assert!(installed.files.iter().all(|file| !file.path.exists()));
}

#![allow(clippy::unwrap_used, reason = "an unwrap in a test is an assertion")]

use super::{BundleRequest, write};
use crate::{
    env::Environment,
    runtime::{Layout, LayoutOptions, Platform},
};
use serde_json::{Value, json};
use std::{collections::BTreeMap, fs, io::Read, path::Path};

const CONFIG: &str = "
connections:
  warehouse: { driver: postgres, url: 'postgres://me:s3cret%21word@db.corp.example:5432/shop', readonly: true }
  lake: { driver: mysql, url: env:LAKE_ADDRESS }
  looker: { driver: looker, base_url: https://looker.corp.example, client_secret: plainsecretvalue, pin: 90210777 }
  file: { driver: postgres, url: file:/home/me/secret-path }
";

/// Texts that no file of a bundle may contain.
const SECRETS: &[&str] = &[
    "s3cret!word",
    "s3cret%21word",
    "db.corp.example",
    "looker.corp.example",
    "plainsecretvalue",
    "90210777",
    "lakepassword",
    "lake.corp.example",
    "daemontoken99",
    "variabletoken77",
    "bearertoken55",
    "pathtoken33",
    "/home/me",
    "named-hunter2",
    "other.corp.example",
];

fn text_with_secrets() -> String {
    let lines = SECRETS.iter().filter(|secret| !secret.starts_with("named") && !secret.ends_with("55"));
    let lines = lines.filter(|secret| !secret.ends_with("33") && !secret.starts_with("other"));
    let mut text: String =
        lines.map(|secret| format!("it failed with {secret}, {}\n", json!({ "text": secret }))).collect();
    text.push_str("Authorization: Bearer bearertoken55\nPOST /t/pathtoken33/sql/execute\npassword=named-hunter2\n");
    text.push_str("at https://other.corp.example:8443/x and http://127.0.0.1:8765/health\n");
    text
}

fn request(folder: &Path) -> BundleRequest {
    let env = [
        ("HOME", "/home/me"),
        ("LAKE_ADDRESS", "mysql://u:lakepassword@lake.corp.example/d"),
        ("KTX_DAEMON_TOKEN", "variabletoken77"),
    ];
    let env: Environment = env.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let layout = Layout::new(LayoutOptions {
        cli_version: "1.2.3".into(),
        platform: Platform::CURRENT,
        env: env.clone(),
        home_dir: None,
        runtime_root: Some(folder.join("root")),
        asset_dir: folder.join("assets"),
    })
    .unwrap();
    let (project_dir, host) = (Some(folder.join("project")), json!({ "node": "v22.0.0" }));
    BundleRequest { layout, env, project_dir, file: folder.join("bundle.zip"), host, checks: Vec::new() }
}

fn write_files(request: &BundleRequest) {
    let layout = &request.layout;
    fs::create_dir_all(&layout.version_dir).unwrap();
    fs::create_dir_all(request.project_dir.as_ref().unwrap()).unwrap();
    fs::write(request.project_dir.as_ref().unwrap().join("ktx.yaml"), CONFIG).unwrap();
    let state = json!({ "pid": 7, "token": "daemontoken99", "note": text_with_secrets() });
    fs::write(&layout.daemon_state_path, state.to_string()).unwrap();
    fs::write(&layout.manifest_path, json!({ "note": text_with_secrets(), "cliVersion": "1.2.3" }).to_string())
        .unwrap();
    let logs = [&layout.install_log_path, &layout.daemon_stderr_path, &layout.daemon_stdout_path];
    for log in logs.into_iter().chain([&layout.runtime_root.join("ktx.log")]) {
        fs::write(log, text_with_secrets()).unwrap();
    }
}

fn contents(file: &Path) -> BTreeMap<String, String> {
    let mut archive = zip::ZipArchive::new(fs::File::open(file).unwrap()).unwrap();
    let length = archive.len();
    let mut read = |index| {
        let mut entry = archive.by_index(index).unwrap();
        let mut text = String::new();
        entry.read_to_string(&mut text).unwrap();
        (entry.name().unwrap().into_owned(), text)
    };
    (0..length).map(&mut read).collect()
}

#[test]
fn secrets_of_all_files_are_redacted() {
    let folder = tempfile::tempdir().unwrap();
    let request = request(folder.path());
    write_files(&request);
    write(&request).unwrap();
    let contents = contents(&request.file);
    for (name, text) in &contents {
        for secret in SECRETS {
            assert!(!text.contains(secret), "{name} has {secret}: {text}");
        }
    }
    for log in ["ktx.log", "install.log", "daemon.stderr.log", "daemon.stdout.log"] {
        assert!(contents[log].contains("it failed with") && contents[log].contains("http://127.0.0.1:8765/health"));
    }
    let project: Value = serde_json::from_str(&contents["project.json"]).unwrap();
    let warehouse = json!({ "driver": "postgres", "url": "***", "readonly": true });
    assert_eq!(project["connections"]["warehouse"], warehouse);
    assert_eq!(project["connections"]["lake"]["url"], "env:LAKE_ADDRESS");
    let settings: Value = serde_json::from_str(&contents["settings.json"]).unwrap();
    assert_eq!(settings, json!(["KTX_DAEMON_TOKEN"]));
}

#[test]
fn bundle_is_reproducible_and_its_readme_lists_the_files() {
    let folder = tempfile::tempdir().unwrap();
    let request = request(folder.path());
    write_files(&request);
    let bundle = write(&request).unwrap();
    let names: Vec<_> = bundle.entries.iter().map(|entry| entry.name).collect();
    let states = ["versions.json", "doctor.json", "status.json", "settings.json", "project.json"];
    let files = ["manifest.json", "daemon.json", "ktx.log", "install.log", "daemon.stderr.log", "daemon.stdout.log"];
    assert_eq!(names, [&states[..], &files[..]].concat());
    let mut archive = zip::ZipArchive::new(fs::File::open(&request.file).unwrap()).unwrap();
    let mut read_me = String::new();
    archive.by_index(0).unwrap().read_to_string(&mut read_me).unwrap();
    assert!(names.iter().all(|name| read_me.contains(name)) && read_me.contains("nothing was sent"), "{read_me}");
    let first = fs::read(&request.file).unwrap();
    fs::remove_file(&request.file).unwrap();
    write(&request).unwrap();
    assert_eq!(fs::read(&request.file).unwrap(), first);
}

#[test]
fn existing_file_is_not_overwritten_and_a_bundle_is_private() {
    let folder = tempfile::tempdir().unwrap();
    let request = request(folder.path());
    write(&request).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&request.file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    fs::write(&request.file, "mine").unwrap();
    let error = write(&request).unwrap_err().to_string();
    assert!(error.contains("exists. Name another file with --bundle FILE"), "{error}");
    assert_eq!(fs::read_to_string(&request.file).unwrap(), "mine");
}

//! Collects the files of a bundle, before they are redacted.

use super::{
    model::{Bundle, BundleRequest, Entry},
    project::{self, Config},
};
use crate::{env::Environment, log, redact, runtime::read_status};
use serde_json::{Value, json};
use std::{
    fs::{self, File},
    io::{Read, Seek, SeekFrom},
    path::Path,
};

/// Maximum number of bytes that are read from the end of a log.
const MAX_LOG_BYTES: u64 = 256 * 1024;

/// Prefixes of the variables that affect KTX. Their names are shown, never their values.
const SETTINGS: &[&str] = &[
    "KTX_",
    "XDG_",
    "PIP_",
    "UV_",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "SSL_CERT_",
    "HF_",
    "PYTHON",
    "VIRTUAL_ENV",
    "CONDA_",
    "LOCALAPPDATA",
    "APPDATA",
    "TMPDIR",
    "SUDO_UID",
    "NO_COLOR",
    "TERM",
    "NODE_OPTIONS",
];

/// All files but the README.
pub(super) fn collect_entries(request: &BundleRequest, config: Option<&Config>) -> Vec<Entry> {
    let layout = &request.layout;
    let status = read_status(layout);
    let mut entries = vec![
        json("versions.json", "versions of KTX, of its host and of the platform", &versions(request)),
        json("doctor.json", "the checks of ktx runtime doctor", &json!({ "checks": request.checks })),
        json("status.json", "what is installed", &json!({ "kind": status.kind, "detail": status.detail })),
        json("settings.json", "names of the variables that are set, without values", &settings(&request.env)),
    ];
    if let Some(config) = config {
        entries.push(json("project.json", "ktx.yaml without secrets and hosts", &project::redact_config(config)));
    }
    let files = [
        ("manifest.json", "the installed runtime", &layout.manifest_path),
        ("daemon.json", "the daemon in use, without its token", &layout.daemon_state_path),
    ];
    entries.extend(files.into_iter().filter_map(|(name, about, path)| state_file(name, about, path)));
    let logs = [
        ("ktx.log", "end of the log of KTX", layout.runtime_root.join(log::FILE_NAME)),
        ("install.log", "end of the log of the installation", layout.install_log_path.clone()),
        ("daemon.stderr.log", "end of the daemon's log", layout.daemon_stderr_path.clone()),
        ("daemon.stdout.log", "end of the daemon's output", layout.daemon_stdout_path.clone()),
    ];
    entries.extend(
        logs.into_iter().filter_map(|(name, about, path)| Some(Entry { name, about, text: read_log_tail(&path)? })),
    );
    entries
}

/// The README, which lists the files of the archive.
pub(super) fn readme(bundle: &Bundle) -> Entry {
    let files = bundle.entries.iter().map(|entry| format!("{:<20}{}\n", entry.name, entry.about));
    let text = format!(
        "What a bug report about KTX needs. Read it before you attach it: nothing was sent.\n\
         Secrets, hosts, the values of variables and the home folder were replaced.\n\n{}",
        files.collect::<String>()
    );
    Entry { name: "README.txt", about: "what is in here", text }
}

fn versions(request: &BundleRequest) -> Value {
    json!({
        "ktx": request.layout.cli_version,
        "os": std::env::consts::OS,
        "arch": std::env::consts::ARCH,
        "host": request.host,
    })
}

fn settings(env: &Environment) -> Value {
    let is_setting = |name: &str| SETTINGS.iter().any(|start| name.to_ascii_uppercase().starts_with(start));
    env.iter().map(|(name, _)| name).filter(|name| is_setting(name)).collect()
}

/// A JSON file, redacted; an invalid one is replaced by an error.
fn state_file(name: &'static str, about: &'static str, path: &Path) -> Option<Entry> {
    let text = fs::read_to_string(path).ok()?;
    let value = serde_json::from_str(&text).unwrap_or_else(|_| json!({ "error": "it is not valid JSON" }));
    Some(json(name, about, &redact::json(value)))
}

fn json(name: &'static str, about: &'static str, value: &Value) -> Entry {
    Entry { name, about, text: format!("{value:#}\n") }
}

/// Reads the last lines of a log.
fn read_log_tail(path: &Path) -> Option<String> {
    let mut file = File::open(path).ok()?;
    let length = file.metadata().ok().filter(|found| found.is_file())?.len();
    let begin = length.saturating_sub(MAX_LOG_BYTES);
    file.seek(SeekFrom::Start(begin)).ok()?;
    let mut bytes = Vec::new();
    file.take(MAX_LOG_BYTES).read_to_end(&mut bytes).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    // The first, incomplete line is dropped, as it may begin with a part of a secret.
    let lines = if begin == 0 { &text } else { text.split_once('\n').map_or("", |(_, rest)| rest) };
    Some(lines.to_owned())
}

//! The log of the addon and the command line: JSON lines in `ktx.log` below the runtime root. `docs/logging.md` lists
//! the keys. Neither SQL nor values of a database are logged.

use crate::{
    env::{Environment, KTX_LOG_LEVEL},
    files::append_to_log,
    redact,
    request_id::RequestId,
};
use serde_json::{Map, Value};
use std::{
    io::Write,
    path::{Path, PathBuf},
};

/// Name of the log file below the runtime root; the rotated one has the suffix `.1`.
pub const FILE_NAME: &str = "ktx.log";

/// Severity of an event, in decreasing order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// A failure.
    Error,
    /// A problem that may need action by the user.
    Warn,
    /// Lifecycle of the runtime, the daemon and runs; the default.
    #[default]
    Info,
    /// Every request and command.
    Debug,
}

impl Level {
    /// Parses a name: `error`, `warn`, `info` or `debug`.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Error, Self::Warn, Self::Info, Self::Debug].into_iter().find(|level| level.as_str() == name)
    }

    /// The name of the level.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
        }
    }
}

/// An event, which becomes one line of the log.
#[derive(Debug)]
pub struct Event<'a> {
    /// Severity.
    pub level: Level,
    /// `addon` or `cli`.
    pub component: &'a str,
    /// Name of the event, `noun.participle`.
    pub name: &'a str,
    /// Id of the request in which it occurred.
    pub request_id: Option<&'a RequestId>,
    /// Fields of this event, written after the common keys; redacted.
    pub fields: Map<String, Value>,
}

/// A log file with the level from which events are written.
#[derive(Debug, Clone, Default)]
pub struct Log {
    path: Option<PathBuf>,
    level: Level,
}

impl Log {
    /// The log of a runtime root, at the level of `KTX_LOG_LEVEL`; an unknown level is the default.
    pub fn in_root(root: &Path, env: &Environment) -> Self {
        let level = env.get(KTX_LOG_LEVEL).and_then(Level::parse).unwrap_or_default();
        Self { path: Some(root.join(FILE_NAME)), level }
    }

    /// Whether events of a level are written.
    pub fn is_enabled(&self, level: Level) -> bool {
        self.path.is_some() && level <= self.level
    }

    /// Appends an event. Does nothing while the runtime root does not exist; write errors are ignored.
    pub fn write(&self, event: Event<'_>) {
        let Some(path) = self.path.as_deref().filter(|_| self.is_enabled(event.level)) else { return };
        if path.parent().is_some_and(Path::is_dir)
            && let Ok(mut file) = append_to_log(path)
        {
            // A single write, so that lines of several processes are not interleaved.
            let _ = file.write_all(format_line(event).as_bytes());
        }
    }
}

fn format_line(event: Event<'_>) -> String {
    let mut keys = Map::new();
    keys.insert("time".into(), format!("{:.3}", jiff::Timestamp::now()).into());
    keys.insert("level".into(), event.level.as_str().into());
    keys.insert("component".into(), event.component.into());
    keys.insert("event".into(), event.name.into());
    if let Some(id) = event.request_id {
        keys.insert("request_id".into(), id.as_str().into());
    }
    keys.insert("pid".into(), std::process::id().into());
    if let Value::Object(fields) = redact::json(Value::Object(event.fields)) {
        keys.extend(fields);
    }
    format!("{}\n", Value::Object(keys))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::fs;

    fn event(level: Level, fields: Value) -> Event<'static> {
        let Value::Object(fields) = fields else { unreachable!() };
        Event { level, component: "addon", name: "thing.done", request_id: None, fields }
    }

    fn lines(root: &Path) -> Vec<Value> {
        let text = fs::read_to_string(root.join(FILE_NAME)).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn line_has_the_common_keys_first_and_no_secret() {
        let root = tempfile::tempdir().unwrap();
        let id = RequestId::random();
        let fields = json!({ "url": "postgres://u:hunter2@h/d", "token": "hunter2", "nested": ["password=hunter2"] });
        let log = Log::in_root(root.path(), &Environment::default());
        log.write(Event { request_id: Some(&id), ..event(Level::Warn, fields) });
        let [line] = &lines(root.path())[..] else { panic!() };
        let keys: Vec<_> = line.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys, ["time", "level", "component", "event", "request_id", "pid", "url", "token", "nested"]);
        assert!(line["time"].as_str().unwrap().parse::<jiff::Timestamp>().is_ok());
        assert_eq!(line["request_id"], id.as_str());
        assert!(!line.to_string().contains("hunter2"), "{line}");
    }

    #[test]
    fn events_below_the_level_are_dropped_and_the_default_is_info() {
        for (level, expected) in [(None, 1), (Some("error"), 0), (Some("debug"), 2), (Some("loud"), 1)] {
            let root = tempfile::tempdir().unwrap();
            let env =
                level.map_or_else(Environment::default, |level| Environment::default().with(KTX_LOG_LEVEL, level));
            let log = Log::in_root(root.path(), &env);
            log.write(event(Level::Info, json!({})));
            log.write(event(Level::Debug, json!({})));
            assert_eq!(lines(root.path()).len(), expected, "{level:?}");
        }
    }

    #[test]
    fn writing_does_not_create_the_runtime_root() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("root");
        Log::in_root(&root, &Environment::default()).write(event(Level::Error, json!({})));
        assert!(!root.exists());
    }
}

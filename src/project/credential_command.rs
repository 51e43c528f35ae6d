//! Runs the `credential_command` of a connection, whose standard output is its password or token.

use super::{Project, config::Connection};
use crate::{
    env::Environment,
    error::{Code, Error, Result},
    process::{CommandCall, CommandFailure, run_with_deadline},
    redact::SecretText,
};
use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, LazyLock, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Time limit of a command.
const DEADLINE: Duration = Duration::from_secs(60);
/// Time after which a command runs again, since tokens expire.
const CACHED_FOR: Duration = Duration::from_secs(300);

/// A command, and the folder that it runs in.
type Key = (PathBuf, Vec<String>);

/// The output of a command, and when it began; `None` before the first run. Its lock is held while the command runs, so
/// that it runs once for concurrent requests, and other commands do not wait for it.
type Output = Arc<Mutex<Option<(Instant, SecretText)>>>;

/// Outputs of this process.
static CACHE: LazyLock<Mutex<HashMap<Key, Output>>> = LazyLock::new(Mutex::default);

impl Project {
    /// Returns the output of the command of a connection; `None` if it has none. The caller has checked that the project
    /// is trusted. Blocks.
    ///
    /// Errors: [`Code::SecretMissing`] if the command cannot be started, fails, exceeds its deadline, or prints no line
    /// or several.
    pub(super) fn credential(
        &self,
        id: &str,
        connection: &Connection,
        env: &Environment,
    ) -> Result<Option<SecretText>> {
        let Some(command) = &connection.credential_command else { return Ok(None) };
        let key = (self.dir.clone(), command.clone());
        let output = find_output(key);
        let mut output = output.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, secret)) = output.as_ref().filter(|(since, _)| since.elapsed() < CACHED_FOR) {
            return Ok(Some(secret.clone()));
        }
        let secret = run(self, command, env).map_err(|reason| {
            let message = format!("connections.{id}.credential_command: {reason}");
            let hint =
                "Run the command in a shell, in the folder of the project, to see what it prints, and correct it";
            Error::new(Code::SecretMissing, message).with_hint(hint)
        })?;
        *output = Some((Instant::now(), secret.clone()));
        Ok(Some(secret))
    }
}

/// Returns the output of a command, which may not have run yet, and drops those that are old and not in use.
fn find_output(key: Key) -> Output {
    let mut cache = CACHE.lock().unwrap_or_else(PoisonError::into_inner);
    cache.retain(|_, output| {
        let is_fresh = |output: &Option<(Instant, SecretText)>| {
            output.as_ref().is_some_and(|(since, _)| since.elapsed() < CACHED_FOR)
        };
        Arc::strong_count(output) > 1 || output.try_lock().is_ok_and(|output| is_fresh(&output))
    });
    cache.entry(key).or_default().clone()
}

fn run(project: &Project, command: &[String], env: &Environment) -> Result<SecretText, String> {
    let Some((program, args)) = command.split_first() else { return Err("it is empty".into()) };
    let call = CommandCall {
        program: program.clone(),
        args: args.to_vec(),
        folder: Some(project.dir.clone()),
        env: env.clone(),
        input: None,
    };
    let output = run_with_deadline(&call, DEADLINE).map_err(|failure| explain(program, &failure))?;
    match output.stdout.trim() {
        "" => Err(format!("{program} printed nothing")),
        text if text.contains(char::is_control) => Err(format!("{program} printed more than one line")),
        text => Ok(SecretText::new(text)),
    }
}

/// Names the program and how it ended. Nothing that it printed is quoted: a token has no form by which it is recognised.
fn explain(program: &str, CommandFailure { reason, .. }: &CommandFailure) -> String {
    format!("{program} {reason}")
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use crate::env::KTX_TRUST;

    fn project(dir: &std::path::Path, connection: &str) -> Project {
        Project::parsed(dir, &format!("connections: {{ w: {connection} }}"))
    }

    fn variables() -> Environment {
        Environment::default().with("PATH", "/usr/bin:/bin").with(KTX_TRUST, "1")
    }

    fn url(connection: &str) -> Result<String> {
        let dir = tempfile::tempdir().unwrap();
        let database = project(dir.path(), connection).database("w", &variables())?;
        Ok(database.url.expose().to_owned())
    }

    #[test]
    fn output_is_the_password_or_the_token() {
        let command = "readonly: true, credential_command: [printf, 'p@ss/\\n']";
        for (connection, expected) in [
            ("driver: postgres, host: h, user: u", "postgres://u:p%40ss%2F@h"),
            ("driver: clickhouse, host: h, user: u", "clickhouse://u:p%40ss%2F@h"),
            ("driver: clickhouse, host: h", "clickhouse://h/?access_token=p%40ss%2F"),
            ("driver: bigquery, project: p", "bigquery://p/?access_token=p%40ss%2F"),
            (
                "driver: snowflake, account: a, user: u, authenticator: oauth",
                "snowflake://u:p%40ss%2F@a/?authenticator=oauth",
            ),
            ("driver: snowflake, account: a", "snowflake://a/?token=p%40ss%2F"),
            ("driver: postgres, url: 'postgres://u@h/d'", "postgres://u:p%40ss%2F@h/d"),
            ("driver: clickhouse, url: 'clickhouse://h/d'", "clickhouse://h/d?access_token=p%40ss%2F"),
        ] {
            assert_eq!(url(&format!("{{ {connection}, {command} }}")).unwrap(), expected);
        }
    }

    #[test]
    fn failures_name_the_program_without_its_output() {
        for (command, expected) in [
            ("[]", "it is empty"),
            ("[ktx-no-such-program]", "ktx-no-such-program could not be started: "),
            ("[sh, -c, 'echo hunter2; exit 3']", "sh exited with code 3"),
            ("[sh, -c, 'echo password=hunter2 >&2; exit 3']", "sh exited with code 3"),
            ("[sh, -c, 'echo hunter2 >&2; exit 3']", "sh exited with code 3"),
            ("['true']", "true printed nothing"),
            ("[printf, 'hunter2\\nb']", "printf printed more than one line"),
        ] {
            let connection = format!("{{ driver: postgres, host: h, readonly: true, credential_command: {command} }}");
            let error = url(&connection).unwrap_err();
            assert_eq!(error.code(), Code::SecretMissing);
            let text = error.to_string();
            assert!(text.starts_with(&format!("connections.w.credential_command: {expected}")), "{text}");
            assert!(!text.contains("hunter2"), "{text}");
        }
    }

    #[test]
    fn command_does_not_run_in_an_untrusted_project() {
        let dir = tempfile::tempdir().unwrap();
        let connection = "{ driver: postgres, host: h, readonly: true, credential_command: [touch, ran] }";
        let env = variables().with(KTX_TRUST, "never");
        let error = project(dir.path(), connection).database("w", &env).unwrap_err();
        assert_eq!(error.code(), Code::ProjectUntrusted);
        assert!(error.to_string().ends_with("refers to the output of touch"), "{error}");
        assert!(!dir.path().join("ran").exists());
    }

    #[test]
    fn command_runs_once_in_the_folder_of_the_project() {
        let dir = tempfile::tempdir().unwrap();
        let connection =
            "{ driver: postgres, host: h, readonly: true, credential_command: [sh, -c, 'echo run >> runs; echo x'] }";
        let project = project(dir.path(), connection);
        for _ in 0..3 {
            project.database("w", &variables()).unwrap();
        }
        assert_eq!(std::fs::read_to_string(dir.path().join("runs")).unwrap(), "run\n");
    }

    #[test]
    fn commands_of_other_connections_do_not_wait() {
        let dir = tempfile::tempdir().unwrap();
        let slow = "[sh, -c, 'touch started; until [ -e done ]; do sleep 0.01; done; echo x']";
        let connection =
            |command| format!("{{ driver: postgres, host: h, readonly: true, credential_command: {command} }}");
        let config =
            format!("connections: {{ a: {}, b: {} }}", connection(slow), connection("[sh, -c, 'touch done; echo y']"));
        let project = Project::parsed(dir.path(), &config);
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| project.database("a", &variables()).unwrap());
            while !dir.path().join("started").exists() {
                assert!(!waiting.is_finished());
            }
            project.database("b", &variables()).unwrap();
            waiting.join().unwrap();
        });
    }

    #[test]
    fn command_and_secret_exclude_each_other() {
        for key in ["password", "access_token"] {
            let connection =
                format!("{{ driver: clickhouse, host: h, readonly: true, {key}: x, credential_command: ['true'] }}");
            let error = url(&connection).unwrap_err();
            assert_eq!(error.code(), Code::ConnectionInvalid);
            assert_eq!(error.to_string(), format!("The connection w has both a credential_command and {key}"));
        }
    }
}

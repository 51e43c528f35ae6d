//! Trust: the user's consent that a project may use secrets outside of it. A project that was created on this machine
//! is trusted; any other one has to be trusted once, and again when its connections change. All functions block.

use super::{
    CONFIG_FILE, Project, load,
    outside_references::{self, OutsideReferences},
    trust_record,
};
use crate::{
    env::{Environment, KTX_TRUST},
    error::{Code, Error, Result},
    process, shell,
};
use std::{fmt::Write, path::Path};

/// Maximum connections that a question lists.
const MAX_LISTED_CONNECTIONS: usize = 10;

/// Trust mode, set by [`KTX_TRUST`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// The recorded trust applies, and a question may be asked.
    Ask,
    /// All projects are trusted.
    Always,
    /// No project is trusted, not even those with recorded trust.
    Never,
}

impl Mode {
    fn from_env(env: &Environment) -> Result<Self> {
        match env.get(KTX_TRUST) {
            None | Some("" | "0") => Ok(Self::Ask),
            Some("1") => Ok(Self::Always),
            Some("never") => Ok(Self::Never),
            Some(_) => {
                let error = Error::new(Code::EnvInvalid, format!("{KTX_TRUST} is neither 1 nor never"));
                Err(error.with_hint("Set it to one of them, or unset it"))
            }
        }
    }
}

/// The question to the user before a project is trusted.
#[derive(Debug)]
pub struct TrustQuestion {
    /// Several lines of text.
    pub text: String,
}

impl Project {
    /// Rejects a project whose folder or `ktx.yaml` belongs to another user, as git does, unless the project is
    /// trusted.
    ///
    /// Errors: [`Code::ProjectUntrusted`].
    pub fn check_owner(&self, env: &Environment) -> Result<()> {
        match foreign_owner(&self.dir, env)? {
            Some(owner) if !self.is_trusted(env)? => {
                let message = format!("The project {} belongs to another user (uid {owner})", self.dir.display());
                Err(self.untrusted_error(message))
            }
            _ => Ok(()),
        }
    }

    /// Rejects a connection that has references outside the project, unless the project is trusted.
    ///
    /// Errors: [`Code::ProjectUntrusted`], [`Code::EnvInvalid`].
    pub(super) fn require_trust(&self, id: &str, env: &Environment) -> Result<()> {
        let Some(outside) = outside_references::find_in_connection(self, id, self.connection(id)?, env)? else {
            return Ok(());
        };
        if self.is_trusted(env)? {
            return Ok(());
        }
        let message = format!(
            "The project {} was not made here, and its connection {} refers to {}",
            self.dir.display(),
            outside.connection_id,
            outside.references.join(" and ")
        );
        Err(self.untrusted_error(message))
    }

    fn is_trusted(&self, env: &Environment) -> Result<bool> {
        match Mode::from_env(env)? {
            Mode::Always => Ok(true),
            Mode::Never => Ok(false),
            Mode::Ask => trust_record::contains(self, env),
        }
    }

    fn untrusted_error(&self, message: String) -> Error {
        Error::new(Code::ProjectUntrusted, message)
            .with_hint(format!("If you trust it, run: ktx trust {}", shell::quote(&self.dir.display().to_string())))
    }

    /// Returns the question to ask before a connection is used; `None` if no consent is required.
    ///
    /// Errors: those of [`Project::connection`]; [`Code::EnvInvalid`].
    pub fn trust_question(&self, id: &str, env: &Environment) -> Result<Option<TrustQuestion>> {
        let is_outside = outside_references::find_in_connection(self, id, self.connection(id)?, env)?.is_some();
        if !is_outside || Mode::from_env(env)? != Mode::Ask || self.is_trusted(env)? {
            return Ok(None);
        }
        let all = outside_references::find_in_project(self, env)?;
        let mut text =
            format!("The project {} was not made here. It refers to secrets outside it:\n", self.dir.display());
        for OutsideReferences { connection_id, references, target } in all.iter().take(MAX_LISTED_CONNECTIONS) {
            let target = target.as_ref().map(|target| format!(" → {target}")).unwrap_or_default();
            let _ = writeln!(text, "  {connection_id}: {}{target}", references.join(", "));
        }
        if all.len() > MAX_LISTED_CONNECTIONS {
            let _ = writeln!(text, "  and {} more connections", all.len() - MAX_LISTED_CONNECTIONS);
        }
        text.push_str("Do you trust it with them?");
        Ok(Some(TrustQuestion { text }))
    }

    /// Records trust in the project with its current connections, and returns its references outside of it.
    ///
    /// Errors: [`Code::EnvInvalid`] if there is no configuration folder, [`Code::FileIo`], [`Code::LockTimeout`].
    pub fn trust(&self, env: &Environment) -> Result<Vec<OutsideReferences>> {
        trust_record::add(self, env)?;
        outside_references::find_in_project(self, env)
    }

    /// Records trust in the project after an edit, if the project before it was trusted or needed no trust. If that
    /// fails, the user is asked on the next use.
    pub(super) fn renew_trust(&self, before: &Self, env: &Environment) {
        let needs_no_trust =
            |project| outside_references::find_in_project(project, env).is_ok_and(|outside| outside.is_empty());
        if !needs_no_trust(self) && (needs_no_trust(before) || trust_record::contains(before, env).unwrap_or(false)) {
            let _ = trust_record::add(self, env);
        }
    }
}

/// Does [`Project::check_owner`] for a folder, and loads the project only if another user owns it.
pub fn check_dir_owner(dir: &Path, env: &Environment) -> Result<()> {
    match foreign_owner(dir, env)? {
        Some(_) => load(dir)?.check_owner(env),
        None => Ok(()),
    }
}

/// Returns the owner of a project, if that is neither the current user nor, under sudo, the calling user.
fn foreign_owner(dir: &Path, env: &Environment) -> Result<Option<u32>> {
    let Some(me) = process::effective_user() else { return Ok(None) };
    let caller = env.get("SUDO_UID").and_then(|uid| uid.parse().ok()).filter(|_| me == 0);
    let config = dir.join(CONFIG_FILE);
    // A link and its target may have different owners.
    let owners = [process::owner_of(dir, true), process::owner_of(&config, false), process::owner_of(&config, true)];
    Ok(owners.into_iter().flatten().find(|owner| *owner != me && Some(*owner) != caller))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::{ChangeKind, ConnectionChange, config::Connection, init, prepare};
    use std::{fs, path::PathBuf};

    struct Home {
        folder: tempfile::TempDir,
        env: Environment,
    }

    impl Home {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let config = folder.path().join("config").display().to_string();
            let env = [("XDG_CONFIG_HOME", &config), ("APPDATA", &config), ("HOME", &config)];
            let env = env.into_iter().map(|(name, value)| (name.to_owned(), value.clone())).collect::<Environment>();
            Self { env: env.with("U", "postgres://u:hunter2@h/d"), folder }
        }

        /// Writes a project without recording trust, as `git clone` does.
        fn cloned(&self, connections: &str) -> PathBuf {
            let dir = self.folder.path().join("clone");
            fs::create_dir_all(&dir).unwrap();
            fs::write(dir.join(CONFIG_FILE), format!("connections:\n{connections}")).unwrap();
            dir
        }

        fn is_refused(&self, dir: &Path, id: &str) -> bool {
            match load(dir).unwrap().database(id, &self.env) {
                Ok(_) => false,
                Err(error) if error.code() == Code::ProjectUntrusted => true,
                Err(error) => panic!("{error}"),
            }
        }
    }

    const OUTSIDE: &str = "  w: { driver: postgres, url: env:U, readonly: true }\n";
    const INSIDE: &str = "  lit: { driver: postgres, url: 'postgres://u:p@h/d', readonly: true }\n";

    #[test]
    fn clone_needs_trust_once_and_after_each_change_of_its_connections() {
        let home = Home::new();
        let dir = home.cloned(&format!("{OUTSIDE}{INSIDE}"));
        assert!(home.is_refused(&dir, "w") && !home.is_refused(&dir, "lit"));
        let question = load(&dir).unwrap().trust_question("w", &home.env).unwrap().unwrap().text;
        assert!(question.contains("  w: env:U\n") && !question.contains("hunter2"), "{question}");
        assert!(load(&dir).unwrap().trust_question("lit", &home.env).unwrap().is_none());
        let trusted = load(&dir).unwrap().trust(&home.env).unwrap();
        assert_eq!(trusted.len(), 1);
        assert!(!home.is_refused(&dir, "w"));
        assert!(load(&dir).unwrap().trust_question("w", &home.env).unwrap().is_none());
        // Comments and the order of connections do not matter.
        home.cloned(&format!("# pulled\n{INSIDE}{OUTSIDE}"));
        assert!(!home.is_refused(&dir, "w"));
        home.cloned(&format!(
            "{OUTSIDE}{INSIDE}  more: {{ driver: looker, base_url: 'https://evil', client_id: env:U }}\n"
        ));
        assert!(home.is_refused(&dir, "w"));
        home.cloned(&format!("{OUTSIDE}{INSIDE}"));
        assert!(!home.is_refused(&dir, "w"), "earlier connections stay trusted");
        let moved = home.folder.path().join("elsewhere");
        fs::rename(&dir, &moved).unwrap();
        assert!(home.is_refused(&moved, "w"), "trust depends on the path");
    }

    #[test]
    fn untrusted_error_has_a_hint_and_no_value() {
        let home = Home::new();
        let dir = home.cloned(OUTSIDE);
        let error = load(&dir).unwrap().database("w", &home.env).unwrap_err();
        let dir = dir.display();
        assert_eq!(
            error.to_string(),
            format!("The project {dir} was not made here, and its connection w refers to env:U")
        );
        assert!(error.hint().unwrap().starts_with("If you trust it, run: ktx trust "));
    }

    #[test]
    fn trust_variable_overrides_the_record() {
        let home = Home::new();
        let dir = home.cloned(OUTSIDE);
        let project = load(&dir).unwrap();
        let with = |value: &str| home.env.clone().with(KTX_TRUST, value);
        assert!(project.database("w", &with("1")).is_ok());
        assert!(home.is_refused(&dir, "w"), "nothing is recorded");
        for value in ["", "0"] {
            assert_eq!(project.database("w", &with(value)).unwrap_err().code(), Code::ProjectUntrusted);
        }
        for value in ["yes", "true", "always"] {
            assert_eq!(project.database("w", &with(value)).unwrap_err().code(), Code::EnvInvalid);
        }
        project.trust(&home.env).unwrap();
        assert_eq!(project.database("w", &with("never")).unwrap_err().code(), Code::ProjectUntrusted);
        assert!(project.trust_question("w", &with("never")).unwrap().is_none());
    }

    fn add_from_env(dir: &Path, id: &str, env: &Environment) {
        let (driver, url) = ("postgres".to_owned(), Some("env:U".to_owned()));
        let set = Connection { driver, url, readonly: Some(true), ..Connection::default() };
        let change = ConnectionChange { set, ..ConnectionChange::default() };
        prepare(dir, id, ChangeKind::Add, change, env).unwrap().commit(env).unwrap();
    }

    #[test]
    fn adding_a_connection_keeps_trust_but_does_not_create_it() {
        let home = Home::new();
        let made = home.folder.path().join("made");
        init(&made, None).unwrap();
        add_from_env(&made, "w", &home.env);
        add_from_env(&made, "w2", &home.env);
        assert!(!home.is_refused(&made, "w") && !home.is_refused(&made, "w2"));
        let dir = home.cloned(OUTSIDE);
        add_from_env(&dir, "mine", &home.env);
        assert!(home.is_refused(&dir, "w") && home.is_refused(&dir, "mine"));
        let harmless = home.cloned(INSIDE);
        add_from_env(&harmless, "mine", &home.env);
        assert!(!home.is_refused(&harmless, "mine"));
        // KTX_TRUST applies to one call and records nothing.
        let dir = home.cloned(&format!("{OUTSIDE}{INSIDE}"));
        add_from_env(&dir, "mine", &home.env.clone().with(KTX_TRUST, "1"));
        assert!(home.is_refused(&dir, "mine"));
    }

    #[test]
    fn damaged_record_trusts_no_project_and_is_replaced() {
        let home = Home::new();
        let dir = home.cloned(OUTSIDE);
        let project = load(&dir).unwrap();
        project.trust(&home.env).unwrap();
        let record = crate::runtime::config_dir(&home.env).unwrap().join("trust.json");
        assert!(!fs::read_to_string(&record).unwrap().contains("env:U"));
        for text in ["", "{", "[]", "{\"projects\":3}", "\u{0}"] {
            fs::write(&record, text).unwrap();
            assert!(home.is_refused(&dir, "w"), "{text}");
        }
        project.trust(&home.env).unwrap();
        assert!(!home.is_refused(&dir, "w"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(record.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        }
        assert!(!dir.join(".ktx").exists(), "no trust is recorded in the project");
    }

    #[test]
    fn concurrent_trust_is_recorded_for_all_projects() {
        let home = Home::new();
        let dirs: Vec<_> = (0..10).map(|number| home.folder.path().join(format!("p{number}"))).collect();
        for dir in &dirs {
            fs::create_dir(dir).unwrap();
            fs::write(dir.join(CONFIG_FILE), format!("connections:\n{OUTSIDE}")).unwrap();
        }
        std::thread::scope(|scope| {
            for dir in &dirs {
                scope.spawn(|| load(dir).unwrap().trust(&home.env).unwrap());
            }
        });
        assert!(dirs.iter().all(|dir| !home.is_refused(dir, "w")));
    }

    /// Only root can change the owner of a file.
    #[cfg(unix)]
    #[test]
    fn project_of_another_user_is_rejected_until_it_is_trusted() {
        let home = Home::new();
        let dir = home.cloned(INSIDE);
        load(&dir).unwrap().check_owner(&home.env).unwrap();
        if process::effective_user() != Some(0) {
            return;
        }
        let theirs = |path: &Path, uid| std::os::unix::fs::chown(path, Some(uid), None).unwrap();
        for path in [dir.join(CONFIG_FILE), dir.clone()] {
            theirs(&path, 65534);
            for error in
                [load(&dir).unwrap().check_owner(&home.env).unwrap_err(), check_dir_owner(&dir, &home.env).unwrap_err()]
            {
                assert_eq!(error.code(), Code::ProjectUntrusted);
                assert!(error.to_string().ends_with("belongs to another user (uid 65534)"), "{error}");
            }
            let sudo = home.env.clone().with("SUDO_UID", "65534");
            load(&dir).unwrap().check_owner(&sudo).unwrap();
            assert!(load(&dir).unwrap().check_owner(&home.env.clone().with("SUDO_UID", "1")).is_err());
            load(&dir).unwrap().check_owner(&home.env.clone().with(KTX_TRUST, "1")).unwrap();
            theirs(&path, 0);
        }
        theirs(&dir, 65534);
        load(&dir).unwrap().trust(&home.env).unwrap();
        load(&dir).unwrap().check_owner(&home.env).unwrap();
    }
}

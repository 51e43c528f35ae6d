//! The user's configuration folder, for settings and secrets outside of projects. Computing it does not access the
//! disk.

use super::Platform;
use crate::{
    env::Environment,
    error::{Code, Error, Result},
};
use std::path::PathBuf;

/// `${XDG_CONFIG_HOME:-~/.config}/kaelio/ktx`, or the equivalent of the platform.
///
/// Errors: [`Code::EnvInvalid`] for a relative path, or if no home folder is found.
pub fn config_dir(env: &Environment) -> Result<PathBuf> {
    config_dir_on(env, Platform::CURRENT)
}

fn config_dir_on(env: &Environment, platform: Platform) -> Result<PathBuf> {
    Ok(match platform {
        Platform::MacOs => home_dir(env, "HOME")?.join("Library/Application Support/kaelio/ktx/config"),
        Platform::Windows => match folder_variable(env, "APPDATA")? {
            Some(folder) => folder.join("Kaelio").join("KTX"),
            None => home_dir(env, "USERPROFILE")?.join("AppData").join("Roaming").join("Kaelio").join("KTX"),
        },
        Platform::Unix => match folder_variable(env, "XDG_CONFIG_HOME")? {
            Some(folder) => folder.join("kaelio/ktx"),
            None => home_dir(env, "HOME")?.join(".config/kaelio/ktx"),
        },
    })
}

/// The folder in a variable; an empty one counts as not set, as in the XDG specification.
fn folder_variable(env: &Environment, name: &str) -> Result<Option<PathBuf>> {
    if env.get(name).is_none_or(str::is_empty) { Ok(None) } else { env.absolute_path(name) }
}

/// The user's home folder on this platform.
///
/// Errors: [`Code::EnvInvalid`] for a relative path, or where no home folder is known.
pub(crate) fn user_home(env: &Environment) -> Result<PathBuf> {
    home_dir(env, if cfg!(windows) { "USERPROFILE" } else { "HOME" })
}

/// The home folder in a variable, else that of the system.
fn home_dir(env: &Environment, name: &str) -> Result<PathBuf> {
    let found = folder_variable(env, name)?.or_else(|| std::env::home_dir().filter(|home| home.is_absolute()));
    found.ok_or_else(|| Error::new(Code::EnvInvalid, "No home folder was found").with_hint(format!("Set {name}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn config_dir_depends_on_the_platform() {
        let config_dir = |platform, pairs: &[(&str, &str)]| {
            let env = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            config_dir_on(&env, platform).map(|folder| folder.to_string_lossy().replace('\\', "/"))
        };
        let home = ("HOME", "/home/ada");
        assert_eq!(config_dir(Platform::Unix, &[home]).unwrap(), "/home/ada/.config/kaelio/ktx");
        assert_eq!(
            config_dir(Platform::Unix, &[home, ("XDG_CONFIG_HOME", "")]).unwrap(),
            "/home/ada/.config/kaelio/ktx"
        );
        assert_eq!(config_dir(Platform::Unix, &[home, ("XDG_CONFIG_HOME", "/c")]).unwrap(), "/c/kaelio/ktx");
        let mac = "/home/ada/Library/Application Support/kaelio/ktx/config";
        assert_eq!(config_dir(Platform::MacOs, &[home]).unwrap(), mac);
        assert_eq!(config_dir(Platform::Windows, &[("APPDATA", "C:/R")]).unwrap(), "C:/R/Kaelio/KTX");
        assert_eq!(config_dir(Platform::Unix, &[("XDG_CONFIG_HOME", "x")]).unwrap_err().code(), Code::EnvInvalid);
    }
}

//! The user's own configuration folder: settings and secrets that no project holds. Computing it touches no disk.

use super::Platform;
use crate::{
    env::Environment,
    error::{Code, Error, Result},
};
use std::path::PathBuf;

/// `${XDG_CONFIG_HOME:-~/.config}/kaelio/ktx`, or what the platform has in its place.
///
/// Errors: [`Code::EnvInvalid`] for a relative path, or where no home folder is known.
pub fn config_dir(env: &Environment) -> Result<PathBuf> {
    of_platform(env, Platform::CURRENT)
}

fn of_platform(env: &Environment, platform: Platform) -> Result<PathBuf> {
    Ok(match platform {
        Platform::MacOs => home(env, "HOME")?.join("Library/Application Support/kaelio/ktx/config"),
        Platform::Windows => match folder(env, "APPDATA")? {
            Some(folder) => folder.join("Kaelio").join("KTX"),
            None => home(env, "USERPROFILE")?.join("AppData").join("Roaming").join("Kaelio").join("KTX"),
        },
        Platform::Unix => match folder(env, "XDG_CONFIG_HOME")? {
            Some(folder) => folder.join("kaelio/ktx"),
            None => home(env, "HOME")?.join(".config/kaelio/ktx"),
        },
    })
}

/// Empty is the same as not set, as the XDG specification says.
fn folder(env: &Environment, name: &str) -> Result<Option<PathBuf>> {
    if env.get(name).is_none_or(str::is_empty) { Ok(None) } else { env.absolute_path(name) }
}

fn home(env: &Environment, name: &str) -> Result<PathBuf> {
    let found = folder(env, name)?.or_else(|| std::env::home_dir().filter(|home| home.is_absolute()));
    found.ok_or_else(|| Error::new(Code::EnvInvalid, "No home folder is known").with_hint(format!("Set {name}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_by_platform() {
        let of = |platform, pairs: &[(&str, &str)]| {
            let env = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            of_platform(&env, platform).map(|folder| folder.to_string_lossy().replace('\\', "/"))
        };
        let home = ("HOME", "/home/ada");
        assert_eq!(of(Platform::Unix, &[home]).unwrap(), "/home/ada/.config/kaelio/ktx");
        assert_eq!(of(Platform::Unix, &[home, ("XDG_CONFIG_HOME", "")]).unwrap(), "/home/ada/.config/kaelio/ktx");
        assert_eq!(of(Platform::Unix, &[home, ("XDG_CONFIG_HOME", "/c")]).unwrap(), "/c/kaelio/ktx");
        let mac = "/home/ada/Library/Application Support/kaelio/ktx/config";
        assert_eq!(of(Platform::MacOs, &[home]).unwrap(), mac);
        assert_eq!(of(Platform::Windows, &[("APPDATA", "C:/R")]).unwrap(), "C:/R/Kaelio/KTX");
        assert_eq!(of(Platform::Unix, &[("XDG_CONFIG_HOME", "x")]).unwrap_err().code(), Code::EnvInvalid);
    }
}

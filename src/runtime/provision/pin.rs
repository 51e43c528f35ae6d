//! The pin of uv: its version, and the wheel with its checksum for each platform.

use crate::{
    error::{Code, Error, Result},
    runtime::AssetFile,
};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Written by `scripts/update-uv-pin.py`.
const PIN: &str = include_str!("uv.json");

/// The C library of the addon; executables that are linked to the other one may not start.
const LIBC: &str = if cfg!(target_env = "musl") { "musl" } else { "gnu" };

/// A pinned version of uv with its wheels.
#[derive(Debug, Clone, Deserialize)]
pub struct UvPin {
    /// Version of uv.
    pub version: String,
    /// Wheels by platform and architecture (Node's names) and, on Linux, the C library, joined by hyphens.
    pub wheels: BTreeMap<String, UvWheel>,
}

/// A wheel of uv.
#[derive(Debug, Clone, Deserialize)]
pub struct UvWheel {
    /// File of the wheel.
    #[serde(flatten)]
    pub wheel: AssetFile,
    /// The executable in the wheel; `file` is its path in the archive.
    pub executable: AssetFile,
}

impl UvPin {
    /// The pin that is bundled with this package.
    pub fn bundled() -> Result<Self> {
        serde_json::from_str(PIN).map_err(|error| {
            Error::new(Code::Internal, format!("The pin of uv cannot be read: {error}")).caused_by(error)
        })
    }

    /// The wheel for a platform and an architecture (Node's names).
    ///
    /// Errors: [`Code::RuntimeInstallerMissing`] for an unsupported platform.
    pub(super) fn wheel(&self, platform: &str, arch: &str) -> Result<&UvWheel> {
        let name = match platform {
            "linux" => format!("{platform}-{arch}-{LIBC}"),
            _ => format!("{platform}-{arch}"),
        };
        self.wheels.get(&name).ok_or_else(|| {
            let message = format!("There is no uv for platform {platform:?} with architecture {arch:?}");
            Error::new(Code::RuntimeInstallerMissing, message)
                .with_hint("Install Python 3.10 or later with venv and pip, or uv")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLATFORMS: &[&str] = &[
        "darwin-arm64",
        "darwin-x64",
        "linux-arm64-gnu",
        "linux-arm64-musl",
        "linux-x64-gnu",
        "linux-x64-musl",
        "win32-arm64",
        "win32-x64",
    ];

    #[test]
    fn each_platform_of_the_package_has_a_wheel() {
        assert_eq!(UvPin::bundled().unwrap().wheels.keys().collect::<Vec<_>>(), PLATFORMS);
    }

    #[test]
    fn file_names_match_the_version_and_the_platform() {
        let pin = UvPin::bundled().unwrap();
        for (platform, UvWheel { wheel, executable }) in &pin.wheels {
            assert!(wheel.file.starts_with(&format!("uv-{}-py3-none-", pin.version)), "{}", wheel.file);
            let system = platform.rsplit('-').next().map_or("", |last| match last {
                "gnu" => "manylinux",
                "musl" => "musllinux",
                _ if platform.starts_with("darwin") => "macosx",
                _ => "win_",
            });
            assert!(wheel.file.contains(system), "{platform}: {}", wheel.file);
            let name = if platform.starts_with("win32") { "uv.exe" } else { "uv" };
            assert_eq!(executable.file, format!("uv-{}.data/scripts/{name}", pin.version));
            let machine = if platform.contains("arm64") { ["arm64", "aarch64"] } else { ["x86_64", "amd64"] };
            assert!(machine.iter().any(|machine| wheel.file.contains(machine)), "{platform}: {}", wheel.file);
            for file in [wheel, executable] {
                assert!(file.sha256.len() == 64 && file.bytes > 1 << 20, "{file:?}");
            }
        }
    }

    #[test]
    fn pin_contains_no_url() {
        assert!(!PIN.contains("://") && !PIN.contains("http"));
    }

    #[test]
    fn wheel_matches_the_libc_of_the_addon() {
        let pin = UvPin::bundled().unwrap();
        let file = &pin.wheel("linux", "x64").unwrap().wheel.file;
        assert_eq!(file.contains("musllinux"), cfg!(target_env = "musl"));
    }

    #[test]
    fn unsupported_platform_or_architecture_is_an_error_that_names_both() {
        let pin = UvPin::bundled().unwrap();
        for (platform, arch) in [("freebsd", "x64"), ("linux", "s390x"), ("darwin", "x86_64"), ("win32", "")] {
            let error = pin.wheel(platform, arch).unwrap_err();
            assert_eq!(error.code(), Code::RuntimeInstallerMissing);
            let text = error.to_string();
            assert!(text.contains(platform) && text.contains(&format!("{arch:?}")), "{text}");
        }
    }
}

//! The managed Python runtime: where it lives, what it is made of, and how it comes and goes.

mod asset;
mod config_dir;
mod contents;
mod doctor;
mod ensure;
mod environment;
mod exec;
mod feature;
mod install;
mod layout;
mod log;
mod manifest;
mod ownership;
mod policy;
mod prune;
mod requirements;
mod settings;
mod status;
mod toolchain;
mod trial;

pub use asset::{Asset, AssetFile, AssetManifest, verify as verify_asset};
pub use config_dir::config_dir;
pub use doctor::{Check, CheckStatus, doctor};
pub use ensure::{EnsureHost, EnsureRequest, Ensured, ensure};
pub use exec::{Exec, ExecError, NativeExec};
pub use feature::Feature;
pub use install::{InstallHost, InstallRequest, InstallStatus, Installed, Phase, Progress, install, installer_name};
pub use layout::{Layout, LayoutOptions, Platform};
pub(crate) use manifest::to_json;
pub use manifest::{InstalledManifest, PythonPaths};
pub use policy::{InstallPolicy, install_command};
pub use prune::{Pruned, prune, version_folders};
pub use status::{RuntimeStatus, StatusKind, read_status};
pub use toolchain::{MISSING_INSTALLER_MESSAGE, Toolchain};

//! The runtime's life: layout, installation, status, doctor, prune, and the uv that is provisioned.

mod ensure;
mod install;
mod install_policy;
mod layout;
mod maintenance;
mod uv;

pub(crate) use ensure::ensure_runtime;
pub(crate) use install::{JsInstall, ProgressListener, given_layout_options, variables_object};
pub(crate) use install_policy::{known_policy, policy};
pub(crate) use layout::{RuntimePlace, environment, feature, feature_names, features};

//! Exports for the runtime: layout, installation, status, doctor, prune, and the provisioned uv.

mod ensure;
mod install;
mod install_policy;
mod layout;
mod maintenance;
mod uv;

pub(crate) use ensure::ensure_runtime;
pub(crate) use install::{JsInstall, ProgressListener, explicit_layout_options, variables_object};
pub(crate) use install_policy::{parse_policy, policy};
pub(crate) use layout::{RuntimeContext, environment, feature, feature_names, features};

//! Values that `index.js` passes at initialisation: the folder of assets, and functions of Node.

use crate::{
    error::StartFailure,
    node::js::{Fail, JsRef, Outcome, environment},
};
use napi::Env;
use std::{
    path::{Path, PathBuf},
    rc::Rc,
};

/// The values passed by `index.js`.
pub(super) struct Package {
    pub(super) asset_dir: PathBuf,
    pub(super) open: JsRef,
    pub(super) close: JsRef,
    pub(super) start_error: JsRef,
}

fn package(env: &Env) -> Outcome<Rc<Package>> {
    let package = environment::get(env.raw());
    package.ok_or_else(|| Fail::internal("the addon was loaded without the package's entry"))
}

/// Folder of the bundled wheel.
pub(super) fn asset_dir(env: &Env) -> Outcome<PathBuf> {
    Ok(package(env)?.asset_dir.clone())
}

/// Creates a `ManagedPythonDaemonStartError`.
pub(super) fn start_error(env: &Env, failure: &StartFailure) -> Outcome<JsRef> {
    let stderr_log = failure.stderr_log.to_string_lossy();
    package(env)?.start_error.call(&[JsRef::string(env, &failure.detail), JsRef::string(env, &stderr_log)])
}

/// A file that Node opened for appending; closed on drop.
pub(super) struct NodeFile {
    pub(super) descriptor: JsRef,
    close: JsRef,
}

impl NodeFile {
    pub(super) fn append(env: &Env, path: &Path) -> Outcome<Self> {
        let package = package(env)?;
        let path = JsRef::string(env, &path.to_string_lossy());
        let mode = JsRef::number(env, f64::from(0o600));
        let descriptor = package.open.call(&[path, JsRef::string(env, "a"), mode])?;
        Ok(Self { descriptor, close: package.close.clone() })
    }
}

impl Drop for NodeFile {
    fn drop(&mut self) {
        if let Err(Fail::Js(_) | Fail::Core(_) | Fail::Caused(..) | Fail::Napi(_)) =
            self.close.call(std::slice::from_ref(&self.descriptor))
        {
            // The descriptor is already closed.
        }
    }
}

//! What only JavaScript knows or can do: where the package lies, and files with descriptors of Node's own.

use crate::{
    error::StartFailure,
    node::js::{Fail, JsRef, Outcome, environment},
};
use napi::Env;
use std::{
    path::{Path, PathBuf},
    rc::Rc,
};

/// What `index.js` hands over when it is loaded.
pub(super) struct Package {
    pub(super) asset_dir: PathBuf,
    pub(super) open: JsRef,
    pub(super) close: JsRef,
    pub(super) start_error: JsRef,
}

fn of(env: &Env) -> Outcome<Rc<Package>> {
    let found = environment::get(env.raw());
    found.ok_or_else(|| Fail::internal("the addon was loaded without the package's entry"))
}

/// Folder of the wheel in this package.
pub(super) fn asset_dir(env: &Env) -> Outcome<PathBuf> {
    Ok(of(env)?.asset_dir.clone())
}

/// A `ManagedPythonDaemonStartError`.
pub(super) fn start_error(env: &Env, failure: &StartFailure) -> Outcome<JsRef> {
    let stderr_log = failure.stderr_log.to_string_lossy();
    of(env)?.start_error.call(&[JsRef::string(env, &failure.detail), JsRef::string(env, &stderr_log)])
}

/// A file that Node opened for appending; closed when this is dropped.
pub(super) struct NodeFile {
    pub(super) descriptor: JsRef,
    close: JsRef,
}

impl NodeFile {
    pub(super) fn append(env: &Env, path: &Path) -> Outcome<Self> {
        let package = of(env)?;
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
            // Nothing can be done about a descriptor that is closed already.
        }
    }
}

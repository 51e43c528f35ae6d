//! What only JavaScript knows or can do: where the package lies, and files with descriptors of Node's own.

use crate::{
    error::StartFailure,
    node::{
        js::{Fail, JsRef, Outcome},
        options::Options,
    },
};
use napi::{Env, sys};
use std::{
    cell::RefCell,
    path::{Path, PathBuf},
};

/// What `index.js` hands over when it is loaded.
#[derive(Clone)]
pub(super) struct Package {
    env: sys::napi_env,
    asset_dir: PathBuf,
    open: JsRef,
    close: JsRef,
    start_error: JsRef,
}

thread_local! {
    static PACKAGES: RefCell<Vec<Package>> = const { RefCell::new(Vec::new()) };
}

impl Package {
    pub(super) fn read(env: &Env, options: &Options) -> Outcome<Self> {
        let missing = |key: &str| options.wrong(key, "a function");
        Ok(Self {
            env: env.raw(),
            asset_dir: options.required_string("assetDir")?.into(),
            open: options.function("openSync")?.ok_or_else(|| missing("openSync"))?,
            close: options.function("closeSync")?.ok_or_else(|| missing("closeSync"))?,
            start_error: options.function("startError")?.ok_or_else(|| missing("startError"))?,
        })
    }

    /// Keeps it until its environment ends.
    pub(super) fn register(self, env: &Env) -> Outcome<()> {
        let raw = env.raw() as usize;
        env.add_env_cleanup_hook(raw, |raw| {
            let _ = PACKAGES.try_with(|all| all.borrow_mut().retain(|package| package.env as usize != raw));
        })?;
        PACKAGES.with(|all| all.borrow_mut().push(self));
        Ok(())
    }
}

fn of(env: &Env) -> Outcome<Package> {
    let found = PACKAGES.with(|all| all.borrow().iter().find(|package| package.env == env.raw()).cloned());
    found.ok_or_else(|| Fail::internal("the addon was loaded without the package's entry"))
}

/// Folder of the wheel in this package.
pub(super) fn asset_dir(env: &Env) -> Outcome<PathBuf> {
    Ok(of(env)?.asset_dir)
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
        Ok(Self { descriptor, close: package.close })
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

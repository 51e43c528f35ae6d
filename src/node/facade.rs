//! What only JavaScript knows or can do: where the package lies, and files with descriptors of Node's own.

use super::js::{self, Fail, JsRef, Outcome};
use crate::error::StartFailure;
use napi::{Env, sys};
use napi_derive::napi;
use std::cell::RefCell;
use std::path::{Path, PathBuf};

/// What the package's entry hands over when it is loaded.
#[derive(Clone)]
struct Facade {
    env: sys::napi_env,
    asset_dir: PathBuf,
    open: JsRef,
    close: JsRef,
    start_error: JsRef,
}

thread_local! {
    static FACADES: RefCell<Vec<Facade>> = const { RefCell::new(Vec::new()) };
}

/// Called once by `index.js`; not part of the public interface.
#[napi]
pub fn initialize_addon(env: Env, options: JsRef) -> napi::Result<JsRef> {
    super::sync(&env, || {
        let options = super::Options::of(options, "options")?;
        let missing = |key: &str| options.wrong(key, "a function");
        let facade = Facade {
            env: env.raw(),
            asset_dir: options.required_string("assetDir")?.into(),
            open: options.function("openSync")?.ok_or_else(|| missing("openSync"))?,
            close: options.function("closeSync")?.ok_or_else(|| missing("closeSync"))?,
            start_error: options.function("startError")?.ok_or_else(|| missing("startError"))?,
        };
        let raw = env.raw() as usize;
        env.add_env_cleanup_hook(raw, |raw| {
            let _ = FACADES.try_with(|all| all.borrow_mut().retain(|facade| facade.env as usize != raw));
        })?;
        FACADES.with(|all| all.borrow_mut().push(facade));
        Ok(JsRef::undefined(&env))
    })
}

fn of(env: &Env) -> Outcome<Facade> {
    let found = FACADES.with(|all| all.borrow().iter().find(|facade| facade.env == env.raw()).cloned());
    found.ok_or_else(|| js::Fail::internal("the addon was loaded without the package's entry"))
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
        let facade = of(env)?;
        let path = JsRef::string(env, &path.to_string_lossy());
        let mode = JsRef::number(env, f64::from(0o600));
        let descriptor = facade.open.call(&[path, JsRef::string(env, "a"), mode])?;
        Ok(Self { descriptor, close: facade.close })
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

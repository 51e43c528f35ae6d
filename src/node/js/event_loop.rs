//! Node's own event loop, which is libuv's: a request to a server of this machine that goes over it changes no threads.
//! Where the host has no libuv to offer, nothing of this is used.

use super::{
    JsRef, Outcome,
    bell::Bell,
    executor::Loop,
    socket::Socket,
    uv::Uv,
    value::{check, passing},
};
use napi::{Env, sys};
use std::{cell::Cell, ffi::c_void, ptr, rc::Rc};

/// The event loop of one environment, for what it watches.
pub(super) struct EventLoop {
    pub(super) uv: &'static Uv,
    pub(super) raw: *mut c_void,
    env: sys::napi_env,
    context: sys::napi_async_context,
    /// Handles that libuv still knows.
    open: Cell<u32>,
    /// Set when the environment ends; called when the last handle is closed.
    ended: Cell<Option<sys::napi_async_cleanup_hook_handle>>,
}

/// Lets requests of this thread use its event loop, if the host has one of libuv, and gives what wakes that loop.
pub(super) fn offer(env: &Env) -> napi::Result<Option<Bell>> {
    let Some(uv) = Uv::of_host().filter(|_| is_node(env)) else { return Ok(None) };
    let env = env.raw();
    let (mut raw, mut context) = (ptr::null_mut(), ptr::null_mut());
    let name = passing(env, "ktx")?;
    // SAFETY: on the JavaScript thread of a live environment, with room for both results.
    unsafe {
        check(sys::napi_get_uv_event_loop(env, &raw mut raw))?;
        check(sys::napi_async_init(env, ptr::null_mut(), name, &raw mut context))?;
    }
    let (open, ended) = (Cell::default(), Cell::default());
    let event_loop = Rc::new(EventLoop { uv, raw: raw.cast(), env, context, open, ended });
    let hook = Rc::into_raw(event_loop.clone()).cast_mut().cast();
    // SAFETY: the hook gets back the reference that was given away.
    unsafe { check(sys::napi_add_async_cleanup_hook(env, Some(end), hook, ptr::null_mut()))? };
    let bell = Bell::new(&event_loop);
    crate::http::set_event_loop(move |stream| Ok(Box::new(Socket::new(&event_loop, stream)?)));
    Ok(bell)
}

/// Other hosts of addons export functions of these names that only say that they are missing.
fn is_node(env: &Env) -> bool {
    let others = || -> Outcome<bool> {
        let versions = JsRef::global(env)?.get("process")?.get("versions")?;
        Ok(versions.get("bun")?.is_nullish() && versions.get("deno")?.is_nullish())
    };
    others().unwrap_or(false)
}

/// The environment ends: libuv must have let go of every handle before its loop is gone.
unsafe extern "C" fn end(hook: sys::napi_async_cleanup_hook_handle, event_loop: *mut c_void) {
    // SAFETY: it was given away when the hook was added, and hooks are called once.
    let event_loop = unsafe { Rc::from_raw(event_loop.cast::<EventLoop>().cast_const()) };
    event_loop.ended.set(Some(hook));
    Loop::close(event_loop.env as usize);
    crate::http::forget_event_loop();
    // SAFETY: the environment is still live in its hooks.
    unsafe { sys::napi_async_destroy(event_loop.env, event_loop.context) };
    event_loop.release_when_closed();
}

impl EventLoop {
    /// A handle was made, which keeps the environment from ending before it is closed.
    pub(super) fn opened(&self) {
        self.open.set(self.open.get() + 1);
    }

    /// Libuv has let go of a handle.
    pub(super) fn closed(&self) {
        self.open.set(self.open.get() - 1);
        self.release_when_closed();
    }

    fn release_when_closed(&self) {
        if self.open.get() == 0
            && let Some(hook) = self.ended.take()
        {
            // SAFETY: the handle of the hook that was called, removed once.
            unsafe { sys::napi_remove_async_cleanup_hook(hook) };
        }
    }

    /// Runs `work` as a callback from the event loop: what JavaScript has to do because of it follows at once.
    pub(super) fn call_back(&self, work: impl FnOnce(&Loop)) {
        let Some(executor) = Loop::alive(self.env) else { return };
        let (mut handles, mut callback) = (ptr::null_mut(), ptr::null_mut());
        // SAFETY: on the JavaScript thread of a live environment; scopes are closed in turn.
        unsafe {
            sys::napi_open_handle_scope(self.env, &raw mut handles);
            sys::napi_open_callback_scope(self.env, ptr::null_mut(), self.context, &raw mut callback);
            executor.run(|| work(&executor));
            sys::napi_close_callback_scope(self.env, callback);
            sys::napi_close_handle_scope(self.env, handles);
        }
    }
}

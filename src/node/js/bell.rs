//! Wakes Node's event loop from any thread. However often the bell is rung, the loop comes round once before it hears it
//! again, where a thread-safe function of Node's would be called up to a thousand times.

use super::{
    event_loop::EventLoop,
    executor::Loop,
    uv::{Handle, UV_ASYNC, Uv, memory},
};
use std::{ptr, rc::Rc};

/// Rung from any thread.
pub(super) struct Bell {
    uv: &'static Uv,
    handle: Handle,
}

// SAFETY: other threads only ring, which libuv allows to any of them.
unsafe impl Send for Bell {}

impl Bell {
    pub(super) fn new(event_loop: &Rc<EventLoop>) -> Option<Self> {
        let uv = event_loop.uv;
        let handle: Handle = Box::into_raw(memory(uv, UV_ASYNC)).cast();
        // SAFETY: the loop of this thread, and memory that stays until the handle is closed, as does the reference that
        // it holds.
        unsafe {
            if (uv.async_init)(event_loop.raw, handle, on_ring) != 0 {
                return None;
            }
            (uv.set_data)(handle, Rc::into_raw(event_loop.clone()).cast_mut().cast());
            (uv.unref)(handle);
        }
        event_loop.opened();
        Some(Self { uv, handle })
    }

    pub(super) fn ring(&self) {
        // SAFETY: a handle that is not closed, as closing it drops this first.
        unsafe { (self.uv.async_send)(self.handle) };
    }
}

impl Drop for Bell {
    fn drop(&mut self) {
        // SAFETY: on the loop's thread, when the environment ends; closed once.
        unsafe { (self.uv.close)(self.handle, on_bell_closed) };
    }
}

unsafe extern "C" fn on_ring(handle: Handle) {
    let Some(uv) = Uv::of_host() else { return };
    // SAFETY: a handle of ours that is not closed, which holds a reference.
    let event_loop = unsafe { &*(uv.get_data)(handle).cast::<EventLoop>() };
    event_loop.call_back(Loop::let_in);
}

unsafe extern "C" fn on_bell_closed(handle: Handle) {
    let Some(uv) = Uv::of_host() else { return };
    // SAFETY: the reference that the handle held, and its memory, which libuv does not know any more.
    let event_loop = unsafe {
        let event_loop = Rc::from_raw((uv.get_data)(handle).cast::<EventLoop>().cast_const());
        drop(Box::from_raw(ptr::slice_from_raw_parts_mut(handle.cast::<u64>(), memory(uv, UV_ASYNC).len())));
        event_loop
    };
    event_loop.closed();
}

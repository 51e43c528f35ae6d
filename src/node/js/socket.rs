//! Sockets on Node's own event loop: readiness comes from libuv on the JavaScript thread, so that a request to a server
//! of this machine changes no threads. Where the host has no libuv to offer, there are none of these.

use super::{
    JsRef, Outcome,
    executor::Loop,
    uv::{Handle, READABLE, UV_ASYNC, UV_POLL, Uv, WRITABLE, raw_socket},
    value::check,
};
use hyper::rt::{Read, ReadBufCursor, Write};
use napi::{Env, JsValue, sys};
use send_wrapper::SendWrapper;
use socket2::SockRef;
use std::{
    cell::{Cell, RefCell},
    ffi::{c_int, c_void},
    io::{self, ErrorKind, IoSlice, Write as _},
    net::{Shutdown, TcpStream},
    pin::Pin,
    ptr,
    rc::Rc,
    task::{Context, Poll, Waker},
};

/// What all sockets of one environment share.
struct Sockets {
    uv: &'static Uv,
    env: sys::napi_env,
    event_loop: *mut c_void,
    context: sys::napi_async_context,
    /// Handles that libuv still knows.
    open: Cell<u32>,
    /// Set when the environment ends; called when the last handle is closed.
    ended: Cell<Option<sys::napi_async_cleanup_hook_handle>>,
}

/// Lets requests of this thread use its event loop, if the host has one of libuv, and gives what wakes that loop.
pub(super) fn offer(env: &Env) -> napi::Result<Option<Bell>> {
    let Some(uv) = Uv::of_host().filter(|_| is_node(env)) else { return Ok(None) };
    let raw = env.raw();
    let (mut event_loop, mut context) = (ptr::null_mut(), ptr::null_mut());
    let name = env.create_string("ktx")?;
    // SAFETY: on the JavaScript thread of a live environment, with room for both results.
    unsafe {
        check(sys::napi_get_uv_event_loop(raw, &raw mut event_loop))?;
        check(sys::napi_async_init(raw, ptr::null_mut(), name.raw(), &raw mut context))?;
    }
    let event_loop = event_loop.cast();
    let (open, ended) = (Cell::default(), Cell::default());
    let sockets = Rc::new(Sockets { uv, env: raw, event_loop, context, open, ended });
    let hook = Rc::into_raw(sockets.clone()).cast_mut().cast();
    // SAFETY: the hook gets back the reference that was given away.
    unsafe { check(sys::napi_add_async_cleanup_hook(raw, Some(end), hook, ptr::null_mut()))? };
    let bell = Bell::new(&sockets);
    crate::http::set_event_loop(move |stream| {
        Ok(Box::new(Socket { polled: SendWrapper::new(Polled::new(&sockets, &stream)?), stream }))
    });
    Ok(bell)
}

/// Wakes the event loop from any thread. However often it is rung, the loop comes round once before it hears it again,
/// where a thread-safe function of Node's would be called up to a thousand times.
pub(super) struct Bell {
    uv: &'static Uv,
    handle: Handle,
}

// SAFETY: other threads only ring, which libuv allows to any of them.
unsafe impl Send for Bell {}

impl Bell {
    fn new(sockets: &Rc<Sockets>) -> Option<Self> {
        let uv = sockets.uv;
        let handle: Handle = Box::into_raw(memory(uv, UV_ASYNC)).cast();
        // SAFETY: the loop of this thread, and memory that stays until the handle is closed, as does the reference that
        // it holds.
        unsafe {
            if (uv.async_init)(sockets.event_loop, handle, on_ring) != 0 {
                return None;
            }
            (uv.set_data)(handle, Rc::into_raw(sockets.clone()).cast_mut().cast());
            (uv.unref)(handle);
        }
        sockets.open.set(sockets.open.get() + 1);
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
    let sockets = unsafe { &*(uv.get_data)(handle).cast::<Sockets>() };
    if let Some(executor) = Loop::alive(sockets.env) {
        sockets.call_back(|| executor.let_in());
    }
}

unsafe extern "C" fn on_bell_closed(handle: Handle) {
    let Some(uv) = Uv::of_host() else { return };
    // SAFETY: the reference that the handle held, and its memory, which libuv does not know any more.
    let sockets = unsafe {
        let sockets = Rc::from_raw((uv.get_data)(handle).cast::<Sockets>().cast_const());
        drop(Box::from_raw(ptr::slice_from_raw_parts_mut(handle.cast::<u64>(), memory(uv, UV_ASYNC).len())));
        sockets
    };
    sockets.open.set(sockets.open.get() - 1);
    sockets.release_when_closed();
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
unsafe extern "C" fn end(hook: sys::napi_async_cleanup_hook_handle, sockets: *mut c_void) {
    // SAFETY: it was given away when the hook was added, and hooks are called once.
    let sockets = unsafe { Rc::from_raw(sockets.cast::<Sockets>().cast_const()) };
    sockets.ended.set(Some(hook));
    if let Some(executor) = Loop::alive(sockets.env) {
        executor.forget_bell();
    }
    Loop::close(sockets.env as usize);
    crate::http::forget_event_loop();
    // SAFETY: the environment is still live in its hooks.
    unsafe { sys::napi_async_destroy(sockets.env, sockets.context) };
    sockets.release_when_closed();
}

impl Sockets {
    fn release_when_closed(&self) {
        if self.open.get() == 0
            && let Some(hook) = self.ended.take()
        {
            // SAFETY: the handle of the hook that was called, removed once.
            unsafe { sys::napi_remove_async_cleanup_hook(hook) };
        }
    }

    /// Runs `work` as a callback from the event loop: what JavaScript has to do because of it follows at once.
    fn call_back(&self, work: impl FnOnce()) {
        let Some(executor) = Loop::alive(self.env) else { return };
        let (mut handles, mut callback) = (ptr::null_mut(), ptr::null_mut());
        // SAFETY: on the JavaScript thread of a live environment; scopes are closed in turn.
        unsafe {
            sys::napi_open_handle_scope(self.env, &raw mut handles);
            sys::napi_open_callback_scope(self.env, ptr::null_mut(), self.context, &raw mut callback);
            executor.run(work);
            sys::napi_close_callback_scope(self.env, callback);
            sys::napi_close_handle_scope(self.env, handles);
        }
    }
}

/// Memory for a handle of that kind.
fn memory(uv: &Uv, kind: c_int) -> Box<[u64]> {
    // SAFETY: a function without conditions.
    let size = unsafe { (uv.handle_size)(kind) };
    vec![0; size.div_ceil(size_of::<u64>())].into()
}

/// A socket that libuv watches. It keeps watching while nothing is asked for: that costs nothing, and a change does.
struct Polled {
    sockets: Rc<Sockets>,
    /// Memory that libuv uses until it says that the handle is closed.
    handle: Box<[u64]>,
    watched: Cell<c_int>,
    /// Events that the socket has not announced since it last had to wait for them.
    awaited: Cell<c_int>,
    reader: RefCell<Option<Waker>>,
    writer: RefCell<Option<Waker>>,
}

impl Polled {
    fn new(sockets: &Rc<Sockets>, stream: &TcpStream) -> io::Result<Rc<Self>> {
        stream.set_nonblocking(true)?;
        let uv = sockets.uv;
        let this = Rc::new(Self {
            sockets: sockets.clone(),
            handle: memory(uv, UV_POLL),
            watched: Cell::new(0),
            awaited: Cell::new(0),
            reader: RefCell::default(),
            writer: RefCell::default(),
        });
        // SAFETY: the loop of this thread, and memory for a handle that stays where it is until it is closed.
        let status = unsafe { (uv.poll_init)(sockets.event_loop, this.handle(), raw_socket(stream)) };
        if status != 0 {
            return Err(io::Error::other("the event loop does not take the socket"));
        }
        sockets.open.set(sockets.open.get() + 1);
        // SAFETY: a handle that was made. It holds a reference until it is closed.
        unsafe {
            (uv.set_data)(this.handle(), Rc::into_raw(this.clone()).cast_mut().cast());
            (uv.unref)(this.handle());
        }
        Ok(this)
    }

    /// The one that holds a handle.
    fn of(handle: Handle) -> Option<Rc<Self>> {
        // SAFETY: a handle of ours, which holds one reference until it is closed; another one is taken.
        unsafe {
            let polled = (Uv::of_host()?.get_data)(handle).cast::<Self>().cast_const();
            Rc::increment_strong_count(polled);
            Some(Rc::from_raw(polled))
        }
    }

    fn handle(&self) -> Handle {
        self.handle.as_ptr().cast_mut().cast()
    }

    fn watch(&self, events: c_int) -> io::Result<()> {
        if self.watched.replace(events) == events {
            return Ok(());
        }
        let uv = self.sockets.uv;
        // SAFETY: a handle that was made and is not closed: a socket is closed when nobody can ask any more.
        let status = unsafe {
            if events == 0 { (uv.poll_stop)(self.handle()) } else { (uv.poll_start)(self.handle(), events, on_event) }
        };
        if status == 0 { Ok(()) } else { Err(io::Error::other("the event loop does not watch the socket")) }
    }

    /// Does `work`, or waits for `event` where the socket has to. It is not tried before the event has come: whoever
    /// waits asks several times.
    fn poll<T>(
        &self,
        context: &Context<'_>,
        event: c_int,
        work: impl FnOnce() -> io::Result<T>,
    ) -> Poll<io::Result<T>> {
        if self.awaited.get() & event == 0 {
            match work() {
                Err(error) if error.kind() == ErrorKind::WouldBlock => self.awaited.set(self.awaited.get() | event),
                result => return Poll::Ready(result),
            }
        }
        self.waiting(event).replace(Some(context.waker().clone()));
        match self.watch(self.watched.get() | event) {
            Ok(()) => Poll::Pending,
            Err(error) => Poll::Ready(Err(error)),
        }
    }

    fn waiting(&self, event: c_int) -> &RefCell<Option<Waker>> {
        if event == READABLE { &self.reader } else { &self.writer }
    }

    /// The socket is ready. What nobody waits for is not watched any longer, or it would be told again
    /// and again.
    fn ready(&self, events: c_int) {
        self.awaited.set(self.awaited.get() & !events);
        let mut watched = self.watched.get() & !WRITABLE;
        for event in [READABLE, WRITABLE].into_iter().filter(|event| events & event != 0) {
            match self.waiting(event).take() {
                Some(waker) => waker.wake(),
                None => watched &= !event,
            }
        }
        // Whoever waits asks again, and is told.
        let _ = self.watch(watched);
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // SAFETY: a handle that was made, closed once, before its socket.
        unsafe { (self.polled.sockets.uv.close)(self.polled.handle(), on_closed) };
    }
}

/// A connected socket, for the JavaScript thread only.
struct Socket {
    polled: SendWrapper<Rc<Polled>>,
    stream: TcpStream,
}

impl Read for Socket {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        mut buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        // SAFETY: bytes are only written to it.
        let receive = || SockRef::from(&self.stream).recv(unsafe { buffer.as_mut() });
        let received = self.polled.poll(context, READABLE, receive);
        // SAFETY: so many were written.
        received.map_ok(|length| unsafe { buffer.advance(length) })
    }
}

impl Write for Socket {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.polled.poll(context, WRITABLE, || (&self.stream).write(bytes))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.polled.poll(context, WRITABLE, || (&self.stream).write_vectored(parts))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.stream.shutdown(Shutdown::Write))
    }
}

unsafe extern "C" fn on_event(handle: Handle, status: c_int, events: c_int) {
    let Some(polled) = Polled::of(handle) else { return };
    // After a failure libuv watches no longer, and whoever uses the socket will see how it failed.
    let events = if status < 0 { READABLE | WRITABLE } else { events };
    if status < 0 {
        polled.watched.set(0);
    }
    polled.sockets.call_back(|| polled.ready(events));
}

unsafe extern "C" fn on_closed(handle: Handle) {
    if let Some(polled) = Polled::of(handle) {
        let sockets = polled.sockets.clone();
        sockets.open.set(sockets.open.get() - 1);
        // SAFETY: the reference that the handle held, which libuv does not know any more.
        unsafe { drop(Rc::from_raw(Rc::as_ptr(&polled))) };
        sockets.release_when_closed();
    }
}

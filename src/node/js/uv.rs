//! The functions of libuv that the binding uses, as the host exports them: <https://docs.libuv.org/en/v1.x/poll.html>.

use crate::process::host_symbol;
use std::{
    ffi::{CStr, c_int, c_void},
    net::TcpStream,
    sync::OnceLock,
};

/// `UV_POLL` of libuv's `uv_handle_type`, part of its stable interface (`uv.h`, `UV_HANDLE_TYPE_MAP`).
pub(super) const UV_POLL: c_int = 8;
/// `UV_ASYNC` of the same.
pub(super) const UV_ASYNC: c_int = 1;
/// `UV_READABLE` and `UV_WRITABLE` of `uv_poll_event`.
pub(super) const READABLE: c_int = 1;
pub(super) const WRITABLE: c_int = 2;

pub(super) type Handle = *mut c_void;
type OnEvent = unsafe extern "C" fn(Handle, status: c_int, events: c_int);
type OnRing = unsafe extern "C" fn(Handle);
type OnClosed = unsafe extern "C" fn(Handle);
#[cfg(unix)]
type RawSocket = std::os::fd::RawFd;
#[cfg(windows)]
type RawSocket = std::os::windows::io::RawSocket;

/// The functions, all of them.
pub(super) struct Uv {
    pub(super) handle_size: unsafe extern "C" fn(c_int) -> usize,
    pub(super) set_data: unsafe extern "C" fn(Handle, *mut c_void),
    pub(super) get_data: unsafe extern "C" fn(Handle) -> *mut c_void,
    pub(super) unref: unsafe extern "C" fn(Handle),
    pub(super) close: unsafe extern "C" fn(Handle, OnClosed),
    pub(super) async_init: unsafe extern "C" fn(*mut c_void, Handle, OnRing) -> c_int,
    pub(super) async_send: unsafe extern "C" fn(Handle) -> c_int,
    pub(super) poll_init: unsafe extern "C" fn(*mut c_void, Handle, RawSocket) -> c_int,
    pub(super) poll_start: unsafe extern "C" fn(Handle, c_int, OnEvent) -> c_int,
    pub(super) poll_stop: unsafe extern "C" fn(Handle) -> c_int,
}

impl Uv {
    /// `None` where the host has no libuv, or does not show it.
    pub(super) fn of_host() -> Option<&'static Self> {
        static UV: OnceLock<Option<Uv>> = OnceLock::new();
        UV.get_or_init(Self::find).as_ref()
    }

    fn find() -> Option<Self> {
        // SAFETY: the types are those of libuv's documentation, which do not change within its version 1.
        unsafe {
            Some(Self {
                handle_size: function(c"uv_handle_size")?,
                set_data: function(c"uv_handle_set_data")?,
                get_data: function(c"uv_handle_get_data")?,
                unref: function(c"uv_unref")?,
                close: function(c"uv_close")?,
                async_init: function(c"uv_async_init")?,
                async_send: function(c"uv_async_send")?,
                poll_init: function(c"uv_poll_init_socket")?,
                poll_start: function(c"uv_poll_start")?,
                poll_stop: function(c"uv_poll_stop")?,
            })
        }
    }
}

/// SAFETY: `F` is the type of that function.
unsafe fn function<F: Copy>(name: &CStr) -> Option<F> {
    const { assert!(size_of::<F>() == size_of::<*const c_void>()) };
    // SAFETY: a function pointer, as the caller says; the host stays loaded.
    host_symbol(name).map(|symbol| unsafe { std::mem::transmute_copy(&symbol) })
}

#[cfg(unix)]
pub(super) fn raw_socket(stream: &TcpStream) -> RawSocket {
    std::os::fd::AsRawFd::as_raw_fd(stream)
}

#[cfg(windows)]
pub(super) fn raw_socket(stream: &TcpStream) -> RawSocket {
    std::os::windows::io::AsRawSocket::as_raw_socket(stream)
}

/// Memory for a handle of that kind.
pub(super) fn memory(uv: &Uv, kind: c_int) -> Box<[u64]> {
    // SAFETY: a function without conditions.
    let size = unsafe { (uv.handle_size)(kind) };
    vec![0; size.div_ceil(size_of::<u64>())].into()
}

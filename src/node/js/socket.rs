//! Sockets that libuv watches: they are read and written on the JavaScript thread, as Node's own are.

use super::{
    event_loop::EventLoop,
    uv::{Handle, READABLE, UV_POLL, Uv, WRITABLE, memory, raw_socket},
};
use hyper::rt::{Read, ReadBufCursor, Write};
use send_wrapper::SendWrapper;
use socket2::SockRef;
use std::{
    cell::{Cell, RefCell},
    ffi::c_int,
    io::{self, ErrorKind, IoSlice, Write as _},
    net::{Shutdown, TcpStream},
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, Waker},
};

/// A socket that libuv watches. It keeps watching while nothing is asked for: that costs nothing, and a change does.
struct Polled {
    event_loop: Rc<EventLoop>,
    /// Memory that libuv uses until it says that the handle is closed.
    handle: Box<[u64]>,
    watched: Cell<c_int>,
    /// Events that the socket has not announced since it last had to wait for them.
    awaited: Cell<c_int>,
    reader: RefCell<Option<Waker>>,
    writer: RefCell<Option<Waker>>,
}

impl Polled {
    fn new(event_loop: &Rc<EventLoop>, stream: &TcpStream) -> io::Result<Rc<Self>> {
        stream.set_nonblocking(true)?;
        let uv = event_loop.uv;
        let this = Rc::new(Self {
            event_loop: event_loop.clone(),
            handle: memory(uv, UV_POLL),
            watched: Cell::new(0),
            awaited: Cell::new(0),
            reader: RefCell::default(),
            writer: RefCell::default(),
        });
        // SAFETY: the loop of this thread, and memory for a handle that stays where it is until it is closed.
        let status = unsafe { (uv.poll_init)(event_loop.raw, this.handle(), raw_socket(stream)) };
        if status != 0 {
            return Err(io::Error::other("the event loop does not take the socket"));
        }
        event_loop.opened();
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
        let uv = self.event_loop.uv;
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

    /// There was less to read than could have been: to ask again before more has come is in vain.
    fn drained(&self) {
        self.awaited.set(self.awaited.get() | READABLE);
    }

    fn waiting(&self, event: c_int) -> &RefCell<Option<Waker>> {
        if event == READABLE { &self.reader } else { &self.writer }
    }

    /// The socket is ready. What nobody waits for is not watched any longer, or it would be told again and
    /// again.
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

/// A connected socket, for the JavaScript thread only.
pub(super) struct Socket {
    polled: SendWrapper<Rc<Polled>>,
    stream: TcpStream,
}

impl Socket {
    pub(super) fn new(event_loop: &Rc<EventLoop>, stream: TcpStream) -> io::Result<Self> {
        Ok(Self { polled: SendWrapper::new(Polled::new(event_loop, &stream)?), stream })
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // SAFETY: a handle that was made, closed once, before its socket.
        unsafe { (self.polled.event_loop.uv.close)(self.polled.handle(), on_closed) };
    }
}

impl Read for Socket {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        mut buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let room = buffer.remaining();
        // SAFETY: bytes are only written to it.
        let receive = || SockRef::from(&self.stream).recv(unsafe { buffer.as_mut() });
        let received = self.polled.poll(context, READABLE, receive);
        received.map_ok(|length| {
            if 0 < length && length < room {
                self.polled.drained();
            }
            // SAFETY: so many were written.
            unsafe { buffer.advance(length) }
        })
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
    polled.event_loop.call_back(|_| polled.ready(events));
}

unsafe extern "C" fn on_closed(handle: Handle) {
    if let Some(polled) = Polled::of(handle) {
        // SAFETY: the reference that the handle held, which libuv does not know any more.
        unsafe { drop(Rc::from_raw(Rc::as_ptr(&polled))) };
        polled.event_loop.closed();
    }
}

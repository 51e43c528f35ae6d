//! Connections that wait for their next request, on the runtime's threads or on the event loop of the host.

use super::{connection::Connection, dial::Socket};
use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    io,
    rc::Rc,
    sync::{LazyLock, Mutex, PoisonError},
    time::{Duration, Instant},
};
use url::{Position, Url};

/// Longest wait of a connection for its next request.
const IDLE: Duration = Duration::from_secs(90);

/// Requests that the event loop has under way at most. A few are faster there than over a change of threads; many leave
/// more of JavaScript's thread to JavaScript where another thread reads and writes (docs/performance.md).
const AT_ONCE: u32 = 8;

/// Idle connections by the scheme, credentials, host and port that they lead to.
#[derive(Default)]
struct Pool(HashMap<String, Vec<Idle>>);

struct Idle {
    connection: Connection,
    since: Instant,
}

impl Pool {
    fn take(&mut self, url: &Url) -> Option<Connection> {
        let idle = self.0.get_mut(origin(url))?.pop()?;
        idle.is_fresh().then_some(idle.connection)
    }

    fn put(&mut self, url: &Url, connection: Connection) {
        // Those to a server that is gone are never asked for again.
        self.0.retain(|_, waiting| {
            waiting.retain(Idle::is_fresh);
            !waiting.is_empty()
        });
        let idle = Idle { connection, since: Instant::now() };
        match self.0.get_mut(origin(url)) {
            Some(waiting) => waiting.push(idle),
            None => drop(self.0.insert(origin(url).to_owned(), vec![idle])),
        }
    }
}

impl Idle {
    fn is_fresh(&self) -> bool {
        self.since.elapsed() < IDLE
    }
}

fn origin(url: &Url) -> &str {
    &url[..Position::BeforePath]
}

/// Whose sockets a request goes through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// The runtime's.
    Runtime,
    /// Those of the event loop that runs on this thread.
    EventLoop,
}

static OF_RUNTIME: LazyLock<Mutex<Pool>> = LazyLock::new(Mutex::default);

/// Makes a connected socket one of the event loop.
type Adopt = dyn Fn(std::net::TcpStream) -> io::Result<Socket>;

struct EventLoop {
    adopt: Rc<Adopt>,
    pool: Pool,
    under_way: Rc<Cell<u32>>,
}

thread_local! {
    static EVENT_LOOP: RefCell<Option<EventLoop>> = const { RefCell::new(None) };
}

/// Lets requests of this thread to servers of this machine use the host's own event loop, which spares them two changes
/// of threads.
pub fn set_event_loop(adopt: impl Fn(std::net::TcpStream) -> io::Result<Socket> + 'static) {
    EVENT_LOOP.with(|slot| {
        *slot.borrow_mut() = Some(EventLoop { adopt: Rc::new(adopt), pool: Pool::default(), under_way: Rc::default() })
    });
}

/// Closes the connections of this thread's event loop, which is about to end.
pub fn forget_event_loop() {
    drop(EVENT_LOOP.try_with(|slot| slot.borrow_mut().take()));
}

/// Makes a connected socket one of this thread's event loop.
pub(super) fn adopt(stream: std::net::TcpStream) -> io::Result<Socket> {
    let adopt = EVENT_LOOP.with(|slot| slot.borrow().as_ref().map(|event_loop| event_loop.adopt.clone()));
    adopt.ok_or_else(|| io::Error::other("the event loop has ended"))?(stream)
}

/// The right to use the event loop of this thread for one request.
pub(super) struct Turn(Rc<Cell<u32>>);

impl Turn {
    /// `None` where a request belongs on the runtime's threads: with no event loop, with more to do than a plain request
    /// to this machine, or with enough of them under way.
    pub(super) fn of(url: &Url) -> Option<Self> {
        if url.scheme() != "http" || !super::is_loopback(url) {
            return None;
        }
        let under_way =
            EVENT_LOOP.with(|slot| slot.borrow().as_ref().map(|event_loop| event_loop.under_way.clone()))?;
        let turn = under_way.get() < AT_ONCE;
        turn.then(|| {
            under_way.set(under_way.get() + 1);
            Self(under_way)
        })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

impl Place {
    /// An idle connection that still stands.
    pub(super) async fn take(self, url: &Url) -> Option<Connection> {
        while let Some(mut connection) = self.with_pool(|pool| pool.take(url)).flatten() {
            if connection.is_ready().await {
                return Some(connection);
            }
        }
        None
    }

    /// Keeps a connection for the next request, if it takes one.
    pub(super) async fn put(self, url: &Url, mut connection: Connection) {
        if connection.is_ready().await {
            self.with_pool(|pool| pool.put(url, connection));
        }
    }

    fn with_pool<T>(self, work: impl FnOnce(&mut Pool) -> T) -> Option<T> {
        match self {
            Self::Runtime => Some(work(&mut OF_RUNTIME.lock().unwrap_or_else(PoisonError::into_inner))),
            Self::EventLoop => {
                EVENT_LOOP.with(|slot| slot.borrow_mut().as_mut().map(|event_loop| work(&mut event_loop.pool)))
            }
        }
    }
}

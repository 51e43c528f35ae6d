//! Connections that wait for their next request, on the runtime's threads or on the event loop of the host.

use super::{connection::Connection, dial::Socket};
use std::{
    cell::RefCell,
    collections::HashMap,
    io,
    rc::Rc,
    sync::{LazyLock, Mutex, PoisonError},
    time::{Duration, Instant},
};
use url::{Position, Url};

/// Longest wait of a connection for its next request.
const IDLE: Duration = Duration::from_secs(90);

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
        (idle.since.elapsed() < IDLE).then_some(idle.connection)
    }

    fn put(&mut self, url: &Url, connection: Connection) {
        let idle = Idle { connection, since: Instant::now() };
        match self.0.get_mut(origin(url)) {
            Some(waiting) => {
                waiting.retain(|idle| idle.since.elapsed() < IDLE);
                waiting.push(idle);
            }
            None => drop(self.0.insert(origin(url).to_owned(), vec![idle])),
        }
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
}

thread_local! {
    static EVENT_LOOP: RefCell<Option<EventLoop>> = const { RefCell::new(None) };
}

/// Lets requests of this thread to servers of this machine use the host's own event loop, which spares them two changes
/// of threads.
pub fn set_event_loop(adopt: impl Fn(std::net::TcpStream) -> io::Result<Socket> + 'static) {
    EVENT_LOOP.with(|slot| *slot.borrow_mut() = Some(EventLoop { adopt: Rc::new(adopt), pool: Pool::default() }));
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

impl Place {
    /// Where a request of this thread goes.
    pub(super) fn of(url: &Url) -> Self {
        let plain = url.scheme() == "http" && super::is_loopback(url);
        if plain && EVENT_LOOP.with(|slot| slot.borrow().is_some()) { Self::EventLoop } else { Self::Runtime }
    }

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

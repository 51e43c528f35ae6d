//! The queue of threads of this process that wait for the same lock.

use std::{
    collections::{BTreeMap, VecDeque},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    thread::{self, Thread},
    time::{Duration, Instant},
};

static QUEUES: Mutex<BTreeMap<PathBuf, Queue>> = Mutex::new(BTreeMap::new());

/// Waiters for a lock, in order of arrival.
struct Queue {
    waiting: VecDeque<(u64, Thread)>,
    last: u64,
    /// Time at which a waiter last got the lock, or at which the first one arrived.
    advanced: Instant,
}

/// The position of a thread in the queue; dropping it wakes the next one.
#[derive(Debug)]
pub(super) struct Permit {
    path: PathBuf,
    number: u64,
}

fn queues() -> MutexGuard<'static, BTreeMap<PathBuf, Queue>> {
    QUEUES.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Permit {
    /// Waits until this thread is the first; `None` if no waiter got the lock within `limit`.
    pub(super) fn acquire(path: &Path, limit: Duration) -> Option<Self> {
        let began = Instant::now();
        let permit = {
            let mut queues = queues();
            let new = || Queue { waiting: VecDeque::new(), last: 0, advanced: began };
            let queue = queues.entry(path.to_owned()).or_insert_with(new);
            queue.last += 1;
            queue.waiting.push_back((queue.last, thread::current()));
            Self { path: path.to_owned(), number: queue.last }
        };
        loop {
            let (is_first, advanced) = permit.state();
            let left = limit.saturating_sub(advanced.max(began).elapsed());
            if is_first || left.is_zero() {
                return is_first.then_some(permit);
            }
            thread::park_timeout(left);
        }
    }

    /// Records that this waiter got the lock, which restarts the limit of those behind it.
    pub(super) fn advance(&self) {
        if let Some(queue) = queues().get_mut(&self.path) {
            queue.advanced = Instant::now();
        }
    }

    fn state(&self) -> (bool, Instant) {
        let queues = queues();
        let queue = &queues[&self.path];
        (queue.waiting.front().is_some_and(|(number, _)| *number == self.number), queue.advanced)
    }
}

#[cfg(test)]
pub(super) fn waiting(path: &Path) -> usize {
    queues().get(path).map_or(0, |queue| queue.waiting.len())
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut queues = queues();
        let Some(queue) = queues.get_mut(&self.path) else { return };
        queue.waiting.retain(|(number, _)| *number != self.number);
        match queue.waiting.front() {
            Some((_, next)) => next.unpark(),
            None => drop(queues.remove(&self.path)),
        }
    }
}

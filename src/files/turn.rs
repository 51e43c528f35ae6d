//! The order in which the threads of this process come to a lock.

use std::{
    collections::{BTreeMap, VecDeque},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    thread::{self, Thread},
    time::{Duration, Instant},
};

static QUEUES: Mutex<BTreeMap<PathBuf, Queue>> = Mutex::new(BTreeMap::new());

/// Who wants a lock, first the one whose turn it is.
struct Queue {
    waiting: VecDeque<(u64, Thread)>,
    last: u64,
    /// When one of them got the lock, or the first one came.
    moved: Instant,
}

/// The turn of one thread; dropping it wakes the next one.
#[derive(Debug)]
pub(super) struct Turn {
    path: PathBuf,
    number: u64,
}

fn queues() -> MutexGuard<'static, BTreeMap<PathBuf, Queue>> {
    QUEUES.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Turn {
    /// Waits for its turn; `None` if nobody before it got the lock for as long as the limit.
    pub(super) fn take(path: &Path, limit: Duration) -> Option<Self> {
        let began = Instant::now();
        let turn = {
            let mut queues = queues();
            let new = || Queue { waiting: VecDeque::new(), last: 0, moved: began };
            let queue = queues.entry(path.to_owned()).or_insert_with(new);
            queue.last += 1;
            queue.waiting.push_back((queue.last, thread::current()));
            Self { path: path.to_owned(), number: queue.last }
        };
        loop {
            let (is_first, moved) = turn.look();
            let left = limit.saturating_sub(moved.max(began).elapsed());
            if is_first || left.is_zero() {
                return is_first.then_some(turn);
            }
            thread::park_timeout(left);
        }
    }

    /// Notes that this one got the lock: those behind it wait for the whole limit again.
    pub(super) fn moved(&self) {
        if let Some(queue) = queues().get_mut(&self.path) {
            queue.moved = Instant::now();
        }
    }

    fn look(&self) -> (bool, Instant) {
        let queues = queues();
        let queue = &queues[&self.path];
        (queue.waiting.front().is_some_and(|(number, _)| *number == self.number), queue.moved)
    }
}

#[cfg(test)]
pub(super) fn waiting(path: &Path) -> usize {
    queues().get(path).map_or(0, |queue| queue.waiting.len())
}

impl Drop for Turn {
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

//! Parallel map over the cores.

use crate::error::Result;
use std::{
    num::NonZero,
    panic::resume_unwind,
    sync::{Mutex, PoisonError},
    thread,
};

/// Maximum number of threads; more do not help, as the work is limited by one folder or by memory.
const MAX_THREADS: usize = 4;

/// Maps items on this thread and others; the results are in the order of the items. Blocks.
///
/// Errors: that of the first item in order that fails.
pub(crate) fn map<T: Send, U: Send>(items: Vec<T>, work: impl Fn(T) -> Result<U> + Sync) -> Result<Vec<U>> {
    let queue = Mutex::new(items.into_iter().enumerate());
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
    let run_worker = || {
        let mut results = Vec::new();
        while let Some((index, item)) = next() {
            results.push((index, work(item)));
        }
        results
    };
    let mut results = thread::scope(|scope| {
        let spawn = |_| thread::Builder::new().name("ktx-parallel".into()).spawn_scoped(scope, run_worker).ok();
        let workers: Vec<_> = (1..thread_count()).filter_map(spawn).collect();
        let mut results = run_worker();
        for worker in workers {
            results.extend(worker.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        results
    });
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

fn thread_count() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get).min(MAX_THREADS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Code, Error};

    #[test]
    fn results_are_in_order() {
        let doubled = map((0..1000).collect(), |number| Ok(number * 2)).unwrap();
        assert_eq!(doubled, (0..1000).map(|number| number * 2).collect::<Vec<_>>());
        assert!(map(Vec::<u8>::new(), Ok).unwrap().is_empty());
    }

    #[test]
    fn first_error_in_order_is_returned() {
        let odd = |number: usize| match number % 2 {
            0 => Ok(number),
            _ => Err(Error::new(Code::Internal, number.to_string())),
        };
        assert_eq!(map((0..1000).collect(), odd).unwrap_err().to_string(), "1");
    }

    #[test]
    #[should_panic(expected = "no")]
    fn panic_is_propagated_to_the_caller() {
        let _ = map(vec![1, 2, 3, 4], |_| -> Result<()> { panic!("no") });
    }
}

//! Work that is spread over the cores.

use crate::error::Result;
use std::{
    num::NonZero,
    panic::resume_unwind,
    sync::{Mutex, PoisonError},
    thread,
};

/// Threads at most: what is spread here waits for one folder or for memory sooner than for more cores.
const MOST: usize = 4;

/// Does the work for every item, on this thread and some more; the results are in the order of the items. Blocks.
///
/// Errors: that of the first item that has one.
pub(crate) fn map<T: Send, U: Send>(items: Vec<T>, work: impl Fn(T) -> Result<U> + Sync) -> Result<Vec<U>> {
    let queue = Mutex::new(items.into_iter().enumerate());
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
    let help = || {
        let mut done = Vec::new();
        while let Some((place, item)) = next() {
            done.push((place, work(item)));
        }
        done
    };
    let mut done = thread::scope(|scope| {
        let spawn = |_| thread::Builder::new().name("ktx-parallel".into()).spawn_scoped(scope, help).ok();
        let helpers: Vec<_> = (1..cores()).filter_map(spawn).collect();
        let mut done = help();
        for helper in helpers {
            done.extend(helper.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        done
    });
    done.sort_by_key(|item| item.0);
    done.into_iter().map(|(_, result)| result).collect()
}

fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get).min(MOST)
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
    fn the_first_error_counts() {
        let odd = |number: usize| match number % 2 {
            0 => Ok(number),
            _ => Err(Error::new(Code::Internal, number.to_string())),
        };
        assert_eq!(map((0..1000).collect(), odd).unwrap_err().to_string(), "1");
    }

    #[test]
    #[should_panic(expected = "no")]
    fn a_panic_is_the_callers() {
        let _ = map(vec![1, 2, 3, 4], |_| -> Result<()> { panic!("no") });
    }
}

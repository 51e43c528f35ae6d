//! Offloads work to other threads. Orchestration is polled on the JavaScript thread, which must not block.

use crate::error::{Code, Error};
use std::{any::Any, cell::RefCell, future::Future, pin::Pin, time::Duration};
use tokio::{runtime::Handle, task::JoinHandle};

/// Keeps the host process alive until it is dropped.
pub type Guard = Box<dyn Any>;
type GuardFactory = Box<dyn Fn() -> Guard>;

thread_local! {
    static KEEP_ALIVE: RefCell<Option<GuardFactory>> = const { RefCell::new(None) };
}

/// Sets the factory of guards that keep the host of this thread alive during offloaded work. Node exits when its event
/// loop has nothing to wait for, and does not know of other threads.
pub fn set_keep_alive(factory: impl Fn() -> Guard + 'static) {
    KEEP_ALIVE.with(|slot| *slot.borrow_mut() = Some(Box::new(factory)));
}

/// Keeps the host alive until the returned guard is dropped; `None` without a factory.
pub fn keep_alive() -> Option<Guard> {
    KEEP_ALIVE.with(|slot| slot.borrow().as_ref().map(|factory| factory()))
}

/// The type-erased output of a task. With one task type for all callers tokio's code is compiled once, which saves a
/// twentieth of the addon's size.
type Output = Box<dyn Any + Send>;

/// Runs blocking work on tokio's blocking pool. Dropping the future does not stop work that has begun.
pub fn spawn_blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> impl Future<Output = T> {
    let work: Box<dyn FnOnce() -> Output + Send> = Box::new(move || Box::new(work()));
    async { downcast(join(tokio::task::spawn_blocking(work)).await) }
}

/// Runs a future on the threads of the current runtime; dropping the returned future aborts it. It is boxed, as futures
/// that await it are moved on the small stack of the JavaScript thread.
pub fn spawn<T: Send + 'static>(future: impl Future<Output = T> + Send + 'static) -> impl Future<Output = T> {
    spawn_on(&Handle::current(), future)
}

/// Runs a future like [`spawn`], on the threads of another runtime.
pub fn spawn_on<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
    runtime: &Handle,
    future: F,
) -> impl Future<Output = T> + use<T, F> {
    let future: Pin<Box<dyn Future<Output = Output> + Send>> = Box::pin(async { Box::new(future.await) as Output });
    let task = runtime.spawn(future);
    async { downcast(join(task).await) }
}

fn downcast<T: 'static>(output: Output) -> T {
    *output.downcast().unwrap_or_else(|_| unreachable!("the output of a task has the type of its future"))
}

/// Waits for a duration without blocking the thread.
pub async fn sleep(duration: Duration) {
    spawn(tokio::time::sleep(duration)).await;
}

async fn join(handle: JoinHandle<Output>) -> Output {
    let _guard = keep_alive();
    let mut handle = AbortOnDrop(handle);
    match (&mut handle.0).await {
        Ok(value) => value,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The task was cancelled by a shutdown of the runtime: the result is no longer needed.
            Err(_) => std::future::pending().await,
        },
    }
}

struct AbortOnDrop(JoinHandle<Output>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Awaits a future for at most `limit`.
///
/// Errors: `code` after a timeout, with the step and the limit.
pub async fn with_timeout<T, E: From<Error>>(
    limit: Duration,
    code: Code,
    step: &str,
    future: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    let _guard = keep_alive();
    match tokio::time::timeout(limit, future).await {
        Ok(result) => result,
        Err(_) => Err(Error::new(code, format!("{step} took longer than {} ms", limit.as_millis())).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{cell::Cell, rc::Rc};

    #[tokio::test]
    async fn work_runs_on_another_thread_and_keeps_the_host_alive() {
        struct Count(Rc<Cell<i32>>);
        impl Drop for Count {
            fn drop(&mut self) {
                self.0.set(self.0.get() - 1);
            }
        }
        let alive = Rc::new(Cell::new(0));
        let seen = alive.clone();
        set_keep_alive(move || {
            seen.set(seen.get() + 1);
            Box::new(Count(seen.clone()))
        });
        let here = std::thread::current().id();
        let working = spawn_blocking(move || std::thread::current().id());
        assert_ne!(working.await, here);
        assert_eq!(alive.get(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn timeout_error_names_the_step() {
        let never = std::future::pending::<Result<(), Error>>();
        let error =
            with_timeout(Duration::from_millis(20), Code::LockTimeout, "Waiting for x", never).await.unwrap_err();
        assert_eq!(error.to_string(), "Waiting for x took longer than 20 ms");
    }
}

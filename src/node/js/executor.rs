//! A small executor per Node environment. A task is polled once when it is spawned, then after each wake: in the same
//! microtask if the waker is called on the JavaScript thread, otherwise from a thread-safe function that all tasks share,
//! and while wakes keep coming from `setImmediate`, once per iteration of the event loop.

use super::{
    call_site::CallSite,
    environment,
    types::{Fail, JsRef, Outcome},
    value::check,
};
use napi::{
    Env, Result, Status,
    bindgen_prelude::within_runtime_if_available,
    sys,
    threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode},
};
use std::{
    cell::{Cell, RefCell},
    collections::{HashMap, VecDeque},
    future::Future,
    panic::AssertUnwindSafe,
    pin::Pin,
    ptr,
    rc::Rc,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    task::{Context, Poll, Wake, Waker},
    thread::ThreadId,
};

/// Schedules a drain of the external wakes. Weak: it never keeps Node alive by itself.
type Drain = ThreadsafeFunction<(), (), (), Status, false, true>;

/// Tasks woken by other threads that are polled in one iteration of the event loop. Each may take a tenth of a
/// millisecond, and timers and sockets of the host wait meanwhile.
const MAX_WAKES_PER_TICK: usize = 8;

/// Node's `setImmediate`, as it was when the package was loaded: tests may replace the global by fake timers later.
pub(crate) struct SetImmediate(pub(crate) JsRef);

/// The executor of one Node environment (the main thread or a worker).
pub(super) struct Executor {
    env: Env,
    /// Continues a drain in the next iteration of the event loop; called by `setImmediate`.
    next_iteration: JsRef,
    /// Whether napi calls are no longer allowed.
    closed: Cell<bool>,
    depth: Cell<u32>,
    next_task: Cell<u64>,
    tasks: RefCell<HashMap<u64, Task>>,
    keep_alive_count: Cell<u32>,
    shared: Arc<Shared>,
}

struct Task {
    future: Pin<Box<dyn Future<Output = ()>>>,
    waker: Waker,
    on_panic: Box<dyn FnOnce(String)>,
}

/// The part that wakers use from any thread.
struct Shared {
    owner: ThreadId,
    /// Tasks woken on the JavaScript thread, which empties this queue before it returns to the event loop.
    local_queue: Mutex<VecDeque<u64>>,
    /// Whether the JavaScript thread is emptying the local queue.
    draining: AtomicBool,
    /// Tasks woken by other threads. They wait for the next drain, so that a fast thread cannot keep the event loop
    /// busy.
    external_queue: Mutex<VecDeque<u64>>,
    drain: Drain,
    /// Whether a drain is scheduled, by the thread-safe function or by `setImmediate`. At most one is, and it stays
    /// scheduled until an iteration finds no wakes: Node runs up to a thousand calls of a thread-safe function in one
    /// iteration, and would not get to timers and sockets while responses keep coming.
    drain_scheduled: AtomicBool,
}

impl Executor {
    /// The executor of an environment, created at its first use.
    fn of(env: &Env) -> Result<Rc<Self>> {
        let raw = env.raw();
        if let Some(executor) = environment::get::<Self>(raw) {
            return Ok(executor);
        }
        let this = environment::get_or_init(raw, || Self::new(env))?;
        let (keeping, closing) = (this.clone(), this.clone());
        crate::offload::set_keep_alive(move || Box::new(KeepAlive::new(keeping.clone())));
        environment::on_close(raw, move || closing.close());
        Ok(this)
    }

    fn new(env: &Env) -> Result<Self> {
        let raw = env.raw();
        let drain = env.create_function_from_closure::<(), (), _>("ktxDrain", move |_| {
            if let Some(this) = environment::get::<Self>(raw) {
                this.run(|| this.drain_external_wakes());
            }
            Ok(())
        })?;
        let next_iteration = JsRef::function(env, "ktxNextIteration", move |context| {
            if let Some(this) = environment::get::<Self>(raw) {
                this.run(|| this.continue_drain());
            }
            Ok(JsRef::undefined(context.env))
        })?;
        let drain: Drain = drain.build_threadsafe_function::<()>().weak::<true>().build()?;
        Ok(Self {
            env: *env,
            next_iteration,
            closed: Cell::new(false),
            depth: Cell::new(0),
            next_task: Cell::new(0),
            tasks: RefCell::default(),
            keep_alive_count: Cell::new(0),
            shared: Arc::new(Shared {
                owner: std::thread::current().id(),
                local_queue: Mutex::default(),
                draining: AtomicBool::new(false),
                external_queue: Mutex::default(),
                drain,
                drain_scheduled: AtomicBool::new(false),
            }),
        })
    }

    /// Moves tasks that other threads have woken to the local queue; the rest waits for the next iteration of the event
    /// loop.
    fn drain_external_wakes(&self) {
        let mut external = lock(&self.shared.external_queue);
        let count = external.len().min(MAX_WAKES_PER_TICK);
        lock(&self.shared.local_queue).extend(external.drain(..count));
        drop(external);
        let set_immediate = environment::get::<SetImmediate>(self.env.raw());
        let args = std::slice::from_ref(&self.next_iteration);
        if set_immediate.is_none_or(|set_immediate| set_immediate.0.call(args).is_err()) {
            self.finish_drain();
        }
    }

    /// In a new iteration: drains what was woken since, or ends the drain.
    fn continue_drain(&self) {
        if lock(&self.shared.external_queue).is_empty() {
            self.finish_drain();
        } else {
            self.drain_external_wakes();
        }
    }

    /// Lets the next wake schedule a drain. One that came since the last look at the queue is scheduled here.
    fn finish_drain(&self) {
        self.shared.drain_scheduled.store(false, SeqCst);
        if !lock(&self.shared.external_queue).is_empty() {
            self.shared.schedule_drain();
        }
    }

    /// Drops all futures, while napi calls are still allowed.
    fn close(&self) {
        drop(std::mem::take(&mut *self.tasks.borrow_mut()));
        self.closed.set(true);
    }

    /// Runs `work` on the JavaScript thread, then polls the tasks that it woke, in the same microtask.
    pub(super) fn run<R>(self: &Rc<Self>, work: impl FnOnce() -> R) -> R {
        self.depth.set(self.depth.get() + 1);
        self.shared.draining.store(true, SeqCst);
        let result = work();
        if self.depth.get() == 1 {
            while let Some(id) = self.next_woken() {
                self.poll(id);
            }
        }
        self.depth.set(self.depth.get() - 1);
        result
    }

    fn next_woken(&self) -> Option<u64> {
        let mut queue = lock(&self.shared.local_queue);
        let id = queue.pop_front();
        if id.is_none() {
            self.shared.draining.store(false, SeqCst);
        }
        id
    }

    fn poll(self: &Rc<Self>, id: u64) {
        let Some(mut task) = self.tasks.borrow_mut().remove(&id) else { return };
        let waker = task.waker.clone();
        // Fails only if the environment is closed.
        let _ = self.env.run_in_scope(|| {
            // In the context of the runtime, so that futures can offload work and use timers.
            let polling = AssertUnwindSafe(|| {
                within_runtime_if_available(|| task.future.as_mut().poll(&mut Context::from_waker(&waker)))
            });
            match std::panic::catch_unwind(polling) {
                Ok(Poll::Pending) => drop(self.tasks.borrow_mut().insert(id, task)),
                Ok(Poll::Ready(())) => drop(task),
                Err(panic) => (task.on_panic)(panic_text(panic.as_ref())),
            }
            Ok(())
        });
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    fn wake(&self, id: u64) {
        let is_local = std::thread::current().id() == self.owner && self.draining.load(SeqCst);
        let mut queue = lock(if is_local { &self.local_queue } else { &self.external_queue });
        if queue.contains(&id) {
            return;
        }
        queue.push_back(id);
        drop(queue);
        if !is_local {
            self.schedule_drain();
        }
    }

    fn schedule_drain(&self) {
        if !self.drain_scheduled.swap(true, SeqCst) {
            self.drain.call((), ThreadsafeFunctionCallMode::NonBlocking);
        }
    }
}

struct TaskWaker {
    id: u64,
    shared: Arc<Shared>,
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        self.shared.wake(self.id);
    }
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "panic".to_owned())
}

/// Spawns a future and returns a promise of its outcome. The future is polled once before this returns.
pub(crate) fn promise(env: &Env, future: impl Future<Output = Outcome<JsRef>> + 'static) -> Result<JsRef> {
    spawn_promise(env, Box::pin(future))
}

fn spawn_promise(env: &Env, future: Pin<Box<dyn Future<Output = Outcome<JsRef>>>>) -> Result<JsRef> {
    let this = Executor::of(env)?;
    let (mut deferred, mut promise) = (ptr::null_mut(), ptr::null_mut());
    // SAFETY: on the JavaScript thread of a live environment, with room for both results.
    check(unsafe { sys::napi_create_promise(env.raw(), &raw mut deferred, &raw mut promise) })?;
    let promise = JsRef::new(env.raw(), promise)?;
    if let Some(error) = crate::node::limits::failure() {
        settle(&this.env, deferred, Err(Fail::Core(error)), &CallSite::default());
        return Ok(promise);
    }
    let id = this.next_task.get();
    this.next_task.set(id + 1);
    let (settling, panicking) = (Rc::downgrade(&this), Rc::downgrade(&this));
    let call_site = CallSite::default();
    let (caller, panicked) = (call_site.clone(), call_site.clone());
    let task = Task {
        waker: Waker::from(Arc::new(TaskWaker { id, shared: this.shared.clone() })),
        future: Box::pin(async move {
            let outcome = future.await;
            if let Some(this) = settling.upgrade() {
                settle(&this.env, deferred, outcome, &caller);
            }
        }),
        on_panic: Box::new(move |text| {
            if let Some(this) = panicking.upgrade() {
                settle(&this.env, deferred, Err(Fail::panic(&text)), &panicked);
            }
        }),
    };
    this.tasks.borrow_mut().insert(id, task);
    this.run(|| this.poll(id));
    if this.tasks.borrow().contains_key(&id) {
        call_site.capture(env)?;
    }
    Ok(promise)
}

fn settle(env: &Env, deferred: sys::napi_deferred, outcome: Outcome<JsRef>, call_site: &CallSite) {
    // SAFETY: on the JavaScript thread of a live environment; a deferred is settled once.
    unsafe {
        match outcome {
            Ok(value) => sys::napi_resolve_deferred(env.raw(), deferred, value.raw()),
            Err(fail) => sys::napi_reject_deferred(env.raw(), deferred, fail.into_js(env, call_site)),
        };
    }
}

/// Keeps Node alive until it is dropped, like a pending socket or timer.
struct KeepAlive(Rc<Executor>);

impl KeepAlive {
    fn new(executor: Rc<Executor>) -> Self {
        let count = executor.keep_alive_count.get();
        executor.keep_alive_count.set(count + 1);
        if count == 0 {
            executor.keep_node_alive(sys::napi_ref_threadsafe_function);
        }
        Self(executor)
    }
}

impl Drop for KeepAlive {
    fn drop(&mut self) {
        let count = self.0.keep_alive_count.get() - 1;
        self.0.keep_alive_count.set(count);
        if count == 0 {
            self.0.keep_node_alive(sys::napi_unref_threadsafe_function);
        }
    }
}

impl Executor {
    fn keep_node_alive(&self, change: unsafe fn(sys::napi_env, sys::napi_threadsafe_function) -> sys::napi_status) {
        if !self.closed.get() {
            // SAFETY: the function lives as long as the executor, and the environment is live.
            unsafe { change(self.env.raw(), self.shared.drain.raw()) };
        }
    }
}

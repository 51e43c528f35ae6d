//! Rust futures on the JavaScript thread: callbacks are called synchronously as in an `async` function, values and
//! errors pass by identity, and Node ends when it has nothing left to wait for. The only unsafe code of the binding.

mod bytes;
mod call_site;
mod executor;
mod fail;
mod value;
mod wait;

pub(crate) use bytes::bytes_of;
pub(crate) use executor::{prepare, promise};
pub(crate) use fail::Fail;
pub(crate) use value::{JsRef, argument};
pub(crate) use wait::{aborted, sleep};

/// Result of everything that may fail with a JavaScript value.
pub(crate) type Outcome<T> = Result<T, Fail>;

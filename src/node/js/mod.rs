//! Rust futures on the JavaScript thread: callbacks are called synchronously as in an `async` function, values and
//! errors keep their identity, and Node exits when no work is pending. Contains all unsafe code of the binding.

mod bytes;
mod call_site;
pub(crate) mod environment;
mod error_object;
mod executor;
mod fail;
mod json;
mod throw;
mod types;
mod value;
mod wait;

pub(crate) use bytes::bytes_of;
pub(crate) use executor::{SetImmediate, promise};
pub(crate) use types::{Fail, JsRef, Outcome};
pub(crate) use value::argument;
pub(crate) use wait::{listen_for_abort, sleep};

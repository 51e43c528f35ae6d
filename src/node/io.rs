//! The `io` object of a host.

use super::js::{JsRef, Outcome};

/// Writes to one of the streams of an `io` object.
pub(super) fn write(io: &JsRef, stream: &str, text: &str) -> Outcome<()> {
    io.get(stream)?.method("write", &[JsRef::string(&io.env(), text)]).map(drop)
}

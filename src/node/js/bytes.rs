//! Conversion of JavaScript's binary types.

use super::types::{JsRef, Outcome};
use napi::{
    JsValue,
    bindgen_prelude::{ArrayBuffer, Uint8Array},
};

/// Copies the bytes of an `ArrayBuffer`, a `Uint8Array` or a `Buffer`; `None` for other values.
pub(crate) fn bytes_of(value: &JsRef) -> Outcome<Option<Vec<u8>>> {
    let unknown = value.unknown()?;
    if !unknown.is_arraybuffer()? {
        return Ok(value.to::<Uint8Array>().ok().map(|bytes| bytes.to_vec()));
    }
    // SAFETY: it is an `ArrayBuffer`; no JavaScript runs before the bytes are copied.
    let buffer = unsafe { unknown.cast::<ArrayBuffer<'_>>() }?;
    Ok(Some(buffer.to_vec()))
}

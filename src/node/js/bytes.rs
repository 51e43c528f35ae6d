//! Bytes that JavaScript hands over.

use super::types::{JsRef, Outcome};
use napi::{
    JsValue,
    bindgen_prelude::{ArrayBuffer, Uint8Array},
};

/// A copy of the bytes of an `ArrayBuffer`, a `Uint8Array` or a `Buffer`; `None` for what is none of them.
pub(crate) fn bytes_of(value: &JsRef) -> Outcome<Option<Vec<u8>>> {
    let unknown = value.unknown()?;
    if !unknown.is_arraybuffer()? {
        return Ok(value.to::<Uint8Array>().ok().map(|bytes| bytes.to_vec()));
    }
    // SAFETY: it is one; no JavaScript changes the bytes before they are copied.
    let buffer = unsafe { unknown.cast::<ArrayBuffer<'_>>() }?;
    Ok(Some(buffer.to_vec()))
}

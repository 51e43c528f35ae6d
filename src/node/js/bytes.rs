//! Bytes that JavaScript hands over.

use super::{JsRef, Outcome, value::check};
use napi::{bindgen_prelude::Uint8Array, sys};
use std::ptr;

/// A copy of the bytes of an `ArrayBuffer`, a `Uint8Array` or a `Buffer`; `None` for what is none of them.
pub(crate) fn bytes_of(value: &JsRef) -> Outcome<Option<Vec<u8>>> {
    let (env, raw, mut is_buffer) = (value.env().raw(), value.raw(), false);
    // SAFETY: on the JavaScript thread of a live environment, with room for the result.
    check(unsafe { sys::napi_is_arraybuffer(env, raw, &raw mut is_buffer) })?;
    if !is_buffer {
        return Ok(value.to::<Uint8Array>().ok().map(|bytes| bytes.to_vec()));
    }
    let (mut data, mut length) = (ptr::null_mut(), 0);
    // SAFETY: as above, with an array buffer.
    check(unsafe { sys::napi_get_arraybuffer_info(env, raw, &raw mut data, &raw mut length) })?;
    if length == 0 {
        return Ok(Some(Vec::new()));
    }
    // SAFETY: so many bytes, which no JavaScript changes before they are copied.
    Ok(Some(unsafe { std::slice::from_raw_parts(data.cast::<u8>(), length) }.to_vec()))
}

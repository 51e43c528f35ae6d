//! Reads arguments of exported functions, and bodies as JSON text.

use super::js::{self, Fail, JsRef, Outcome};
use crate::{
    error::{Code, Error},
    http::call_name,
};
use napi::{Env, bindgen_prelude::FunctionCallContext};

pub(super) fn two_arguments(context: &FunctionCallContext<'_>) -> napi::Result<(JsRef, JsRef)> {
    Ok((js::argument(context, 0)?, js::argument(context, 1)?))
}

pub(super) fn text_argument(value: &JsRef, name: &str) -> Outcome<String> {
    value.text().map_err(|_| Fail::argument(format!("{name} must be a string")))
}

pub(super) fn list_text(value: &JsRef, name: &str) -> Outcome<String> {
    let text = value.to_json()?.filter(|text| text.starts_with('['));
    text.ok_or_else(|| Fail::argument(format!("{name} must be an array")))
}

pub(super) fn payload_text(payload: &JsRef) -> Outcome<String> {
    let text = payload.to_json()?.filter(|text| text.starts_with('{'));
    text.ok_or_else(|| Fail::argument("payload must be an object"))
}

pub(super) fn parse_object(env: &Env, path: &str, text: &str) -> Outcome<JsRef> {
    JsRef::from_json(env, text).map_err(|fail| {
        let message = format!("{} returned non-object JSON: {}", call_name(path), fail.message());
        let error = Error::new(Code::HttpNotObject, message);
        match fail {
            Fail::Js(cause) => Fail::Caused(error, cause),
            Fail::Core(_) | Fail::Caused(..) | Fail::Napi(_) => Fail::Core(error),
        }
    })
}

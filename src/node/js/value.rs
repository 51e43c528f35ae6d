//! JavaScript values that Rust holds on to: of any type, by identity, for as long as it likes.

use super::{Fail, Outcome, executor::Loop, wait::JsAwait};
use napi::{
    Env, Error, JsValue, Result, Status, ValueType,
    bindgen_prelude::{FromNapiValue, FunctionCallContext, ToNapiValue, TypeName, Unknown, ValidateNapiValue},
    sys,
};
use serde::{Serialize, de::DeserializeOwned};
use std::{ptr, rc::Rc};

/// A persisted value; cheap to clone.
#[derive(Clone)]
pub(crate) struct JsRef(Rc<Held>);

struct Held {
    env: sys::napi_env,
    value: Value,
}

/// What has no identity is kept as what it is: that takes a fraction of a reference's time.
enum Value {
    Undefined,
    Null,
    Boolean(bool),
    Number(f64),
    /// UTF-16, of which halves of a pair may be lone.
    Text(Box<[u16]>),
    /// An object or a function.
    Object(sys::napi_ref),
    /// Others cannot be referenced, so they stand in an object.
    Boxed(sys::napi_ref),
}

const BOX: &std::ffi::CStr = c"value";

impl Drop for Held {
    fn drop(&mut self) {
        if let Value::Object(reference) | Value::Boxed(reference) = self.value
            && Loop::alive(self.env).is_some()
        {
            // SAFETY: the environment is live and the reference is deleted once.
            unsafe { sys::napi_delete_reference(self.env, reference) };
        }
    }
}

impl Value {
    /// SAFETY: on the JavaScript thread of a live environment.
    unsafe fn of(env: sys::napi_env, value: sys::napi_value) -> Result<Self> {
        let mut kind = 0;
        // SAFETY: as the caller says, with room for the result; what is read is of that type.
        unsafe {
            check(sys::napi_typeof(env, value, &raw mut kind))?;
            Ok(match kind {
                sys::ValueType::napi_undefined => Self::Undefined,
                sys::ValueType::napi_null => Self::Null,
                sys::ValueType::napi_boolean => Self::Boolean(bool::from_napi_value(env, value)?),
                sys::ValueType::napi_number => Self::Number(f64::from_napi_value(env, value)?),
                sys::ValueType::napi_string => Self::Text(text_of(env, value)?),
                sys::ValueType::napi_object | sys::ValueType::napi_function => Self::Object(reference_to(env, value)?),
                _ => {
                    let mut object = ptr::null_mut();
                    check(sys::napi_create_object(env, &raw mut object))?;
                    check(sys::napi_set_named_property(env, object, BOX.as_ptr(), value))?;
                    Self::Boxed(reference_to(env, object)?)
                }
            })
        }
    }
}

/// SAFETY: on the JavaScript thread of a live environment, with a string.
unsafe fn text_of(env: sys::napi_env, string: sys::napi_value) -> Result<Box<[u16]>> {
    let mut length = 0;
    // SAFETY: as the caller says. The length has no zero at the end, which is written too.
    unsafe {
        check(sys::napi_get_value_string_utf16(env, string, ptr::null_mut(), 0, &raw mut length))?;
        let mut text = vec![0; length + 1];
        check(sys::napi_get_value_string_utf16(env, string, text.as_mut_ptr(), text.len(), &raw mut length))?;
        text.truncate(length);
        Ok(text.into())
    }
}

/// `None` for what is no string.
///
/// SAFETY: on the JavaScript thread of a live environment.
unsafe fn utf8_of(env: sys::napi_env, value: sys::napi_value) -> Result<Option<String>> {
    let (mut units, mut length) = (0, 0);
    // SAFETY: as the caller says, with room for the result.
    let status = unsafe { sys::napi_get_value_string_utf16(env, value, ptr::null_mut(), 0, &raw mut units) };
    if status == sys::Status::napi_string_expected {
        return Ok(None);
    }
    check(status)?;
    // What a unit takes at most: to have that much room costs nothing, and to count the bytes a walk over the text.
    let mut bytes = Vec::<u8>::with_capacity(3 * units + 1);
    // SAFETY: so much room, of which the first `length` bytes are written.
    unsafe {
        let (room, capacity) = (bytes.as_mut_ptr().cast(), bytes.capacity());
        check(sys::napi_get_value_string_utf8(env, value, room, capacity, &raw mut length))?;
        bytes.set_len(length);
    }
    String::from_utf8(bytes).map(Some).map_err(|error| Error::new(Status::StringExpected, error.to_string()))
}

/// SAFETY: on the JavaScript thread of a live environment, with an object or a function.
unsafe fn reference_to(env: sys::napi_env, object: sys::napi_value) -> Result<sys::napi_ref> {
    let mut reference = ptr::null_mut();
    // SAFETY: as the caller says, with room for the result.
    check(unsafe { sys::napi_create_reference(env, object, 1, &raw mut reference) })?;
    Ok(reference)
}

pub(super) fn check(status: sys::napi_status) -> Result<()> {
    if status == sys::Status::napi_ok { Ok(()) } else { Err(Error::from_status(Status::from(status))) }
}

/// Turns a pending exception into the very value that was thrown.
fn guard(env: sys::napi_env, status: sys::napi_status) -> Outcome<()> {
    if status == sys::Status::napi_ok {
        return Ok(());
    }
    let (mut pending, mut thrown) = (false, ptr::null_mut());
    // SAFETY: on the JavaScript thread of a live environment, with room for both results.
    unsafe {
        sys::napi_is_exception_pending(env, &raw mut pending);
        if pending {
            check(sys::napi_get_and_clear_last_exception(env, &raw mut thrown))?;
        }
    }
    if pending { Err(Fail::Js(JsRef::new(env, thrown)?)) } else { Err(Error::from_status(Status::from(status)).into()) }
}

/// A JavaScript value for the current scope only.
pub(super) fn passing<T: ToNapiValue>(env: sys::napi_env, value: T) -> Result<sys::napi_value> {
    // SAFETY: on the JavaScript thread of a live environment.
    unsafe { T::to_napi_value(env, value) }
}

/// The functions of the global `JSON`.
pub(super) struct Json {
    stringify: JsRef,
    parse: JsRef,
}

impl Json {
    pub(super) fn of(env: &Env) -> Outcome<Self> {
        let json = JsRef::global(env)?.get("JSON")?;
        Ok(Self { stringify: json.get("stringify")?, parse: json.get("parse")? })
    }
}

impl JsRef {
    pub(crate) fn new(env: sys::napi_env, value: sys::napi_value) -> Result<Self> {
        Loop::of(env)?;
        // SAFETY: on the JavaScript thread of a live environment.
        Ok(Self::holding(env, unsafe { Value::of(env, value) }?))
    }

    fn holding(env: sys::napi_env, value: Value) -> Self {
        Self(Rc::new(Held { env, value }))
    }

    pub(crate) fn undefined(env: &Env) -> Self {
        Self::holding(env.raw(), Value::Undefined)
    }

    pub(crate) fn null(env: &Env) -> Self {
        Self::holding(env.raw(), Value::Null)
    }

    pub(crate) fn string(env: &Env, text: &str) -> Self {
        Self::holding(env.raw(), Value::Text(text.encode_utf16().collect()))
    }

    pub(crate) fn number(env: &Env, number: f64) -> Self {
        Self::holding(env.raw(), Value::Number(number))
    }

    pub(crate) fn boolean(env: &Env, truth: bool) -> Self {
        Self::holding(env.raw(), Value::Boolean(truth))
    }

    /// An object with exactly these keys, in this order.
    pub(crate) fn object(env: &Env, entries: &[(&str, JsRef)]) -> Outcome<Self> {
        let mut object = ptr::null_mut();
        // SAFETY: on the JavaScript thread of a live environment, with room for the result.
        check(unsafe { sys::napi_create_object(env.raw(), &raw mut object) })?;
        let object = Self::new(env.raw(), object)?;
        for (key, value) in entries {
            object.set(key, value)?;
        }
        Ok(object)
    }

    /// A JavaScript function.
    pub(crate) fn function(
        env: &Env,
        name: &str,
        body: impl Fn(&FunctionCallContext<'_>) -> Result<JsRef> + 'static,
    ) -> Result<Self> {
        let function = env.create_function_from_closure::<(), JsRef, _>(name, move |context| body(&context))?;
        Self::new(env.raw(), function.raw())
    }

    pub(crate) fn global(env: &Env) -> Result<Self> {
        let mut global = ptr::null_mut();
        // SAFETY: on the JavaScript thread of a live environment, with room for the result.
        check(unsafe { sys::napi_get_global(env.raw(), &raw mut global) })?;
        Self::new(env.raw(), global)
    }

    pub(crate) fn env(&self) -> Env {
        Env::from_raw(self.0.env)
    }

    pub(crate) fn raw(&self) -> sys::napi_value {
        let (env, mut value) = (self.0.env, ptr::null_mut());
        // SAFETY: on the JavaScript thread of a live environment, with room for the result; references are strong.
        unsafe {
            match &self.0.value {
                Value::Undefined => sys::napi_get_undefined(env, &raw mut value),
                Value::Null => sys::napi_get_null(env, &raw mut value),
                Value::Boolean(truth) => sys::napi_get_boolean(env, *truth, &raw mut value),
                Value::Number(number) => sys::napi_create_double(env, *number, &raw mut value),
                Value::Text(text) => {
                    sys::napi_create_string_utf16(env, text.as_ptr(), text.len() as isize, &raw mut value)
                }
                Value::Object(reference) => sys::napi_get_reference_value(env, *reference, &raw mut value),
                Value::Boxed(reference) => {
                    sys::napi_get_reference_value(env, *reference, &raw mut value);
                    sys::napi_get_named_property(env, value, BOX.as_ptr(), &raw mut value)
                }
            };
        }
        value
    }

    pub(crate) fn kind(&self) -> ValueType {
        let mut kind = 0;
        // SAFETY: on the JavaScript thread of a live environment, with room for the result.
        unsafe { sys::napi_typeof(self.0.env, self.raw(), &raw mut kind) };
        ValueType::from(kind)
    }

    pub(crate) fn is_function(&self) -> bool {
        matches!(self.0.value, Value::Object(_)) && self.kind() == ValueType::Function
    }

    pub(crate) fn is_nullish(&self) -> bool {
        matches!(self.0.value, Value::Undefined | Value::Null)
    }

    pub(crate) fn get(&self, key: &str) -> Outcome<JsRef> {
        let (env, key, mut value) = (self.0.env, passing(self.0.env, key)?, ptr::null_mut());
        // SAFETY: on the JavaScript thread of a live environment, with room for the result.
        guard(env, unsafe { sys::napi_get_property(env, self.raw(), key, &raw mut value) })?;
        Ok(Self::new(env, value)?)
    }

    pub(crate) fn set(&self, key: &str, value: &JsRef) -> Outcome<()> {
        let (env, key) = (self.0.env, passing(self.0.env, key)?);
        // SAFETY: on the JavaScript thread of a live environment.
        guard(env, unsafe { sys::napi_set_property(env, self.raw(), key, value.raw()) })
    }

    /// `this(...args)`; a thrown value comes back unchanged.
    pub(crate) fn call(&self, args: &[JsRef]) -> Outcome<JsRef> {
        self.call_with(passing(self.0.env, ())?, args)
    }

    /// `this[name](...args)`.
    pub(crate) fn method(&self, name: &str, args: &[JsRef]) -> Outcome<JsRef> {
        self.get(name)?.call_with(self.raw(), args)
    }

    fn call_with(&self, this: sys::napi_value, args: &[JsRef]) -> Outcome<JsRef> {
        let args: Vec<_> = args.iter().map(Self::raw).collect();
        Ok(Self::new(self.0.env, self.call_raw(this, &args)?)?)
    }

    /// The same on values of the current scope, which need not outlive it.
    pub(super) fn call_raw(&self, this: sys::napi_value, args: &[sys::napi_value]) -> Outcome<sys::napi_value> {
        let (env, mut result) = (self.0.env, ptr::null_mut());
        // SAFETY: on the JavaScript thread of a live environment; the arguments outlive the call.
        guard(env, unsafe {
            sys::napi_call_function(env, this, self.raw(), args.len(), args.as_ptr(), &raw mut result)
        })?;
        Ok(result)
    }

    /// `await value`
    pub(crate) async fn wait(&self) -> Outcome<JsRef> {
        JsAwait::new(self)?.await
    }

    /// `await this(...args)`
    pub(crate) async fn call_async(&self, args: &[JsRef]) -> Outcome<JsRef> {
        self.call(args)?.wait().await
    }

    /// The text of a string; an error for what is none.
    pub(crate) fn text(&self) -> Result<String> {
        match &self.0.value {
            Value::Text(text) => Ok(String::from_utf16_lossy(text)),
            _ => Err(Error::new(Status::StringExpected, "a string was expected")),
        }
    }

    /// The value as a Rust type; an error if it is of another one.
    pub(crate) fn to<T: FromNapiValue + ValidateNapiValue>(&self) -> Result<T> {
        // SAFETY: on the JavaScript thread of a live environment; the type is validated first.
        unsafe {
            T::validate(self.0.env, self.raw())?;
            T::from_napi_value(self.0.env, self.raw())
        }
    }

    /// The value as a condition sees it.
    pub(crate) fn is_truthy(&self) -> bool {
        let (env, mut truth, mut converted) = (self.0.env, false, ptr::null_mut());
        // SAFETY: on the JavaScript thread of a live environment, with room for both results.
        unsafe {
            sys::napi_coerce_to_bool(env, self.raw(), &raw mut converted);
            sys::napi_get_value_bool(env, converted, &raw mut truth);
        }
        truth
    }

    /// `JSON.stringify(value)`; `None` for what has no JSON.
    pub(crate) fn to_json(&self) -> Outcome<Option<String>> {
        let (env, this) = (self.0.env, Loop::of(self.0.env)?);
        let text = this.json()?.stringify.call_raw(passing(env, ())?, &[self.raw()])?;
        // SAFETY: a value of the current scope, which is a string or `undefined`.
        Ok(unsafe { utf8_of(env, text) }?)
    }

    /// `JSON.parse(text)`
    pub(crate) fn from_json(env: &Env, text: &str) -> Outcome<JsRef> {
        let (env, this) = (env.raw(), Loop::of(env.raw())?);
        Ok(Self::new(env, this.json()?.parse.call_raw(passing(env, ())?, &[passing(env, text)?])?)?)
    }

    /// The value by way of JSON.
    pub(crate) fn decode<T: DeserializeOwned>(&self) -> Outcome<serde_json::Result<T>> {
        Ok(serde_json::from_str(self.to_json()?.as_deref().unwrap_or("null")))
    }

    /// A Rust value by way of JSON.
    pub(crate) fn encode(env: &Env, value: &impl Serialize) -> Outcome<JsRef> {
        let text = serde_json::to_string(value).map_err(|error| Fail::internal(&error.to_string()))?;
        Self::from_json(env, &text)
    }
}

impl FromNapiValue for JsRef {
    unsafe fn from_napi_value(env: sys::napi_env, value: sys::napi_value) -> Result<Self> {
        Self::new(env, value)
    }
}

impl ToNapiValue for JsRef {
    unsafe fn to_napi_value(_: sys::napi_env, value: Self) -> Result<sys::napi_value> {
        Ok(value.raw())
    }
}

impl ValidateNapiValue for JsRef {
    unsafe fn validate(_: sys::napi_env, _: sys::napi_value) -> Result<sys::napi_value> {
        Ok(ptr::null_mut())
    }
}

impl TypeName for JsRef {
    fn type_name() -> &'static str {
        "unknown"
    }

    fn value_type() -> ValueType {
        ValueType::Unknown
    }
}

/// An argument of a call; `undefined` when it was not given.
pub(crate) fn argument(context: &FunctionCallContext<'_>, index: usize) -> Result<JsRef> {
    if index < context.length() {
        let value = context.get::<Unknown<'_>>(index)?;
        return JsRef::new(context.env.raw(), value.raw());
    }
    Ok(JsRef::undefined(context.env))
}

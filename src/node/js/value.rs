//! Operations on JavaScript values: conversion, properties, calls.

use super::{
    environment,
    types::{BOXED_KEY, Fail, JsRef, JsRefInner, Outcome, Value, unknown},
};
use napi::{
    Env, Error, JsValue, Result, Status, ValueType,
    bindgen_prelude::{
        FromNapiValue, FunctionCallContext, JsObjectValue, Null, Object, ToNapiValue, TypeName, Unknown,
        ValidateNapiValue,
    },
    sys,
};
use std::{ptr, rc::Rc};

pub(super) fn check(status: sys::napi_status) -> Result<()> {
    if status == sys::Status::napi_ok { Ok(()) } else { Err(Error::from_status(Status::from(status))) }
}

/// Turns a pending exception into a failure with the thrown value.
fn catch<T>(env: &Env, result: Result<T>) -> Outcome<T> {
    let Err(error) = result else { return result.map_err(Fail::Napi) };
    let (mut pending, mut thrown) = (false, ptr::null_mut());
    // SAFETY: on the JavaScript thread of a live environment, with room for both results.
    unsafe {
        sys::napi_is_exception_pending(env.raw(), &raw mut pending);
        if pending {
            check(sys::napi_get_and_clear_last_exception(env.raw(), &raw mut thrown))?;
        }
    }
    Err(if pending { Fail::Js(JsRef::new(env.raw(), thrown)?) } else { Fail::Napi(error) })
}

/// Converts a Rust value to a JavaScript value of the current scope.
pub(super) fn to_scoped_value<T: ToNapiValue>(env: &Env, value: T) -> Result<sys::napi_value> {
    Ok(value.into_unknown(env)?.raw())
}

impl JsRef {
    pub(crate) fn new(env: sys::napi_env, value: sys::napi_value) -> Result<Self> {
        environment::register(env)?;
        let env = Env::from_raw(env);
        let value = Value::of(&env, unknown(&env, value))?;
        Ok(Self::with_value(&env, value))
    }

    fn with_value(env: &Env, value: Value) -> Self {
        Self(Rc::new(JsRefInner { env: *env, value }))
    }

    pub(crate) fn undefined(env: &Env) -> Self {
        Self::with_value(env, Value::Undefined)
    }

    pub(crate) fn null(env: &Env) -> Self {
        Self::with_value(env, Value::Null)
    }

    pub(crate) fn string(env: &Env, text: &str) -> Self {
        Self::with_value(env, Value::Text(text.encode_utf16().collect()))
    }

    pub(crate) fn number(env: &Env, number: f64) -> Self {
        Self::with_value(env, Value::Number(number))
    }

    pub(crate) fn boolean(env: &Env, truth: bool) -> Self {
        Self::with_value(env, Value::Boolean(truth))
    }

    /// Creates a plain object.
    pub(crate) fn object(env: &Env, entries: &[(&str, JsRef)]) -> Outcome<Self> {
        let object = Self::new(env.raw(), Object::new(env)?.raw())?;
        for (key, value) in entries {
            object.set(key, value)?;
        }
        Ok(object)
    }

    /// Creates a JavaScript function.
    pub(crate) fn function(
        env: &Env,
        name: &str,
        body: impl Fn(&FunctionCallContext<'_>) -> Result<JsRef> + 'static,
    ) -> Result<Self> {
        let function = env.create_function_from_closure::<(), JsRef, _>(name, move |context| body(&context))?;
        Self::new(env.raw(), function.raw())
    }

    pub(crate) fn global(env: &Env) -> Result<Self> {
        Self::new(env.raw(), env.get_global()?.raw())
    }

    pub(crate) fn env(&self) -> Env {
        self.0.env
    }

    /// The value as napi's own type, for the current scope.
    pub(super) fn unknown(&self) -> Result<Unknown<'_>> {
        let env = &self.0.env;
        match &self.0.value {
            Value::Undefined => ().into_unknown(env),
            Value::Null => Null.into_unknown(env),
            Value::Boolean(truth) => truth.into_unknown(env),
            Value::Number(number) => number.into_unknown(env),
            Value::Text(text) => Ok(env.create_string_utf16(text)?.to_unknown()),
            Value::Object(reference) => Ok(reference.get_value(env)?.to_unknown()),
            Value::Boxed(reference) => reference.get_value(env)?.get_property_unchecked(env.create_string(BOXED_KEY)?),
        }
    }

    /// The raw value for a napi call; null, which napi calls reject, if it cannot be read.
    pub(crate) fn raw(&self) -> sys::napi_value {
        self.unknown().map_or(ptr::null_mut(), |value| value.raw())
    }

    pub(crate) fn kind(&self) -> ValueType {
        self.unknown().and_then(|value| value.get_type()).unwrap_or(ValueType::Unknown)
    }

    pub(crate) fn is_function(&self) -> bool {
        matches!(self.0.value, Value::Object(_)) && self.kind() == ValueType::Function
    }

    pub(crate) fn is_nullish(&self) -> bool {
        matches!(self.0.value, Value::Undefined | Value::Null)
    }

    pub(crate) fn get(&self, key: &str) -> Outcome<JsRef> {
        let env = &self.0.env;
        let object = Object::from_raw(env.raw(), self.raw());
        catch(env, object.get_property_unchecked(env.create_string(key)?))
    }

    pub(crate) fn set(&self, key: &str, value: &JsRef) -> Outcome<()> {
        let env = &self.0.env;
        let mut object = Object::from_raw(env.raw(), self.raw());
        catch(env, object.set_property(env.create_string(key)?, value.unknown()?))
    }

    /// `this(...args)`; a thrown value is returned unchanged.
    pub(crate) fn call(&self, args: &[JsRef]) -> Outcome<JsRef> {
        self.call_with(to_scoped_value(&self.0.env, ())?, args)
    }

    /// `this[name](...args)`.
    pub(crate) fn method(&self, name: &str, args: &[JsRef]) -> Outcome<JsRef> {
        self.get(name)?.call_with(self.raw(), args)
    }

    fn call_with(&self, this: sys::napi_value, args: &[JsRef]) -> Outcome<JsRef> {
        let args: Vec<_> = args.iter().map(Self::raw).collect();
        Ok(Self::new(self.0.env.raw(), self.call_raw(this, &args)?)?)
    }

    /// Calls with raw values of the current scope.
    pub(super) fn call_raw(&self, this: sys::napi_value, args: &[sys::napi_value]) -> Outcome<sys::napi_value> {
        let (env, mut result) = (self.0.env.raw(), ptr::null_mut());
        // SAFETY: on the JavaScript thread of a live environment; the arguments outlive the call.
        let status =
            unsafe { sys::napi_call_function(env, this, self.raw(), args.len(), args.as_ptr(), &raw mut result) };
        catch(&self.0.env, check(status).map(|()| result))
    }

    /// The text of a string; an error for other types.
    pub(crate) fn text(&self) -> Result<String> {
        match &self.0.value {
            Value::Text(text) => Ok(String::from_utf16_lossy(text)),
            _ => Err(Error::new(Status::StringExpected, "a string was expected")),
        }
    }

    /// Converts the value to a Rust type; an error for other types.
    pub(crate) fn to<T: FromNapiValue + ValidateNapiValue>(&self) -> Result<T> {
        let (env, value) = (self.0.env.raw(), self.raw());
        // SAFETY: on the JavaScript thread of a live environment; the type is validated first.
        unsafe {
            T::validate(env, value)?;
            T::from_napi_value(env, value)
        }
    }

    /// The value as a condition.
    pub(crate) fn is_truthy(&self) -> bool {
        self.unknown().and_then(|value| value.coerce_to_bool()).unwrap_or(false)
    }
}

impl FromNapiValue for JsRef {
    unsafe fn from_napi_value(env: sys::napi_env, value: sys::napi_value) -> Result<Self> {
        Self::new(env, value)
    }
}

impl ToNapiValue for JsRef {
    unsafe fn to_napi_value(_: sys::napi_env, value: Self) -> Result<sys::napi_value> {
        Ok(value.unknown()?.raw())
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

/// An argument of a call; `undefined` if it is missing.
pub(crate) fn argument(context: &FunctionCallContext<'_>, index: usize) -> Result<JsRef> {
    if index < context.length() {
        let value = context.get::<Unknown<'_>>(index)?;
        return JsRef::new(context.env.raw(), value.raw());
    }
    Ok(JsRef::undefined(context.env))
}

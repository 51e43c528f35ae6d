//! Export that runs SQL on a connection of a project.

use crate::{
    node::{
        abort::until_aborted,
        export::asynchronous,
        js::{JsRef, Outcome},
        options::Options,
        ports::{Transport, ensure_driver},
        project::{confirm_trust, load, variables},
    },
    semantic::{self, Limits},
};
use napi::Env;
use napi_derive::napi;
use std::sync::Arc;

#[napi(js_name = "executeKtxSql")]
pub fn execute_ktx_sql(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let (project, id) = (Arc::new(load(&options).await?), options.required_string("connectionId")?);
        let (sql, limits) = (options.required_string("sql")?, limits(&options)?);
        let (variables, transport) = (variables(&options)?, Transport::for_introspection(&options)?);
        confirm_trust(&project, &id, &options).await?;
        ensure_driver(&options, &project, &id).await?;
        let executing = semantic::execute(&project, &id, &sql, limits, &variables, &transport);
        JsRef::encode(&env, &until_aborted(options.signal()?, executing).await?)
    })
}

pub(crate) fn limits(options: &Options) -> Outcome<Limits> {
    Ok(Limits { max_rows: positive_integer(options, "maxRows")?, max_bytes: positive_integer(options, "maxBytes")? })
}

fn positive_integer(options: &Options, key: &'static str) -> Outcome<Option<u64>> {
    match options.count(key)? {
        Some(count) if count < 1.0 || count.fract() != 0.0 => Err(options.type_error(key, "a whole number, 1 or more")),
        count => Ok(count.map(|count| count as u64)),
    }
}

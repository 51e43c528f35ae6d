//! SQL on a connection of a project.

use crate::{
    node::{
        abort::until_aborted,
        export::asynchronous,
        js::{JsRef, Outcome},
        options::Options,
        ports::{Transport, ensure_driver},
        project::{load, settle_trust, variables},
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
        let (variables, transport) = (variables(&options)?, Transport::to_introspection(&options)?);
        settle_trust(&project, &id, &options).await?;
        ensure_driver(&options, &project, &id).await?;
        let executing = semantic::execute(&project, &id, &sql, limits, &variables, &transport);
        JsRef::encode(&env, &until_aborted(options.signal()?, executing).await?)
    })
}

pub(crate) fn limits(options: &Options) -> Outcome<Limits> {
    Ok(Limits { max_rows: whole(options, "maxRows")?, max_bytes: whole(options, "maxBytes")? })
}

fn whole(options: &Options, key: &'static str) -> Outcome<Option<u64>> {
    match options.count(key)? {
        Some(count) if count < 1.0 || count.fract() != 0.0 => Err(options.wrong(key, "a whole number, 1 or more")),
        count => Ok(count.map(|count| count as u64)),
    }
}

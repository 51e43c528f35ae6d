//! Exports that search a project and find values in it.

use crate::{
    node::{
        export::asynchronous,
        js::{JsRef, Outcome},
        options::Options,
        semantic::run_on_project,
    },
    search::{self, Kind, SearchRequest, ValuesRequest},
};
use napi::Env;
use napi_derive::napi;

#[napi(js_name = "searchKtxProject")]
pub fn search_ktx_project(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let kinds = options.strings("kinds")?.unwrap_or_default();
        let request = SearchRequest {
            query: options.required_string("query")?,
            kinds: kinds.iter().map(|name| Kind::from_name(name)).collect::<crate::error::Result<_>>()?,
            connection_id: options.string("connectionId")?,
            limit: limit(&options)?,
        };
        run_on_project(&options, move |project| search::search(&project, &request)).await
    })
}

#[napi(js_name = "findKtxValues")]
pub fn find_ktx_values(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let request = ValuesRequest {
            text: options.required_string("text")?,
            connection_id: options.string("connectionId")?,
            column: options.string("column")?,
            limit: limit(&options)?,
        };
        run_on_project(&options, move |project| search::find_values(&project, &request)).await
    })
}

fn limit(options: &Options) -> Outcome<Option<usize>> {
    Ok(options.count("limit")?.map(|limit| limit as usize))
}

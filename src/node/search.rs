//! Exports that search a project and find values in it.

use crate::{
    node::{
        embedder::LocalEmbedder,
        export::asynchronous,
        js::{JsRef, Outcome},
        options::Options,
        project::load,
        semantic::run_on_project,
    },
    offload,
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
        let (project, embedder) = (load(&options).await?, LocalEmbedder::read(&options));
        let (searched, model) = (project.clone(), embedder.clone());
        let searching = move || {
            let model = model.as_ref().and_then(|model| model.installed());
            search::search_with(&searched, &request, model)
        };
        let answer = offload::spawn_blocking(searching).await?;
        if let Some(embedder) = embedder.filter(|_| answer.lacks_vectors) {
            embedder.fill_after_search(&env, project)?;
        }
        JsRef::encode(&env, &answer)
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

#[napi(js_name = "listKtxPages")]
pub fn list_ktx_pages(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let (contains, limit) = (options.string("contains")?, limit(&options)?);
        run_on_project(&options, move |project| search::list_pages(&project, contains.as_deref(), limit)).await
    })
}

#[napi(js_name = "readKtxPage")]
pub fn read_ktx_page(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let path = options.required_string("path")?;
        run_on_project(&options, move |project| search::read_page(&project, &path)).await
    })
}

fn limit(options: &Options) -> Outcome<Option<usize>> {
    Ok(options.count("limit")?.map(|limit| limit as usize))
}

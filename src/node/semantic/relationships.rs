//! Exports that list detected relationships and record answers about them.

use crate::{
    node::{
        export::asynchronous,
        js::{JsRef, Outcome},
        options::Options,
        semantic::sources::run_on_project,
    },
    project::answers::{Answered, Columns},
    semantic::{self, RelationshipFilter},
};
use napi::Env;
use napi_derive::napi;

#[napi(js_name = "listKtxRelationships")]
pub fn list_ktx_relationships(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let id = options.required_string("connectionId")?;
        let filter = RelationshipFilter { status: options.string("status")? };
        run_on_project(&options, move |project| semantic::list_relationships(&project, &id, &filter)).await
    })
}

#[napi(js_name = "answerKtxRelationship")]
pub fn answer_ktx_relationship(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let id = options.required_string("connectionId")?;
        let from = options.object("from")?.ok_or_else(|| options.type_error("from", "an object"))?;
        let (from, to) = (columns(&from)?, options.object("to")?.as_ref().map(columns).transpose()?);
        let status = answered(&options)?;
        run_on_project(&options, move |project| {
            semantic::answer_relationship(&project, &id, &from, to.as_ref(), status)
        })
        .await
    })
}

fn columns(options: &Options) -> Outcome<Columns> {
    let columns = options.strings("columns")?.ok_or_else(|| options.type_error("columns", "an array of strings"))?;
    Ok(Columns { table: options.required_string("table")?, columns })
}

fn answered(options: &Options) -> Outcome<Answered> {
    match options.required_string("status")?.as_str() {
        "accepted" => Ok(Answered::Accepted),
        "rejected" => Ok(Answered::Rejected),
        _ => Err(options.type_error("status", "accepted or rejected")),
    }
}

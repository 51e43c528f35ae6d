//! Exports for the parser of Looker's table identifiers.

use crate::{
    node::{
        arguments::list_text,
        export::sync,
        js::{JsRef, Outcome, argument, promise},
        options::Options,
        ports::{
            Runner,
            routing::{looker_route, runner_for_route},
        },
    },
    ports::parse_table_identifiers,
};
use napi::Env;
use napi_derive::napi;
use std::rc::Rc;

#[napi(catch_unwind, js_name = "createManagedDaemonLookerTableIdentifierParser")]
pub fn create_managed_daemon_looker_table_identifier_parser(env: Env, options: JsRef) -> napi::Result<JsRef> {
    sync(&env, || looker_parser(&env, Runner::read(Options::new(options, "options")?)?))
}

/// `{ parse(items) }`
pub(crate) fn looker_parser(env: &Env, runner: Runner) -> Outcome<JsRef> {
    let runner = Rc::new(runner);
    let parse = JsRef::function(env, "parse", move |context| {
        let (runner, env, items) = (runner.clone(), *context.env, argument(context, 0)?);
        promise(&env, async move {
            let items = list_text(&items, "items")?;
            JsRef::from_json(&env, &parse_table_identifiers(runner.as_ref(), &items).await?)
        })
    })?;
    JsRef::object(env, &[("parse", parse)])
}

#[napi(catch_unwind)]
pub fn create_local_looker_table_identifier_parser(env: Env, options: JsRef) -> napi::Result<JsRef> {
    sync(&env, || {
        let options = Options::new(options, "options")?;
        match runner_for_route(&options, &looker_route(&options)?)? {
            Some(runner) => looker_parser(&env, runner),
            None => injected(&options, "looker", "parser"),
        }
    })
}

fn injected(options: &Options, key: &str, part: &str) -> Outcome<JsRef> {
    options.raw(key)?.map_or_else(|| Ok(JsRef::undefined(&options.env())), |object| object.get(part))
}

//! Exports for the adapters of runs and their options.

use crate::{
    node::{export::sync, js::JsRef, options::Options, ports::Runner, runtime::parse_policy},
    project::Adapter,
};
use napi::Env;
use napi_derive::napi;

/// Returns all adapters as `[{ source, skillNames, options }]`.
#[napi(catch_unwind)]
pub fn create_local_ingest_adapters(env: Env, project: JsRef, options: JsRef) -> napi::Result<JsRef> {
    sync(&env, || {
        Options::new(project, "project")?;
        let options = match options.is_nullish() {
            true => JsRef::object(&env, &[])?,
            false => options,
        };
        Options::new(options.clone(), "options")?;
        let list = JsRef::encode(&env, &[(); 0])?;
        for (index, name) in Adapter::NAMES.iter().enumerate() {
            let adapter = [
                ("source", JsRef::string(&env, name)),
                ("skillNames", JsRef::encode(&env, &[(); 0])?),
                ("options", options.clone()),
            ];
            list.set(&index.to_string(), &JsRef::object(&env, &adapter)?)?;
        }
        Ok(list)
    })
}

/// Builds adapter options from command-line arguments. The managed daemon is used without an explicit URL, if version
/// and policy are set.
#[napi(catch_unwind)]
pub fn local_ingest_adapter_options(env: Env, args: JsRef, io: JsRef) -> napi::Result<JsRef> {
    sync(&env, || {
        let args = Options::new(args, "args")?;
        let mut entries = Vec::new();
        let url = args.string("databaseIntrospectionUrl")?.filter(|url| !url.is_empty());
        match (&url, args.string("cliVersion")?, args.string("runtimeInstallPolicy")?) {
            (Some(url), ..) => entries.push(("databaseIntrospectionUrl", JsRef::string(&env, url))),
            (None, Some(version), Some(policy)) => {
                let policy = parse_policy(&args, "runtimeInstallPolicy", &policy)?;
                let managed = [
                    ("cliVersion", JsRef::string(&env, &version)),
                    ("installPolicy", JsRef::string(&env, policy.as_str())),
                    ("io", io),
                ];
                entries.push(("managedDaemon", JsRef::object(&env, &managed)?));
            }
            (None, ..) => {}
        }
        if let Some(connection) = args.string("historicSqlConnectionId")? {
            entries.push(("historicSqlConnectionId", JsRef::string(&env, &connection)));
        }
        JsRef::object(&env, &entries)
    })
}

#[napi(catch_unwind, js_name = "managedDaemonDatabaseIntrospectionOptions")]
pub fn managed_daemon_database_introspection_options(env: Env, options: JsRef) -> napi::Result<JsRef> {
    sync(&env, || {
        let runner = Runner::read(Options::new(options, "options")?)?;
        JsRef::object(&env, &[("requestJson", runner.into_function(&env)?)])
    })
}

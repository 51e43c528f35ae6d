//! How the semantic layer reaches the daemon.

use crate::{
    node::{
        js::Outcome,
        options::Options,
        ports::{Transport, runner_on},
    },
    ports::routing::url_route,
};

/// The transports to the daemon: planning may have a URL of its own.
pub(super) struct Transports {
    compute: Option<Transport>,
    pub(super) database: Transport,
}

impl Transports {
    pub(super) fn read(options: &Options) -> Outcome<Self> {
        let url = options.string("semanticComputeUrl")?;
        let compute = match url_route("semanticComputeUrl", url.as_deref())? {
            Some(route) => runner_on(options, &route)?.map(Transport::Port),
            None => None,
        };
        Ok(Self { compute, database: Transport::to_introspection(options)? })
    }

    pub(super) fn compute(&self) -> &Transport {
        self.compute.as_ref().unwrap_or(&self.database)
    }
}

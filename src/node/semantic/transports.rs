//! Transports of the semantic layer to the daemon.

use crate::{
    node::{
        js::Outcome,
        options::Options,
        ports::{Transport, runner_for_route},
    },
    ports::routing::url_route,
};

/// The transports to the daemon; the compute port may have a URL of its own.
pub(super) struct Transports {
    compute: Option<Transport>,
    pub(super) database: Transport,
}

impl Transports {
    pub(super) fn read(options: &Options) -> Outcome<Self> {
        let url = options.string("semanticComputeUrl")?;
        let compute = match url_route("semanticComputeUrl", url.as_deref())? {
            Some(route) => runner_for_route(options, &route)?.map(Transport::Port),
            None => None,
        };
        Ok(Self { compute, database: Transport::for_introspection(options)? })
    }

    pub(super) fn compute(&self) -> &Transport {
        self.compute.as_ref().unwrap_or(&self.database)
    }
}

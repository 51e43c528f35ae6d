//! Which adapter stages what.

use super::{
    historic_sql, live_database, looker,
    staged::{Shape, Staged},
};
use crate::{error::Result, project::Adapter};
use std::path::Path;

/// A folder that was staged before, as a source. Blocks. Errors: those of [`Staged::open`].
pub(crate) fn open_staged(adapter: Adapter, dir: &Path) -> Result<Staged> {
    Staged::open(adapter, shape_of(adapter), dir)
}

fn shape_of(adapter: Adapter) -> Shape {
    match adapter {
        Adapter::LiveDatabase => live_database::SHAPE,
        Adapter::Looker => looker::SHAPE,
        Adapter::HistoricSql => historic_sql::SHAPE,
    }
}

//! Layouts of staged folders, by adapter.

use super::{
    historic_sql, live_database, looker,
    staged::{StagedLayout, StagedSource},
};
use crate::{error::Result, project::Adapter};
use std::path::Path;

/// Opens a staged folder as a source. Blocks. Errors: those of [`StagedSource::open`].
pub(crate) fn open_staged(adapter: Adapter, dir: &Path) -> Result<StagedSource> {
    StagedSource::open(adapter, staged_layout(adapter), dir)
}

fn staged_layout(adapter: Adapter) -> StagedLayout {
    match adapter {
        Adapter::LiveDatabase => live_database::LAYOUT,
        Adapter::Looker => looker::LAYOUT,
        Adapter::HistoricSql => historic_sql::LAYOUT,
    }
}

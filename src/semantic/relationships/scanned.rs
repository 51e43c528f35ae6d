//! Columns of the newest scan by the names that people write.

use crate::{
    error::{Code, Error, Result},
    ingest::detection::{TableNames, columns_of},
    project::{Project, answers::Columns},
    relationships::{self, TableColumns, may_be_equal},
    semantic::{newest_scan, table::Table},
    shell,
};

/// The tables of the newest scan, without those that the data policy denies today.
pub(in crate::semantic) struct ScannedColumns {
    tables: Vec<relationships::Table>,
    names: TableNames,
    connection_id: String,
    has_catalogs: bool,
}

impl ScannedColumns {
    /// Reads the newest scan. Errors: [`Code::ScanMissing`].
    pub(super) fn read(project: &Project, connection_id: &str) -> Result<Self> {
        project.connection(connection_id)?;
        Ok(Self::new(connection_id, &newest_scan::read(project, connection_id)?.tables))
    }

    /// Returns the columns of tables of the newest scan.
    pub(in crate::semantic) fn new(connection_id: &str, tables: &[Table]) -> Self {
        let has_catalogs = tables.windows(2).any(|pair| pair[0].catalog != pair[1].catalog);
        let tables: Vec<_> = tables.iter().map(to_columns).collect();
        Self { names: TableNames::new(&tables), tables, connection_id: connection_id.to_owned(), has_catalogs }
    }

    /// Finds columns; `None` if the scan does not have them, or several tables have the name.
    pub(super) fn find(&self, table: &str, columns: &[String]) -> Option<TableColumns> {
        Some(self.position(table, columns)?.1)
    }

    /// Finds columns, as [`Self::find`], with the position of their table.
    pub(in crate::semantic) fn position(&self, table: &str, columns: &[String]) -> Option<(usize, TableColumns)> {
        let position = self.names.position(table)?;
        Some((position, columns_of(&self.tables[position], columns)?))
    }

    /// Finds a table, and a column of it if one is given, by the parts of the name of the table, of which the catalog and
    /// the schema may be missing, in any letter case.
    pub(in crate::semantic) fn position_of_parts(
        &self,
        table: (Option<&str>, Option<&str>, &str),
        column: Option<&str>,
    ) -> Option<(usize, Option<String>)> {
        let position = self.names.position_of_parts(&self.tables, table)?;
        let Some(column) = column else { return Some((position, None)) };
        let columns = columns_of(&self.tables[position], &[column.to_owned()])?.columns;
        Some((position, columns.into_iter().next()))
    }

    /// Finds columns by the name of their table as it is written in answers. Errors: [`Code::ArgumentInvalid`].
    pub(super) fn resolve(&self, written: &Columns) -> Result<Columns> {
        let Columns { table, columns } = written;
        if let Some(found) = self.find(table, columns).filter(|_| !columns.is_empty()) {
            return Ok(Columns { table: self.label(&found), columns: found.columns });
        }
        let (id, text) = (&self.connection_id, format!("{table} ({})", columns.join(", ")));
        let message = format!("The newest scan of {id} has no columns {text}, or several tables have that name");
        let hint = format!("List tables with: ktx table --connection-id {}", shell::quote(id));
        Err(Error::new(Code::ArgumentInvalid, message).with_hint(hint))
    }

    /// Checks that columns can refer to others. Errors: [`Code::ArgumentInvalid`] if they are the same ones, or if a pair
    /// has types whose values cannot be equal.
    pub(super) fn check_link(&self, from: &Columns, to: &Columns) -> Result<()> {
        let describe = |side: &Columns| format!("{} ({})", side.table, side.columns.join(", "));
        let refuse = |problem: String, hint: &'static str| {
            let message = format!("{} cannot refer to {}: {problem}", describe(from), describe(to));
            Err(Error::new(Code::ArgumentInvalid, message).with_hint(hint))
        };
        if from == to {
            return refuse(
                "both sides are the same".to_owned(),
                "Name the columns that are referred to after the first",
            );
        }
        for (near, far) in self.types(from).into_iter().zip(self.types(to)) {
            if !may_be_equal(near, far) {
                let hint = "Name columns of one type, or cast one of them in a view";
                return refuse(format!("values of the types {near} and {far} are never equal"), hint);
            }
        }
        Ok(())
    }

    /// The types of resolved columns.
    fn types(&self, columns: &Columns) -> Vec<&str> {
        let Some(found) = self.find(&columns.table, &columns.columns) else { return Vec::new() };
        let is_table = |table: &&relationships::Table| {
            (&table.catalog, &table.db, &table.name) == (&found.catalog, &found.db, &found.name)
        };
        let table = self.tables.iter().find(is_table);
        let find = |name: &String| table?.columns.iter().find(|column| column.name == *name);
        found.columns.iter().filter_map(find).map(|column| column.r#type.as_str()).collect()
    }

    /// The name of a table in answers: with its schema, and with its catalog if there are several.
    fn label(&self, found: &TableColumns) -> String {
        let catalog = found.catalog.as_deref().filter(|_| self.has_catalogs);
        [catalog, found.db.as_deref(), Some(&found.name)].into_iter().flatten().collect::<Vec<_>>().join(".")
    }
}

fn to_columns(table: &Table) -> relationships::Table {
    let columns = table.columns.iter().map(|column| relationships::Column {
        name: column.name.clone(),
        r#type: column.kind.clone(),
        primary_key: column.primary_key,
    });
    relationships::Table {
        catalog: table.catalog.clone(),
        db: table.db.clone(),
        name: table.name.clone(),
        columns: columns.collect(),
        ..relationships::Table::default()
    }
}

/** Columns of a table as text, which `parseColumns` reads. */

import type { KtxTableColumns } from '@kaelio/ktx';

/** `table.column`, or `table(column, column)`. */
export function formatColumns({ table, columns }: KtxTableColumns): string {
  const [only = ''] = columns;
  const names = columns.map(quoteColumn).join(', ');
  return columns.length === 1 && !only.includes('.') ? `${table}.${names}` : `${table}(${names})`;
}

/** Only names whose characters separate columns need quotes. */
function quoteColumn(name: string): string {
  return /[,()"`[]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name;
}

/** Columns of a table as an argument. */

import type { KtxTableColumns } from '@kaelio/ktx';
import { CliError } from '../errors.js';

/** A name in the quotes of any dialect, which may have dots, commas and parentheses. */
const QUOTED = '"(?:[^"]|"")*"|`(?:[^`]|``)*`|\\[[^\\]]*\\]';

/** `table(a, b)`; the table may have its schema. */
const SEVERAL = new RegExp(`^(?<table>(?:${QUOTED}|[^"\`()[])+?)\\s*\\((?<columns>(?:${QUOTED}|[^"\`()[])+)\\)$`);

/** One of the columns between commas. */
const COLUMN = new RegExp(`(?:${QUOTED}|[^",\`[])+`, 'g');

/** `table.column`; the column is what follows the last dot, or a name in quotes. */
const ONE = new RegExp(`^(?<table>.+)\\.(?<column>${QUOTED}|[^."\`]+)$`);

/** Parses `table.column` or `table(column, column)`. Quotes remain: the addon knows which columns there are. */
export function parseColumns(text: string): KtxTableColumns {
  const several = SEVERAL.exec(text)?.groups;
  if (several?.table !== undefined && several.columns !== undefined) {
    const columns = several.columns.match(COLUMN) ?? [];
    return { table: several.table, columns: columns.map((column) => column.trim()) };
  }
  const one = ONE.exec(text)?.groups;
  if (one?.table !== undefined && one.column !== undefined) return { table: one.table, columns: [one.column] };
  throw new CliError(
    'KTX_ARGUMENT_INVALID',
    `${text} does not name columns of a table`,
    'Write orders.customer_id, or "orders(country, number)" for several columns',
  );
}

/** Text output of the facts of a table that few tables have. */

import type { KtxTable } from '@kaelio/ktx';
import { renderTable } from '../output/table.js';
import type { Style } from '../terminal/style.js';

/** Maximum lines of a definition; `--json` has all of it. */
const MAX_LINES = 12;

/** The kind of a table, with what it is in particular. */
export function kindText({ kind, variant }: KtxTable): string | undefined {
  if (kind === null) return undefined;
  return variant === undefined ? kind : variant.replaceAll('_', ' ');
}

/** The check constraints of a table. */
export async function renderChecks({ checks = [] }: KtxTable, style: Style): Promise<string> {
  if (checks.length === 0) return '';
  const rows = checks.map(({ name, expression }) => [name ?? '', expression]);
  const columns = [{ title: 'CHECK' }, { title: 'CONDITION' }];
  return `\n${style.bold('Checks')}\n${await renderTable(columns, rows, style)}`;
}

/** The first lines of the SQL of a view. */
export function renderDefinition({ definition }: KtxTable, style: Style): string {
  if (definition === undefined) return '';
  const lines = definition.split(/\r?\n/).map((line) => `  ${printable(line)}`);
  const hidden = lines.length - MAX_LINES;
  const more = hidden > 0 ? [`  … and ${hidden} more lines: see --json`] : [];
  return `\n${style.bold('Definition')}\n${[...lines.slice(0, MAX_LINES), ...more].join('\n')}\n`;
}

/** A line without control characters, which a terminal would obey. */
function printable(line: string): string {
  return line.replaceAll('\t', '  ').replaceAll(/\p{Cc}/gu, '');
}

/** The flags of `ktx sl query` that make up the semantic query. */

import type { KtxSemanticQuery } from '@kaelio/ktx';
import { type Command, Option } from 'commander';
import { CliError } from '../errors.js';
import { parseRowCount } from '../flags/row-limit.js';
import { quoteForShell } from '../output/shell.js';
import type { CliIo } from '../terminal/io.js';
import { nameOfInput, readTextInput } from '../terminal/text-input.js';
import { parseDimension } from './dimension.js';

/** Parsed flags. */
export interface QueryFlags {
  measure?: string[];
  dimension?: string[];
  filter?: string[];
  segment?: string[];
  orderBy?: string[];
  limit?: number;
  includeEmpty?: boolean;
  queryFile?: string;
}

/** `EXPRESSION as NAME`; the name is quoted in SQL, so that it may have any characters but blanks and parentheses. */
const NAMED = /^(?<expr>.+?)\s+as\s+(?<name>[^\s()]+)$/is;

/** Adds the flags. A file has a whole query, so that it excludes all others. */
export function addQueryFlags(command: Command): Command {
  const file = new Option('--query-file <file>', 'read the query from a YAML or JSON file, or from stdin for -');
  return command
    .option('--measure <measure>', "orders.revenue or 'sum(orders.amount) as revenue'; may be repeated", collect)
    .option('--dimension <field>', 'customers.segment or orders.ordered_at:month; may be repeated', collect)
    .option('--filter <condition>', "orders.status != 'returned'; may be repeated", collect)
    .option('--segment <segment>', 'orders.paid; may be repeated', collect)
    .option('--order-by <field>', 'orders.revenue:desc; may be repeated', collect)
    .option('--limit <rows>', 'maximum rows of the result (default: 1000)', parseRowCount)
    .option('--include-empty', 'list values of dimensions without facts as well')
    .addOption(file.conflicts(['measure', 'dimension', 'filter', 'segment', 'orderBy', 'limit', 'includeEmpty']));
}

/** The query of the file, or of the flags. Errors: none of both selects anything; the file cannot be read. */
export async function readQuery(flags: QueryFlags, io: CliIo): Promise<KtxSemanticQuery> {
  const { queryFile } = flags;
  if (queryFile !== undefined) {
    const text = await readTextInput(queryFile, io);
    return (await import('@kaelio/ktx')).parseKtxSemanticQuery({ text, file: nameOfInput(queryFile) });
  }
  if (flags.measure === undefined && flags.dimension === undefined) {
    const next = 'Add --measure or --dimension, or a whole query with --query-file';
    throw new CliError('KTX_ARGUMENT_INVALID', 'The query selects nothing', next);
  }
  return toQuery(flags);
}

function toQuery(flags: QueryFlags): KtxSemanticQuery {
  const { measure, dimension, filter: filters, segment: segments, orderBy, limit, includeEmpty } = flags;
  return {
    ...(measure === undefined ? {} : { measures: measure.map(parseMeasure) }),
    ...(dimension === undefined ? {} : { dimensions: dimension.map(toDimension) }),
    ...(filters === undefined ? {} : { filters }),
    ...(segments === undefined ? {} : { segments }),
    ...(orderBy === undefined ? {} : { order_by: orderBy }),
    ...(limit === undefined ? {} : { limit }),
    ...(includeEmpty === undefined ? {} : { include_empty: includeEmpty }),
  };
}

function parseMeasure(text: string): string | { expr: string; name: string } {
  const { expr, name } = NAMED.exec(text.trim())?.groups ?? {};
  return expr === undefined || name === undefined ? text : { expr, name };
}

/** Errors: a name; the columns of dimensions have those of their fields. */
function toDimension(text: string): string | { field: string; granularity: string } {
  const { expr } = NAMED.exec(text.trim())?.groups ?? {};
  if (expr !== undefined) {
    const next = `Write --dimension ${quoteForShell(expr)}; for another name, add a column with this expr to the source`;
    throw new CliError('KTX_ARGUMENT_INVALID', `A dimension has the name of its column: ${text}`, next);
  }
  return parseDimension(text);
}

function collect(value: string, previous: string[] | undefined): string[] {
  return [...(previous ?? []), value];
}

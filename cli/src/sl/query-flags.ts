/** The flags of `ktx sl query` and `ktx sl explain` that make up the semantic query. */

import type { KtxSemanticQuery } from '@kaelio/ktx';
import { type Command, Option } from 'commander';
import { CliError } from '../errors.js';
import { parseOffset, parseRowCount } from '../flags/row-limit.js';
import type { CliIo } from '../terminal/io.js';
import { nameOfInput, readTextInput } from '../terminal/text-input.js';
import { parseDimension } from './dimension.js';
import { splitName } from './named.js';
import { parseParameters, parseTop, splitPairs, type TopFlags } from './query-values.js';

/** Parsed flags. */
export interface QueryFlags extends TopFlags {
  measure?: string[];
  dimension?: string[];
  filter?: string[];
  segment?: string[];
  orderBy?: string[];
  limit?: number;
  offset?: number;
  includeEmpty?: boolean;
  fillGaps?: boolean;
  path?: string[];
  param?: string[];
  timeZone?: string;
  queryFile?: string;
}

/** Adds the flags. A file has a whole query, so that it excludes all others. */
export function addQueryFlags(command: Command): Command {
  const before = command.options.length;
  command
    .option('--measure <measure>', "orders.revenue or 'sum(orders.amount) as revenue'; may be repeated", collect)
    .option('--dimension <field>', 'customers.segment or orders.ordered_at:month; may be repeated', collect)
    .option('--filter <condition>', "orders.status != 'returned'; may be repeated", collect)
    .option('--segment <segment>', 'orders.paid; may be repeated', collect)
    .option('--order-by <field>', 'orders.revenue:desc; may be repeated', collect)
    .option('--limit <rows>', 'maximum rows of the result (default: 1000)', parseRowCount)
    .option('--offset <rows>', 'rows to leave out before the first one', parseOffset)
    .option('--include-empty', 'list values of dimensions without facts as well')
    .option('--fill-gaps', 'list periods of metric_time without facts as well')
    .option('--top <groups>', 'only the first groups by a measure', parseRowCount)
    .option('--top-by <measure>', 'the measure, orders.revenue:asc for the least (default: the only one)')
    .option('--top-per <dimension>', 'the first groups of each value of it; may be repeated', collect)
    .option('--others', 'add up the groups that --top leaves out in one row')
    .option('--path <path>', 'nation=customer.nation reads nation over customer; may be repeated', collect)
    .option('--param <value>', 'name=value of :name, in JSON or as text; may be repeated', collect)
    .option('--time-zone <zone>', 'zone of periods and relative dates, such as Europe/Zurich');
  const others = command.options.slice(before).map((option) => option.attributeName());
  const file = new Option('--query-file <file>', 'read the query from a YAML or JSON file, or from stdin for -');
  return command.addOption(file.conflicts(others));
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
  const { filter: filters, segment: segments, orderBy: order_by, includeEmpty, fillGaps, path, param } = flags;
  const measures = flags.measure?.map((text) => splitName(text) ?? text);
  const query: KtxSemanticQuery = {
    measures,
    dimensions: flags.dimension?.map(parseDimension),
    filters,
    segments,
    order_by,
    limit: flags.limit,
    offset: flags.offset,
    include_empty: includeEmpty,
    fill_gaps: fillGaps,
    top: parseTop(flags, measures),
    paths: path && Object.fromEntries(splitPairs('--path', path)),
    parameters: param && parseParameters(param),
    time_zone: flags.timeZone,
  };
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined));
}

function collect(value: string, previous: string[] | undefined): string[] {
  return [...(previous ?? []), value];
}

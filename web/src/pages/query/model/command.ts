/** A query as a command and as a call of MCP. */

import type { KtxSemanticDimension } from '@kaelio/ktx';
import { quoteForShell, type Shell } from '../../../../../cli/src/output/shell.js';
import { parseDimension } from '../../../../../cli/src/sl/dimension.js';
import { splitName } from '../../../../../cli/src/sl/named.js';
import { commandText, inEnvironment } from '../../../site/command-line.js';
import { type Measure, type QueryState, toQuery } from './query-state.js';

/** Rows that `sl_query` returns without `maxRows`. */
const MCP_ROWS = 200;

/** Default of a query's `limit`. */
const DEFAULT_LIMIT = 1000;

/** Where a command is run. */
export interface CommandPlace {
  shell: Shell;
  environment: string | null;
}

/** The command that runs a query. What no flag can say is a file on its standard input. */
export function commandOf(connectionId: string, state: QueryState, { shell, environment }: CommandPlace): string {
  const words = inEnvironment(['ktx', 'sl', 'query', '--connection-id', connectionId], environment);
  const start = commandText(words, shell);
  const flags = flagsOf(state);
  // PowerShell before 7.3 drops double quotes within words.
  const isLost = shell === 'powershell' && flags?.some(([, value]) => value?.includes('"'));
  if (flags === undefined || isLost) {
    return withInput(`${start} --execute --query-file -`, JSON.stringify(toQuery(state), null, 2), shell);
  }
  const pairs = flags.map(([flag, value]) => (value === undefined ? flag : `${flag} ${quoteForShell(value, shell)}`));
  return [start, ...pairs, '--execute'].join(shell === 'posix' ? ' \\\n  ' : ' `\n  ');
}

/** A command with a text on its standard input, which no shell interprets. */
function withInput(command: string, text: string, shell: Shell): string {
  return shell === 'posix' ? `${command} <<'EOF'\n${text}\nEOF` : `@'\n${text}\n'@ | ${command}`;
}

/** The call of the MCP tool `sl_query`, as JSON. */
export function mcpCallOf(connectionId: string, state: QueryState): string {
  const limit = state.limit ?? DEFAULT_LIMIT;
  const rows = limit > MCP_ROWS ? { maxRows: limit } : {};
  const call = { name: 'sl_query', arguments: { connectionId, query: toQuery(state), ...rows } };
  return JSON.stringify(call, null, 2);
}

type Flag = [flag: string, value?: string];

/** The flags of a query; `undefined` if they would be read as another query, or the shell cannot pass them on. */
function flagsOf(state: QueryState): Flag[] | undefined {
  const { include_empty, fill_gaps, paths, parameters, now } = state;
  if (include_empty === false || now !== undefined) return undefined;
  const measures = state.measures.map(measureText);
  const dimensions = state.dimensions.map(dimensionText);
  const pairs = Object.entries(paths ?? {}).every(([name, path]) => isPair(name) && path === path.trim());
  if (!pairs || !Object.keys(parameters ?? {}).every(isPair)) return undefined;
  const texts: [string, (string | undefined)[]][] = [
    ['--measure', measures],
    ['--dimension', dimensions],
    ['--filter', state.filters],
    ['--segment', state.segments],
    ['--order-by', state.order_by.map(({ field, direction }) => `${field}:${direction}`)],
    ['--path', Object.entries(paths ?? {}).map((each) => each.join('='))],
    ['--param', Object.entries(parameters ?? {}).map(([name, value]) => `${name}=${JSON.stringify(value)}`)],
  ];
  const repeated = texts.flatMap(([flag, values]) => values.map((value) => [flag, value] as const));
  if (!repeated.every((each): each is readonly [string, string] => each[1] !== undefined)) return undefined;
  const flags: Flag[] = [
    ...repeated.map(([flag, value]): Flag => [flag, value]),
    ...topFlags(state),
    ...(state.time_zone === undefined ? [] : ([['--time-zone', state.time_zone]] as Flag[])),
    ...(include_empty ? ([['--include-empty']] as Flag[]) : []),
    ...(fill_gaps ? ([['--fill-gaps']] as Flag[]) : []),
    ...(state.limit === undefined ? [] : ([['--limit', String(state.limit)]] as Flag[])),
    ...(state.offset === undefined ? [] : ([['--offset', String(state.offset)]] as Flag[])),
  ];
  return flags.some(([, value]) => value?.includes('\0')) ? undefined : flags;
}

/** The measure as `--measure` takes it; `undefined` if it would be read as another one. */
function measureText(measure: Measure): string | undefined {
  if (typeof measure === 'string') return splitName(measure) === undefined ? measure : undefined;
  const text = `${measure.expr} as ${measure.name}`;
  const parsed = splitName(text);
  return parsed?.expr === measure.expr && parsed.name === measure.name ? text : undefined;
}

/** The dimension as `--dimension` takes it; `undefined` if it would be read as another one. */
function dimensionText(dimension: KtxSemanticDimension): string | undefined {
  const { field, expr, granularity, name } = dimension;
  const unit = granularity === undefined ? '' : `:${granularity}`;
  const text = `${field ?? expr ?? ''}${unit}${name === undefined ? '' : ` as ${name}`}`;
  const read = parseDimension(text);
  const parsed = typeof read === 'string' ? { field: read } : read;
  const keys = ['field', 'expr', 'granularity', 'name'] as const;
  return keys.every((key) => parsed[key] === dimension[key]) ? text : undefined;
}

/** The flags of the first groups. */
function topFlags({ top, measures }: QueryState): Flag[] {
  if (top === undefined) return [];
  const { by, limit, direction, per = [], others } = top;
  const only = measures.length === 1 && typeof measures[0] === 'string' ? measures[0] : undefined;
  const isPlain = direction === undefined && !/:(asc|desc)$/.test(by);
  const ranked: Flag[] = isPlain && only === by ? [] : [['--top-by', isPlain ? by : `${by}:${direction ?? 'desc'}`]];
  const rest: Flag[] = others === true ? [['--others']] : [];
  return [['--top', String(limit)], ...ranked, ...per.map((each): Flag => ['--top-per', each]), ...rest];
}

/** Whether a name can be before the `=` of a flag. */
function isPair(name: string): boolean {
  return name !== '' && !name.includes('=') && name === name.trim();
}

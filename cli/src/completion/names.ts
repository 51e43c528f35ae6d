/** Names of a project for completion: read from its files and its store, without the daemon and without secrets. */

import type { KtxSemanticSourceSummary } from '@kaelio/ktx';
import type { Argument, Option } from 'commander';
import { GRANULARITIES } from '../sl/granularities.js';
import type { Candidate, ListNames, Position } from './candidates.js';

/** Maximum runs among the candidates. */
const MAX_RUNS = 50;

type Addon = typeof import('@kaelio/ktx');

/** Where names are listed from. */
interface Names {
  addon: Addon;
  projectDir: string;
  /** The value of `--connection-id`. */
  connectionId: string | undefined;
  /** The value of `--env`, for the calls that read a project. */
  selected: { environment?: string };
  position: Position;
}

type List = (names: Names) => Promise<Candidate[]>;

/** Lists by flag that need no project. */
const VALUES: Record<string, (addon: Addon) => Candidate[]> = {
  '--driver': (addon) => addon.describeKtxDrivers().map(({ driver, title }) => ({ value: driver, description: title })),
  '--adapter': () => ['live-database', 'looker', 'historic-sql'].map((value) => ({ value })),
};

/** Lists of names of a project by flag, or by command and argument. */
const LISTS: Record<string, List> = {
  '--connection-id': listConnections,
  '--env': listEnvironments,
  '--measure': listMeasures,
  '--dimension': listDimensions,
  '--segment': (names) => listFields(names, ({ segments }) => segments),
  '--order-by': listSelected,
  '--top-by': listSelected,
  '--top-per': listSelected,
  connectionId: listConnections,
  run: listRuns,
  'sl name': listSources,
  'sl names': listSources,
  'table name': listTables,
};

/** Creates the function that lists the names of a project; a project that cannot be read has none. */
export function createListNames(findProjectDir: (addon: Addon, position: Position) => Promise<string>): ListNames {
  return async (of, position) => {
    const values = VALUES[keyOf(of)];
    if (values !== undefined) return values(await import('@kaelio/ktx'));
    const list = LISTS[keyOf(of)] ?? LISTS[`${groupOf(position)} ${keyOf(of)}`];
    if (list === undefined) return [];
    try {
      const addon = await import('@kaelio/ktx');
      const projectDir = await findProjectDir(addon, position);
      const connectionId = position.values.get('--connection-id')?.at(-1);
      const environment = position.values.get('--env')?.at(-1);
      const selected = environment === undefined ? {} : { environment };
      return await list({ addon, projectDir, connectionId, selected, position });
    } catch {
      return [];
    }
  };
}

function keyOf(of: Option | Argument): string {
  return 'long' in of ? (of.long ?? '') : of.name();
}

/** The command below the root. */
function groupOf({ command }: Position): string {
  let found = command;
  while (found.parent?.parent) found = found.parent;
  return found.name();
}

async function listConnections({ addon, projectDir, selected }: Names): Promise<Candidate[]> {
  const { connections } = await addon.loadKtxProject({ projectDir, ...selected });
  return connections.map(({ id, driver }) => ({ value: id, description: driver }));
}

async function listEnvironments({ addon, projectDir }: Names): Promise<Candidate[]> {
  const { environments = [] } = await addon.loadKtxProject({ projectDir, environment: '' });
  return environments.map((value) => ({ value }));
}

async function listRuns({ addon, projectDir, position }: Names): Promise<Candidate[]> {
  const source = groupOf(position) === 'scan' ? { source: 'live-database' } : {};
  const runs = await addon.listKtxRuns({ projectDir, ...source, limit: MAX_RUNS });
  const ids = runs.map((run) => ({
    value: run.runId,
    description: `${run.source} of ${run.connectionId}, ${run.status}, ${run.startedAt}`,
  }));
  return runs.length === 0 ? [] : [{ value: 'latest', description: 'the newest run' }, ...ids];
}

function loadSources({ addon, projectDir, connectionId, selected }: Names): Promise<KtxSemanticSourceSummary[]> {
  const connection = connectionId === undefined ? {} : { connectionId };
  return addon.listKtxSemanticSources({ projectDir, ...connection, ...selected });
}

async function listSources(names: Names): Promise<Candidate[]> {
  return (await loadSources(names)).map(({ name, description }) => ({ value: name, description: description ?? '' }));
}

async function listFields(
  names: Names,
  fieldsOf: (source: KtxSemanticSourceSummary) => string[],
): Promise<Candidate[]> {
  const sources = await loadSources(names);
  return sources.flatMap((source) => fieldsOf(source).map((field) => ({ value: `${source.name}.${field}` })));
}

async function listMeasures(names: Names): Promise<Candidate[]> {
  const { addon, projectDir, selected } = names;
  const { metrics } = await addon.readKtxSemanticModel({ projectDir, ...selected });
  const named = metrics.map(({ name, description }) => ({ value: name, description: description ?? '' }));
  return [...named, ...(await listFields(names, ({ measures }) => measures))];
}

/** Columns, and with each granularity; the types of columns are not known here. */
async function listDimensions(names: Names): Promise<Candidate[]> {
  const columns = await listFields(names, (source) => source.columns);
  return names.position.current.includes(':') ? withSuffixes(columns, GRANULARITIES) : columns;
}

/** What the query selects, in both directions. */
async function listSelected({ position: { values, current } }: Names): Promise<Candidate[]> {
  const selected = ['--measure', '--dimension'].flatMap((flag) => values.get(flag) ?? []);
  const fields = selected.map((value) => ({ value: value.replace(/:[a-z_]+$/, '') }));
  return current.includes(':') ? withSuffixes(fields, ['asc', 'desc']) : fields;
}

function withSuffixes(candidates: Candidate[], suffixes: readonly string[]): Candidate[] {
  return candidates.flatMap(({ value }) => suffixes.map((suffix) => ({ value: `${value}:${suffix}` })));
}

async function listTables(names: Names): Promise<Candidate[]> {
  const { addon, projectDir, connectionId, selected } = names;
  const id = connectionId ?? (await onlyDatabase(names));
  const tables = await addon.listKtxTables({ projectDir, connectionId: id, ...selected });
  return tables.map(({ schema, name, kind }) => ({
    value: schema === null ? name : `${schema}.${name}`,
    description: kind ?? '',
  }));
}

async function onlyDatabase({ addon, projectDir, selected }: Names): Promise<string> {
  const { findOnlyDatabase } = await import('../connection/only-connection.js');
  return findOnlyDatabase(await addon.loadKtxProject({ projectDir, ...selected }));
}

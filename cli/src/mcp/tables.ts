/** A table as agents read it: its columns with their profile on one line each, and all that joins it. */

import type { KtxColumnProfile, KtxRelationship, KtxTable, KtxTableColumn } from '@kaelio/ktx';
import { describeFailure } from '../errors.js';
import type { KtxMcpContextTools } from './context-tools.js';

/** Maximum uses of a table in an answer. */
const MAX_USES = 20;

/** A join between two tables, with its origin. */
export interface TableJoin {
  fromTable: string;
  fromColumns: string[];
  toTable: string;
  toColumns: string[];
  origin: 'foreign key' | 'accepted relationship';
}

/** A column; what is usual is left out. */
type AgentColumn = Omit<KtxTableColumn, 'profile' | 'nullable' | 'primaryKey' | 'comment'> &
  Partial<ColumnFacts> & { key?: 'primary'; nullable?: false; comment?: string };

/** Reads a table of the newest scan with its joins and semantic sources. */
export async function readTable(
  { tables, relationships, semanticLayer }: KtxMcpContextTools,
  request: { connectionId: string; name: string },
) {
  const { connectionId } = request;
  const table = await (tables as NonNullable<typeof tables>).read(request);
  const { columns, foreignKeys, referencedBy, usedBy = [], ...facts } = table;
  const name = table.schema === null ? table.name : `${table.schema}.${table.name}`;
  const accepted = await acceptedRelationships(relationships, connectionId);
  const all = (await semanticLayer?.listSources({ connectionId })) ?? [];
  const sources = all
    .filter((source) => source.table !== null && [name, table.name].includes(source.table))
    .map(({ name, measures, joins }) => ({ name, measures, joins }));
  return {
    ...facts,
    columns: columns.map(columnOf),
    joins: [...declaredJoins(table), ...accepted.filter(touches(name)).map(detectedJoin)],
    sources,
    ...furtherUses(
      usedBy,
      sources.map((source) => source.name),
    ),
  };
}

/** What uses the table beside its sources and their measures, which the answer has already. */
function furtherUses(usedBy: string[], sources: string[]): { usedBy?: string[]; usedByTotal?: number } {
  const isListed = (use: string) =>
    sources.some((source) => use === `source ${source}` || use.startsWith(`measure ${source}.`));
  const further = usedBy.filter((use) => !isListed(use));
  if (further.length <= MAX_USES) return further.length === 0 ? {} : { usedBy: further };
  return { usedBy: further.slice(0, MAX_USES), usedByTotal: further.length };
}

/** The table that {@link readTable} describes. */
export type AgentTable = Awaited<ReturnType<typeof readTable>>;

function columnOf({ profile, nullable, primaryKey, comment, ...column }: KtxTableColumn): AgentColumn {
  return {
    ...column,
    ...(primaryKey ? { key: 'primary' as const } : {}),
    ...(nullable ? {} : { nullable: false as const }),
    ...(comment === null ? {} : { comment }),
    ...(profile === undefined ? {} : profileOf(profile)),
  };
}

type Value = string | number | boolean;

/** The facts of a profile that a query needs: what may be filtered, counted or joined. */
interface ColumnFacts {
  nulls: number;
  /** An estimate begins with `~`. */
  distinct: number | string;
  min?: Value;
  max?: Value;
  /** All values, the most frequent first. */
  values?: Value[];
  /** The most frequent ones of more values. */
  frequentValues?: Value[];
  sensitive?: NonNullable<KtxColumnProfile['sensitive']>;
}

function profileOf(profile: KtxColumnProfile): ColumnFacts {
  const { nulls, distinct, distinctExact, min, max, valuesComplete, sensitive } = profile;
  const found = profile.values?.map(({ value }) => value);
  return {
    nulls,
    distinct: distinctExact ? distinct : `~${distinct}`,
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    ...(found === undefined ? {} : valuesComplete ? { values: found } : { frequentValues: found }),
    ...(sensitive === undefined ? {} : { sensitive }),
  };
}

function declaredJoins({ foreignKeys, referencedBy }: KtxTable): TableJoin[] {
  return [...foreignKeys, ...referencedBy].map(({ fromTable, fromColumns, toTable, toColumns }) => {
    return { fromTable, fromColumns, toTable, toColumns, origin: 'foreign key' };
  });
}

function touches(name: string) {
  return ({ from, to }: KtxRelationship) => from.table === name || to.table === name;
}

function detectedJoin({ from, to }: KtxRelationship): TableJoin {
  return {
    fromTable: from.table,
    fromColumns: from.columns,
    toTable: to.table,
    toColumns: to.columns,
    origin: 'accepted relationship',
  };
}

/** Accepted relationships that the database does not declare; none if no scan has detected relationships. */
async function acceptedRelationships(relationships: KtxMcpContextTools['relationships'], connectionId: string) {
  try {
    const list = await relationships?.list({ connectionId, status: 'accepted' });
    return (list?.relationships ?? []).filter(({ declared }) => !declared);
  } catch (error) {
    if (describeFailure(error).code === 'KTX_SCAN_MISSING') return [];
    throw error;
  }
}

/** The changed entities of a run, as lists. */

import type { KtxRunReport, KtxTableChange } from '@kaelio/ktx';
import { pageOfTable } from '../../site/plain-name.js';
import { CHANGE_KINDS, type ChangeOfEntity, type ChangeWords, changeInWords } from '../../site/run-words.js';

/** Number of entities of a list; a query history may have thousands. */
const MAX_ENTITIES = 1000;

/** A changed entity. */
export interface ChangedEntity {
  name: string;
  /** What stands for a name that is a hash. */
  description: string | null;
  /** The name of its page, if it is a table that has one. */
  page: string | null;
  details: ChangeDetail[];
}

/** A change within an entity, and what uses it: `measure orders.revenue`. */
export interface ChangeDetail extends ChangeWords {
  affects: string[];
}

/** The entities of one kind of change. */
export interface EntityList {
  change: ChangeOfEntity;
  entities: ChangedEntity[];
  /** Number of entities that are not listed. */
  more: number;
}

/** Lists the changed entities by kind, without empty lists. `existing` has the tables with a page. */
export function entityLists(run: KtxRunReport, existing: Set<string>): EntityList[] {
  return CHANGE_KINDS.filter((change) => run.changes[change].length > 0).map((change) => {
    const names = ordered(run.changes[change], run.descriptions);
    const entities = names.slice(0, MAX_ENTITIES).map((name) => ({
      name,
      description: run.descriptions?.[name] ?? null,
      page: pageOfTable(name, existing),
      details: detailsOf(run.details?.[name] ?? [], change),
    }));
    return { change, entities, more: names.length - entities.length };
  });
}

const BY_LEADING_COUNT = new Intl.Collator('en', { numeric: true });

/** Statements with the most calls first, as their descriptions begin with them. */
function ordered(names: string[], descriptions: Record<string, string> | undefined): string[] {
  if (descriptions === undefined) return names;
  const textOf = (name: string) => descriptions[name] ?? name;
  return [...names].sort((left, right) => BY_LEADING_COUNT.compare(textOf(right), textOf(left)));
}

/** Changes in words, without what the kind of the entity says already. */
function detailsOf(changes: KtxTableChange[], change: ChangeOfEntity): ChangeDetail[] {
  return changes.map((each) => {
    const { affects = [] } = each;
    const whole = change === 'deleted' && each.kind === 'removed' && each.object === 'table';
    return { ...(whole ? { kind: '', object: '', text: '' } : changeInWords(each)), affects };
  });
}

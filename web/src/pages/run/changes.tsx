/** The changes of a run in words. */

import { formatNumber } from '../../site/format.js';
import { CHANGE_SIGNS, type ChangeOfEntity, countEntities, reportCommand } from '../../site/run-words.js';
import { TableLink } from '../../view/parts/column-link.js';
import { Command } from '../../view/parts/command.js';
import { DataText, Name } from '../../view/parts/name.js';
import { Affects } from './affects.js';
import type { RunData } from './data.js';
import type { ChangeDetail, ChangedEntity, EntityList } from './entities.js';

const TITLES: Record<ChangeOfEntity, string> = { added: 'Added', modified: 'Modified', deleted: 'Deleted' };

/** Number of entities that are shown at once. */
const MAX_OPEN = 100;

/** A list for each kind of change. */
export function Changes({ data }: { data: RunData }) {
  const { lists, detailsLeftOut, run } = data;
  const sources = new Set(data.sources);
  if (lists.length === 0) return null;
  return (
    <>
      {lists.map((list) => (
        <List key={list.change} list={list} data={data} sources={sources} />
      ))}
      {detailsLeftOut > 0 && (
        <p className="weak">
          What changed in {formatNumber(detailsLeftOut)} more of them is in their files only:{' '}
          <Command>{reportCommand(run, '--all')}</Command>
        </p>
      )}
    </>
  );
}

interface ListProps {
  list: EntityList;
  data: RunData;
  sources: Set<string>;
}

function List({ list: { change, entities, more }, data, sources }: ListProps) {
  const { run } = data;
  const render = (entity: ChangedEntity) => (
    <Entity key={entity.name} entity={entity} change={change} connectionId={run.connectionId} sources={sources} />
  );
  const hidden = entities.slice(MAX_OPEN);
  return (
    <section>
      <h2>
        {TITLES[change]} <span className="weak">{countEntities(entities.length + more, run.source)}</span>
      </h2>
      <ul className="run-changes">{entities.slice(0, MAX_OPEN).map(render)}</ul>
      {hidden.length > 0 && (
        <details>
          <summary>{formatNumber(hidden.length)} more</summary>
          <ul className="run-changes">{hidden.map(render)}</ul>
        </details>
      )}
      {more > 0 && <p className="weak">… and {formatNumber(more)} more</p>}
    </section>
  );
}

interface EntityProps {
  entity: ChangedEntity;
  change: ChangeOfEntity;
  connectionId: string;
  sources: Set<string>;
}

function Entity({ entity: { name, description, page, details }, change, connectionId, sources }: EntityProps) {
  return (
    <li>
      <span className={`run-sign change ${change}`} aria-hidden="true">
        {CHANGE_SIGNS[change]}
      </span>{' '}
      {description === null ? (
        <TableLink connectionId={connectionId} to={{ name, page }} />
      ) : (
        <DataText>{description}</DataText>
      )}
      {details.length > 0 && (
        <ul className="run-details">
          {details.map((detail, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the list never changes, and changes may be equal
            <Detail key={index} detail={detail} connectionId={connectionId} sources={sources} />
          ))}
        </ul>
      )}
    </li>
  );
}

const CLASSES: Record<string, string> = { added: 'added', removed: 'deleted' };

interface DetailProps {
  detail: ChangeDetail;
  connectionId: string;
  sources: Set<string>;
}

function Detail({ detail: { kind, object, text, affects }, connectionId, sources }: DetailProps) {
  return (
    <li>
      {kind !== '' && <span className={`change ${CLASSES[kind] ?? 'modified'}`}>{kind}</span>}{' '}
      {object !== '' && `${object} `}
      {text !== '' && <Name>{text}</Name>}
      <Affects affects={affects} connectionId={connectionId} sources={sources} />
    </li>
  );
}

/** The page `status`: what works in the project, and how to mend the rest. */

import { Command } from '../../view/parts/command.js';
import { DataText, Name } from '../../view/parts/name.js';
import { useSite } from '../../view/site-context.js';
import { useValidations } from '../../view/use-validation.js';
import type { StatusData } from './data.js';
import { AREAS, checkedItem, type StatusArea, summaryOfItems } from './item.js';
import { StatusRow } from './row.js';
import './style.css';

const TITLES: Record<StatusArea, string> = {
  project: 'Project',
  connection: 'Connections',
  'semantic-layer': 'Semantic layer',
  search: 'Search',
  runtime: 'Runtime',
  agents: 'Agents',
};

/** The view. */
export function StatusView({ data: { projectDir, environment, environments, items: loaded } }: { data: StatusData }) {
  const { live, generatedAt } = useSite();
  const validations = useValidations([...new Set(loaded.flatMap(({ validated }) => validated?.connectionIds ?? []))]);
  const items = loaded.map((item) => checkedItem(item, validations.of));
  return (
    <>
      <h1>Status</h1>
      <p>
        <strong>{summaryOfItems(items)}</strong>
        {!live && `, as of ${generatedAt.slice(0, 10)}`}
      </p>
      {projectDir !== null && (
        <p className="weak">
          Project folder: <Name>{projectDir}</Name>
        </p>
      )}
      {environments.length > 0 && (
        <p className="weak">
          Environment: <DataText>{environment ?? 'none'}</DataText> of <DataText>{environments.join(', ')}</DataText>
        </p>
      )}
      {AREAS.map((area) => (
        <Area key={area} area={area} items={items.filter((item) => item.area === area)} />
      ))}
      {live ? (
        <p className="weak">
          Connections are not tried here, and measures are compiled only while the daemon is running:{' '}
          <Command>ktx connection test</Command> and <Command>ktx sl validate</Command> do that.
        </p>
      ) : (
        <p className="weak">
          Runtime, search index and agents are those of a machine: <Command>ktx status</Command> shows them.
        </p>
      )}
    </>
  );
}

function Area({ area, items }: { area: StatusArea; items: StatusData['items'] }) {
  if (items.length === 0) return null;
  const id = `status-${area}`;
  return (
    <>
      <h2 id={id}>{TITLES[area]}</h2>
      <table className="status-table" aria-labelledby={id}>
        <colgroup>
          <col className="status-name" />
          <col className="status-state" />
          <col />
        </colgroup>
        <thead className="visually-hidden">
          <tr>
            <th scope="col">Name</th>
            <th scope="col">State</th>
            <th scope="col">Found</th>
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <StatusRow key={`${item.name} ${item.detail}`} item={item} />
          ))}
        </tbody>
      </table>
    </>
  );
}

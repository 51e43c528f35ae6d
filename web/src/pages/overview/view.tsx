/** The page `overview`: what the project has, and what changed last. */

import { readCommand } from '../../site/command-line.js';
import { countOf } from '../../site/format.js';
import { Command } from '../../view/parts/command.js';
import { Failure } from '../../view/parts/failure.js';
import { DataText } from '../../view/parts/name.js';
import { PageLink, useSite } from '../../view/site-context.js';
import type { OverviewData } from './data.js';
import { Database } from './database.js';
import { Services } from './services.js';
import './style.css';

/** The view. */
export function OverviewView({ data }: { data: OverviewData }) {
  const { project } = useSite();
  return (
    <>
      <h1>
        <bdi>{project}</bdi>
      </h1>
      <p className="weak">
        {countOf(data.databases.length + data.services.length, 'connection')}
        {data.environment !== null && (
          <>
            {' '}
            in the environment <DataText>{data.environment}</DataText>
          </>
        )}
        {', '}
        <PageLink to={{ page: 'metrics' }}>{countOf(data.metrics, 'metric')}</PageLink>
        {', '}
        <PageLink to={{ page: 'notes' }}>{countOf(data.notes, 'note')}</PageLink>
      </p>
      <Warnings warnings={data.warnings} />
      <Failure failure={data.runsFailure} />
      <Beginning {...data} />
      {data.databases.map((database) => (
        <Database key={database.id} database={database} />
      ))}
      <Services services={data.services} />
    </>
  );
}

function Warnings({ warnings }: Pick<OverviewData, 'warnings'>) {
  if (warnings.length === 0) return null;
  return (
    <div className="notice">
      <ul className="plain-list">
        {warnings.map((warning) => (
          <li key={warning}>
            <DataText>{warning}</DataText>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** How to begin, until something is scanned. */
function Beginning({ databases, services }: OverviewData) {
  const [first] = databases;
  if (first === undefined) {
    const has = services.length === 0 ? 'The project has no connection yet.' : 'The project has no database yet.';
    return (
      <p className="notice">
        {has} Add one with <Command>ktx connection add</Command>, or let <Command>ktx setup</Command> ask for it.
      </p>
    );
  }
  if (databases.some(({ counts: { tables, views } }) => tables + views > 0)) return null;
  return (
    <p className="notice">
      Nothing is scanned yet. Begin with{' '}
      <Command>{[...readCommand(first.id, first.driver, true), '--relationships']}</Command>: it reads tables and keys,
      profiles the data and detects relationships.
    </p>
  );
}

/** What is known of the table itself. */

import { formatNumber, formatTime } from '../../site/format.js';
import { LongText } from '../../view/parts/long-text.js';
import { Name } from '../../view/parts/name.js';
import { timeOfSync } from '../../view/parts/sync-time.js';
import { PageLink } from '../../view/site-context.js';
import type { TableData } from './data.js';
import { formatBytes, kindOf, rowsOf } from './facts.js';
import { Labels } from './labels.js';

/** Name, comment and facts of the table. */
export function TableHeader({ data, map }: { data: TableData; map: string }) {
  const { name, facts } = data;
  return (
    <>
      <h1 className="table-name">
        <Name>{name}</Name>
      </h1>
      {facts.comment !== null && (
        <div className="table-comment">
          <LongText limit={400}>{facts.comment}</LongText>
        </div>
      )}
      <p className="table-links">
        <a href={map}>Show on the map</a>
      </p>
      <Warnings data={data} />
      <dl className="facts">
        <Facts data={data} />
      </dl>
      {facts.labels !== undefined && <Labels labels={facts.labels} />}
    </>
  );
}

function Facts({ data }: { data: TableData }) {
  const { facts, columns, runId } = data;
  const { bytes, engine, partitionKey, sortingKey, modifiedAt, catalog, syncId, profile } = facts;
  return (
    <>
      <Fact title="Kind">{kindOf(facts)}</Fact>
      <Fact title="Rows">{rowsOf(facts)}</Fact>
      <Fact title="Columns">{formatNumber(columns.length)}</Fact>
      {bytes !== undefined && <Fact title="Size">{formatBytes(bytes)}</Fact>}
      {catalog !== null && <NamedFact title="Catalog" value={catalog} />}
      {engine !== undefined && <NamedFact title="Engine" value={engine} />}
      {partitionKey !== undefined && <NamedFact title="Partitioned by" value={partitionKey} />}
      {sortingKey !== undefined && <NamedFact title="Sorted by" value={sortingKey} />}
      {modifiedAt !== undefined && <Fact title="Data changed">{`${formatTime(modifiedAt)} UTC`}</Fact>}
      <Fact title="Scan">
        <Scan syncId={syncId} runId={runId} />
      </Fact>
      {profile !== undefined && profile.syncId !== syncId && (
        <Fact title="Profile">{`of an earlier scan, ${timeOfSync(profile.syncId)}`}</Fact>
      )}
    </>
  );
}

function Scan({ syncId, runId }: { syncId: string; runId: string | null }) {
  const time = timeOfSync(syncId);
  return runId === null ? time : <PageLink to={{ page: 'run', name: runId }}>{time}</PageLink>;
}

function Fact({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{title}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function NamedFact({ title, value }: { title: string; value: string }) {
  return (
    <Fact title={title}>
      <LongText code limit={120}>
        {value}
      </LongText>
    </Fact>
  );
}

function Warnings({ data: { facts } }: { data: TableData }) {
  const warnings = [
    facts.readable === false && 'The user of the connection may not read this table.',
    facts.rowSecurity === true && 'Policies of the database may hide rows from the user of the connection.',
    facts.partitionFilterRequired === true && 'A statement has to filter by the partition key.',
  ].filter((text) => text !== false);
  return warnings.map((text) => (
    <p key={text} className="notice">
      {text}
    </p>
  ));
}

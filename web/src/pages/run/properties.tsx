/** What a run was, and its results in short. */

import { formatTime } from '../../site/format.js';
import {
  durationInWords,
  kindOfRun,
  leftOutInWords,
  profileInWords,
  relationshipsInWords,
  reportCommand,
} from '../../site/run-words.js';
import { Command } from '../../view/parts/command.js';
import { DataText, Name } from '../../view/parts/name.js';
import { PageLink, useSite } from '../../view/site-context.js';
import type { RunData } from './data.js';

/** The list of properties. */
export function Properties({ data }: { data: RunData }) {
  const { live } = useSite();
  const { run, profile } = data;
  return (
    <dl className="properties">
      <Property title="Run">
        <Name>{run.runId}</Name>
      </Property>
      <Property title="Kind">
        <DataText>{kindOfRun(run)}</DataText>
      </Property>
      {run.environment !== null && (
        <Property title="Environment">
          <DataText>{run.environment}</DataText>
        </Property>
      )}
      <Property title="Status">
        <span className={`badge ${run.status}`}>{run.status}</span>
      </Property>
      <Property title="Started">{formatTime(run.startedAt)} UTC</Property>
      {run.took !== null && <Property title="Took">{durationInWords(run.took)}</Property>}
      {profile !== null && <Property title="Profiles">{profileInWords(profile)}</Property>}
      <Relationships data={data} />
      <LeftOut data={data} />
      {run.status === 'failed' && !live && (
        <Property title="Error">
          The reason is in the report: <Command>{reportCommand(run)}</Command>
        </Property>
      )}
    </dl>
  );
}

function Property({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{title}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Relationships({ data: { relationships, isDatabase, run } }: { data: RunData }) {
  if (relationships === null) return null;
  return (
    <Property title="Relationships">
      {relationshipsInWords(relationships)}
      {isDatabase && (
        <>
          {' · '}
          <PageLink to={{ page: 'relationships', connectionId: run.connectionId }}>
            {relationships.review > 0 ? 'Review them' : 'Show them'}
          </PageLink>
        </>
      )}
    </Property>
  );
}

function LeftOut({ data: { leftOut } }: { data: RunData }) {
  if (leftOut === null) return null;
  return <Property title="Left out">{leftOutInWords(leftOut)} by the data policy</Property>;
}

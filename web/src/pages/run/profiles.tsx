/** What a scan found in the profiles of tables. */

import type { ReactNode } from 'react';
import { anchorOf } from '../../site/anchor.js';
import { pathOf } from '../../site/route.js';
import { DataText, Name } from '../../view/parts/name.js';
import { ScrollRegion } from '../../view/parts/scroll-region.js';
import { useLink } from '../../view/site-context.js';
import type { RunData, ShownProfileChange } from './data.js';

/** Changes of profiles beyond their noise. */
export function ProfileChanges({ data: { profileChanges, run } }: { data: RunData }) {
  if (profileChanges.length === 0) return null;
  return (
    <Section title="Profile changes" columns={['Column', 'Change']}>
      {profileChanges.map((change) => (
        <tr key={`${change.table} ${change.column} ${change.text}`}>
          <th scope="row">
            <Column change={change} connectionId={run.connectionId} />
          </th>
          <td>
            <DataText>{change.text}</DataText>
          </td>
        </tr>
      ))}
    </Section>
  );
}

function Column({ change, connectionId }: { change: ShownProfileChange; connectionId: string }) {
  const link = useLink();
  const { table, column, page } = change;
  const name = <Name>{`${table}.${column}`}</Name>;
  if (page === null) return name;
  const path = pathOf({ page: 'table', connectionId, name: page });
  return (
    <a className="clamped-link" href={link(`${path}#${anchorOf('column', column)}`)}>
      {name}
    </a>
  );
}

/** Tables that were not profiled, with the reasons. */
export function NotProfiled({ data: { profile } }: { data: RunData }) {
  const tables = [...(profile?.unread ?? []), ...(profile?.skipped ?? [])];
  if (tables.length === 0) return null;
  return (
    <Section title="Not profiled" columns={['Table', 'Reason']}>
      {tables.map(({ table, reason }) => (
        <tr key={table}>
          <th scope="row">
            <Name>{table}</Name>
          </th>
          <td>
            <DataText>{reason}</DataText>
          </td>
        </tr>
      ))}
    </Section>
  );
}

interface SectionProps {
  title: string;
  columns: string[];
  /** Rows. */
  children: ReactNode;
}

function Section({ title, columns, children }: SectionProps) {
  return (
    <>
      <h2>{title}</h2>
      <ScrollRegion label={title}>
        <table>
          <thead>
            <tr>
              {columns.map((column) => (
                <th key={column} scope="col">
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>{children}</tbody>
        </table>
      </ScrollRegion>
    </>
  );
}

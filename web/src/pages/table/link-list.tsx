/** Relationships of the table in both directions. */

import { formatShare } from '../../site/format.js';
import { ColumnsLink } from '../../view/parts/column-link.js';
import { Name } from '../../view/parts/name.js';
import { ScrollRegion } from '../../view/parts/scroll-region.js';
import { PageLink } from '../../view/site-context.js';
import type { TableData } from './data.js';
import type { TableLink } from './links.js';

/** The section. */
export function Links({ data }: { data: TableData }) {
  const { refersTo, referredBy } = data.links;
  const { connectionId } = data;
  return (
    <section>
      <h2>Relationships</h2>
      {refersTo.length + referredBy.length === 0 && <p>No relationship with another table is known.</p>}
      {refersTo.length > 0 && <LinkTable title="Refers to" arrow="→" links={refersTo} connectionId={connectionId} />}
      {referredBy.length > 0 && (
        <LinkTable title="Referred to by" arrow="←" links={referredBy} connectionId={connectionId} />
      )}
      <p>
        <PageLink to={{ page: 'relationships', connectionId }}>All relationships</PageLink>
      </p>
    </section>
  );
}

interface LinkTableProps {
  title: string;
  arrow: string;
  links: TableLink[];
  connectionId: string;
}

function LinkTable({ title, arrow, links, connectionId }: LinkTableProps) {
  return (
    <ScrollRegion label={title}>
      <table className="links">
        <caption>{title}</caption>
        <thead>
          <tr>
            <th scope="col">Columns</th>
            <th scope="col">Other table</th>
            <th scope="col">Known by</th>
          </tr>
        </thead>
        <tbody>
          {links.map((link) => (
            <tr key={JSON.stringify([link.columns, link.other, link.status])}>
              <td>
                <Name>{link.columns.join(', ')}</Name> <span className="weak">{arrow}</span>
              </td>
              <td>
                <ColumnsLink connectionId={connectionId} to={link.other} linked={link.linked} />
              </td>
              <td>
                <Origin link={link} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}

function Origin({ link: { status, score, cardinality, constraint, notEnforced } }: { link: TableLink }) {
  const facts = [
    score !== undefined && `score ${formatShare(score)}`,
    cardinality?.replaceAll('_', ' '),
    notEnforced && 'not enforced',
  ].filter((fact) => typeof fact === 'string');
  return (
    <>
      <span className={`badge ${status}`}>{status}</span> <span className="weak">{facts.join(', ')}</span>{' '}
      {constraint !== undefined && <Name>{constraint}</Name>}
    </>
  );
}

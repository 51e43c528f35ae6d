/** Joins of a source, in both directions. */

import type { KtxSemanticJoin } from '@kaelio/ktx';
import { Name } from '../../view/parts/name.js';
import { PageLink } from '../../view/site-context.js';
import type { SourceData } from './data.js';

const CARDINALITIES: Record<KtxSemanticJoin['relationship'], string> = {
  many_to_one: 'many to one',
  one_to_many: 'one to many',
  one_to_one: 'one to one',
};

/** The section of the joins. */
export function Joins({ data }: { data: SourceData }) {
  const { connectionId, joinedBy } = data;
  const joins = data.source.joins ?? [];
  return (
    <>
      <h2>Joins</h2>
      {joins.length === 0 && <p className="weak">No joins to other sources.</p>}
      {joins.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls
        <section className="scroll" aria-label="Joins" tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">To</th>
                <th scope="col">Rows</th>
                <th scope="col">On</th>
              </tr>
            </thead>
            <tbody>
              {joins.map((join, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: joins have no identity
                <tr key={index}>
                  <th scope="row">
                    <Target data={data} name={join.to} />
                    {join.alias !== undefined && (
                      <span className="detail">
                        in the role <Name>{join.alias}</Name>
                      </span>
                    )}
                  </th>
                  <td>{CARDINALITIES[join.relationship]}</td>
                  <td>
                    <Name>{join.on}</Name>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      {joinedBy.length > 0 && (
        <p>
          Joined by:{' '}
          {joinedBy.map((name, index) => (
            <span key={name}>
              {index > 0 && ', '}
              <PageLink to={{ page: 'source', connectionId, name }}>
                <Name>{name}</Name>
              </PageLink>
            </span>
          ))}
        </p>
      )}
    </>
  );
}

function Target({ data: { connectionId, joined, source }, name }: { data: SourceData; name: string }) {
  if (name === source.name) return <Name>{name}</Name>;
  if (!joined.includes(name)) {
    return (
      <>
        <Name>{name}</Name>
        <span className="detail">there is no such source</span>
      </>
    );
  }
  return (
    <PageLink to={{ page: 'source', connectionId, name }}>
      <Name>{name}</Name>
    </PageLink>
  );
}

/** The page `table`. */

import { CodeBlock } from '../../view/parts/name.js';
import { useLink } from '../../view/site-context.js';
import { ColumnList } from './column-list.js';
import type { TableData } from './data.js';
import { TableHeader } from './header.js';
import { Keys } from './keys.js';
import { Lineage } from './lineage.js';
import { Links } from './link-list.js';
import { Queries, Uses } from './use-list.js';
import './style.css';

/** The view. */
export function TableView({ data }: { data: TableData }) {
  const { name, connectionId, facts } = data;
  const map = `${useLink()({ page: 'map', connectionId })}#table=${encodeURIComponent(name)}`;
  return (
    <>
      <TableHeader data={data} map={map} />
      <ColumnList data={data} />
      <Links data={data} />
      <Keys data={data} />
      {facts.definition !== undefined && (
        <section>
          <h2>Definition</h2>
          <CodeBlock label="Definition of the view">{facts.definition}</CodeBlock>
        </section>
      )}
      <Uses data={data} />
      <Lineage data={data} />
      <Queries data={data} />
    </>
  );
}

/** Links to tables and their columns. */

import type { KtxTableColumns } from '@kaelio/ktx';
import { formatColumns } from '../../../../cli/src/relationships/columns-text.js';
import { anchorOf } from '../../site/anchor.js';
import { useLink } from '../site-context.js';
import { Name } from './name.js';
import './column-link.css';

/** A table of the newest scan, or the name of another one, which has no page. */
export interface TableReference {
  /** As it is written. */
  name: string;
  /** Its name with the schema; `null` if it has no page. */
  page: string | null;
}

/** The name of a table, as a link if it has a page. */
export function TableLink({ connectionId, to }: { connectionId: string; to: TableReference }) {
  const link = useLink();
  if (to.page === null) return <Name>{to.name}</Name>;
  return (
    <a className="clamped-link" href={link({ page: 'table', connectionId, name: to.page })}>
      <Name>{to.name}</Name>
    </a>
  );
}

/** Columns of a table, as a link to the first of them if the table has a page. */
export function ColumnsLink(props: { connectionId: string; to: KtxTableColumns; linked: boolean }) {
  const { connectionId, to, linked } = props;
  const link = useLink();
  const text = <Name>{formatColumns(to)}</Name>;
  if (!linked) return text;
  const page = link({ page: 'table', connectionId, name: to.table });
  return (
    <a className="clamped-link" href={`${page}#${anchorOf('column', to.columns[0] ?? '')}`}>
      {text}
    </a>
  );
}

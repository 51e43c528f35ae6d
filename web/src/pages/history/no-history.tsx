/** What pages say without a query history. */

import { Missing } from '../../view/parts/missing.js';

interface NoHistoryProps {
  connectionId: string;
  /** Name of a product that keeps no history; `null` for others. */
  withoutHistory: string | null;
}

/** How to read the history, if the database keeps one. */
export function NoHistory({ connectionId, withoutHistory }: NoHistoryProps) {
  if (withoutHistory !== null) return <p>KTX reads no query history of {withoutHistory}.</p>;
  return (
    <Missing command={['ktx', 'ingest', 'run', `--connection-id=${connectionId}`, '--adapter=historic-sql']}>
      The query history of this connection has not been read yet.
    </Missing>
  );
}

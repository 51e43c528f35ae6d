/** The page `history`. */

import { countOf } from '../../site/format.js';
import { timeOfSync } from '../../view/parts/sync-time.js';
import type { HistoryData, ShownHistory } from './data.js';
import { NoHistory } from './no-history.js';
import { TemplateTable } from './template-table.js';
import type { ShownTemplate } from './templates.js';

/** The view. */
export function HistoryView({ data: { connectionId, history, withoutHistory } }: { data: HistoryData }) {
  return (
    <>
      <h1>Query history</h1>
      {history === null ? (
        <NoHistory connectionId={connectionId} withoutHistory={withoutHistory} />
      ) : (
        <Templates history={history} connectionId={connectionId} />
      )}
    </>
  );
}

function Templates({ history, connectionId }: { history: ShownHistory; connectionId: string }) {
  const { templateCount, slowest, mostFrequent, syncId } = history;
  return (
    <>
      <p className="weak">
        {`${countOf(templateCount, 'template')} of statements that differ in literals only, read ${timeOfSync(syncId)}.`}
      </p>
      <ul className="order-links" aria-label="Orders">
        <li>
          <a href="#by-time">By total time</a>
        </li>
        <li>
          <a href="#by-calls">By calls</a>
        </li>
      </ul>
      <Order id="by-time" title="Most total time" templates={slowest} connectionId={connectionId} />
      <Order id="by-calls" title="Most calls" templates={mostFrequent} connectionId={connectionId} />
    </>
  );
}

interface OrderProps {
  id: string;
  title: string;
  templates: ShownTemplate[];
  connectionId: string;
}

function Order({ id, title, templates, connectionId }: OrderProps) {
  return (
    <section id={id} tabIndex={-1}>
      <h2>{title}</h2>
      <TemplateTable
        caption={`Templates with the ${title.toLowerCase()}`}
        templates={templates}
        connectionId={connectionId}
      />
    </section>
  );
}

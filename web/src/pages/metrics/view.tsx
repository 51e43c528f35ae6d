/** The page `metrics`: calculations over all sources, and the calendar. */

import { anchorOf } from '../../site/anchor.js';
import { CodeBlock, DataText, Name } from '../../view/parts/name.js';
import { AskLink } from '../query/ask-link.js';
import { measureOf } from '../query/model/edit.js';
import { calendarFacts } from './calendar.js';
import type { ListedMetric, MetricsData } from './data.js';
import './style.css';

/** The view. */
export function MetricsView({ data: { metrics, calendar, error } }: { data: MetricsData }) {
  return (
    <div className="metrics">
      <h1>Metrics</h1>
      <p className="weak">Calculations with measures of any source, which belong to no source.</p>
      {error !== undefined && (
        <p className="notice error">
          <DataText>{error}</DataText>
        </p>
      )}
      {metrics.length === 0 && error === undefined && <NoMetrics />}
      {metrics.map((metric) => (
        <Metric key={metric.name} metric={metric} />
      ))}
      <h2>Calendar</h2>
      <dl>
        {calendarFacts(calendar).map(([title, text]) => (
          <div key={title} className="fact">
            <dt>{title}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

function Metric({ metric }: { metric: ListedMetric }) {
  const { name, expr, description, owner, synonyms = [], unit, format, fill_nulls_with, connections } = metric;
  const facts: [string, string | undefined][] = [
    ['Owner', owner],
    ['Also called', synonyms.length === 0 ? undefined : synonyms.join(', ')],
    ['Unit', unit],
    ['Format', format],
    ['Groups without rows', fill_nulls_with === undefined ? undefined : String(fill_nulls_with)],
  ];
  return (
    <article className="card metric" id={anchorOf('metric', name)}>
      <h2>
        <Name>{name}</Name>
      </h2>
      {description !== undefined && (
        <p>
          <DataText>{description}</DataText>
        </p>
      )}
      <CodeBlock label={`Expression of ${name}`}>{expr}</CodeBlock>
      <dl>
        {facts.map(([title, text]) =>
          text === undefined ? null : (
            <div key={title} className="fact">
              <dt>{title}</dt>
              <dd>
                <DataText>{text}</DataText>
              </dd>
            </div>
          ),
        )}
      </dl>
      <p>
        {connections.length === 0 && <span className="weak">No connection has its sources.</span>}
        {connections.map((connectionId) => (
          <AskLink
            key={connectionId}
            connectionId={connectionId}
            query={{ measures: [measureOf(null, name, '')] }}
            of={name}
          >
            {`Ask ${connectionId}`}
          </AskLink>
        ))}
      </p>
    </article>
  );
}

function NoMetrics() {
  return (
    <>
      <p>
        There are no metrics yet. They are in <code>semantic-layer/metrics.yaml</code> of the project:
      </p>
      <CodeBlock label="Example of a metric">{EXAMPLE}</CodeBlock>
    </>
  );
}

const EXAMPLE = `metrics:
  - name: revenue_per_visit
    expr: orders.revenue / visits.count
    description: Revenue of a visit
    owner: finance
    unit: EUR`;

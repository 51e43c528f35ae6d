/** A table of query templates. */

import type { KtxCallerKind } from '@kaelio/ktx';
import { formatCompact, formatNumber } from '../../site/format.js';
import { TableLink } from '../../view/parts/column-link.js';
import { LongSql } from '../../view/parts/long-text.js';
import { ScrollRegion } from '../../view/parts/scroll-region.js';
import { formatDuration } from './duration.js';
import type { ShownTemplate } from './templates.js';
import './style.css';

interface Props {
  caption: string;
  templates: ShownTemplate[];
  connectionId: string;
}

/** Statements with their tables, calls and times. */
export function TemplateTable({ caption, templates, connectionId }: Props) {
  return (
    <ScrollRegion label={caption}>
      <table className="templates">
        <caption className="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            <th scope="col">Statement</th>
            <th scope="col" className="number">
              Calls
            </th>
            <th scope="col" className="number">
              Mean
            </th>
            <th scope="col" className="number">
              Total
            </th>
            <th scope="col">Callers</th>
          </tr>
        </thead>
        <tbody>
          {templates.map((template) => (
            <TemplateRow key={template.fingerprint} template={template} connectionId={connectionId} />
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}

function TemplateRow({ template, connectionId }: { template: ShownTemplate; connectionId: string }) {
  const { fingerprint, sql, tables, calls, meanMs, totalMs, callers } = template;
  return (
    <tr>
      <td>
        <LongSql label={`Statement ${fingerprint}`}>{sql}</LongSql>
        <ul className="template-tables" aria-label="Tables">
          {tables.map((table) => (
            <li key={table.name}>
              <TableLink connectionId={connectionId} to={table} />
            </li>
          ))}
        </ul>
      </td>
      <td className="number">{formatNumber(calls)}</td>
      <td className="number">{formatDuration(meanMs)}</td>
      <td className="number">{formatDuration(totalMs)}</td>
      <td>
        <Callers callers={callers} />
      </td>
    </tr>
  );
}

function Callers({ callers }: { callers: ShownTemplate['callers'] }) {
  const kinds = (Object.entries(callers) as [KtxCallerKind, number][]).sort((one, other) => other[1] - one[1]);
  if (kinds.length === 0) return <span className="weak">unknown</span>;
  return (
    <ul className="callers">
      {kinds.map(([kind, count]) => (
        <li key={kind}>
          {kind.replace('_', ' ').replace('bi tool', 'BI tool')} <span className="weak">{formatCompact(count)}</span>
        </li>
      ))}
    </ul>
  );
}

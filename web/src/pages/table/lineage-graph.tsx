/** The lineage as a drawing, or as lists if it is large. */

import type { KtxLineage, KtxLineageStep } from '@kaelio/ktx';
import { TableLink } from '../../view/parts/column-link.js';
import { Diagram } from '../../view/parts/diagram.js';
import { graphOf } from './lineage-nodes.js';

/** Most tables that are drawn. */
const MAX_NODES = 40;

/** Draws the tables and views around the one of the page. */
export function LineageGraph({ lineage }: { lineage: KtxLineage }) {
  const { upstream, downstream, connectionId, table } = lineage;
  if (upstream.length + downstream.length === 0) return null;
  if (upstream.length + downstream.length <= MAX_NODES) {
    return <Diagram title={`Lineage of ${table}`} {...graphOf(lineage)} />;
  }
  return (
    <>
      <StepList title="Made of" steps={upstream} connectionId={connectionId} />
      <StepList title="Read by" steps={downstream} connectionId={connectionId} />
    </>
  );
}

function StepList(props: { title: string; steps: KtxLineageStep[]; connectionId: string }) {
  const { title, steps, connectionId } = props;
  if (steps.length === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      <ul>
        {steps.map(({ table, steps: count, scanned }) => (
          <li key={table}>
            <TableLink connectionId={connectionId} to={{ name: table, page: scanned === false ? null : table }} />{' '}
            <span className="weak">{count === 1 ? 'directly' : `through ${count} reads`}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

/** Nodes and edges of a lineage. */

import type { KtxLineage, KtxLineageStep } from '@kaelio/ktx';
import type { EdgeToDraw, NodeToDraw } from '../../view/parts/diagram.js';

/** The graph of a lineage, which names how far a table is, and not on which way: distant ones have dashed edges. */
export function graphOf(lineage: KtxLineage): { nodes: NodeToDraw[]; edges: EdgeToDraw[] } {
  const { table, upstream, downstream, connectionId } = lineage;
  const nodeOf = (side: string, step: KtxLineageStep): NodeToDraw => ({
    id: `${side} ${step.table}`,
    label: step.table,
    ...(step.scanned === false
      ? { tone: 'weak' as const, kind: 'not scanned' }
      : { to: { page: 'table' as const, connectionId, name: step.table } }),
  });
  return {
    nodes: [
      ...upstream.map((step) => nodeOf('up', step)),
      { id: 'table', label: table, tone: 'strong' },
      ...downstream.map((step) => nodeOf('down', step)),
    ],
    edges: [
      ...upstream.map((step) => ({ from: `up ${step.table}`, to: 'table', ...lineOf(step) })),
      ...downstream.map((step) => ({ from: 'table', to: `down ${step.table}`, ...lineOf(step) })),
    ],
  };
}

function lineOf({ steps }: KtxLineageStep): Pick<EdgeToDraw, 'line' | 'label'> {
  return steps === 1 ? {} : { line: 'dashed', label: `${steps} reads` };
}

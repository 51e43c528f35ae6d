/** Example sources of the semantic layer. */

import type { KtxSemanticSourceSummary } from '@kaelio/ktx';

/** A source with a count; `overrides` replaces fields. */
export function summary(name: string, overrides: Partial<KtxSemanticSourceSummary> = {}): KtxSemanticSourceSummary {
  return {
    connectionId: 'warehouse',
    name,
    path: `semantic-layer/warehouse/${name}.yaml`,
    description: null,
    table: `public.${name}`,
    columns: ['id', 'status'],
    measures: ['count'],
    segments: [],
    joins: [],
    error: null,
    ...overrides,
  };
}

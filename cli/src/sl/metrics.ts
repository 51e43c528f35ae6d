/** The metrics of a project in lists. */

import type { KtxSemanticMetric } from '@kaelio/ktx';
import { describeFailure } from '../errors.js';

/** Metrics, and the error of a file that cannot be used; it has none then. */
export interface ListedMetrics {
  metrics: KtxSemanticMetric[];
  error?: string;
}

/** Reads the metrics for a list. Errors: all but those of the content of the file. */
export async function listMetrics(read: () => Promise<{ metrics: KtxSemanticMetric[] }>): Promise<ListedMetrics> {
  try {
    return { metrics: (await read()).metrics };
  } catch (error) {
    const { code, message } = describeFailure(error);
    if (code !== 'KTX_SEMANTIC_INVALID') throw error;
    return { metrics: [], error: message };
  }
}

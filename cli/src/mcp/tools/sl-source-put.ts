import { closedObject } from '../closed-object.js';
import type { KtxMcpContextTools } from '../context-tools.js';
import { connectionId } from '../schemas.js';
import { semanticSource } from '../semantic-schemas.js';
import { defineTool } from '../tool.js';

/** `sl_source_put`. */
export function slSourcePut({ semanticLayer }: KtxMcpContextTools) {
  return (
    semanticLayer &&
    defineTool({
      name: 'sl_source_put',
      title: 'Write a semantic source',
      description:
        'Creates a semantic source, or replaces the one of the same name. An invalid source is rejected and changes nothing.',
      input: closedObject({
        connectionId,
        source: semanticSource.describe('Also time (of metric_time), paths, bridge: true, weight (its share)'),
      }),
      effects: { readOnly: false, destructive: true, idempotent: true, openWorld: false },
      run: (args, call) => semanticLayer.writeSource(args, call),
    })
  );
}

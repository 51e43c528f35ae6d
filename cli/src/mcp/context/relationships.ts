/** Functions of the tools for relationships. */

import type { KtxProject } from '@kaelio/ktx';
import * as addon from '@kaelio/ktx';
import { serverOptionsOf } from '../call.js';
import type { KtxMcpContextOptions, RelationshipTools } from '../context-tools.js';

/** Creates the group. */
export function relationshipTools({ projectDir }: KtxProject, options: KtxMcpContextOptions): RelationshipTools {
  const project = { projectDir, ...serverOptionsOf(options) };
  return {
    list: ({ connectionId, status }) =>
      addon.listKtxRelationships({ ...project, connectionId, ...(status === undefined ? {} : { status }) }),
    answer: (request) => addon.answerKtxRelationship({ ...project, ...request }),
  };
}

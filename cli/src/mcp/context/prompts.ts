/** Functions of the prompts. */

import type { KtxProject } from '@kaelio/ktx';
import type { PromptTools } from '../context-tools.js';
import { readProjectPrompts } from '../prompts/project.js';

/** Creates the group. */
export function promptTools({ projectDir }: KtxProject): PromptTools {
  return { list: () => readProjectPrompts(projectDir) };
}

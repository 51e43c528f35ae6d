/** Functions of the tools that search. */

import type { KtxProject } from '@kaelio/ktx';
import * as addon from '@kaelio/ktx';
import { serverOptionsOf } from '../call.js';
import type { KtxMcpContextOptions, SearchTools } from '../context-tools.js';

/** Creates the group. */
export function searchTools({ projectDir }: KtxProject, options: KtxMcpContextOptions): SearchTools {
  const project = { projectDir, ...serverOptionsOf(options) };
  return {
    search: ({ query, ...filter }) => addon.searchKtxProject({ ...project, query, ...withoutUndefined(filter) }),
    findValues: ({ text, ...filter }) => addon.findKtxValues({ ...project, text, ...withoutUndefined(filter) }),
  };
}

type Defined<Options> = { [Key in keyof Options]?: Exclude<Options[Key], undefined> };

function withoutUndefined<Options extends object>(options: Options): Defined<Options> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Defined<Options>;
}

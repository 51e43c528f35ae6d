/** A plugin that lists the npm packages in a bundle, for the licences and the software bill of materials. */

import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Plugin } from 'vite';

/** Writes the sorted names of the packages to a file. */
export function bundledPackages(file: string): Plugin {
  return {
    name: 'bundled-packages',
    generateBundle(_, bundle) {
      const modules = Object.values(bundle).flatMap((each) => (each.type === 'chunk' ? each.moduleIds : []));
      const names = modules.flatMap((id) => id.match(/.*node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)/)?.[1] ?? []);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, `${JSON.stringify([...new Set(names)].sort(), null, 2)}\n`);
    },
  };
}

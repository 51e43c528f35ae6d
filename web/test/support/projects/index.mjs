// The projects of the tests of the page, of its benchmark and of the screenshots.
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createDemoProject } from './demo.mjs';
import { createHostileProject } from './hostile.mjs';
import { createPolicyProject } from './policy.mjs';
import { createWarehouseProject } from './warehouse.mjs';

/** Functions that create a project in an empty folder. All but `demo` need the server of scripts/with-databases.mjs. */
const CREATORS = {
  demo: createDemoProject,
  warehouse: createWarehouseProject,
  hostile: createHostileProject,
  policy: createPolicyProject,
};

/** Creates the named projects below a folder, unless they are there, and returns their folders by their names. */
export async function createProjects(folder, names) {
  const created = names.map(async (name) => {
    const projectDir = path.join(folder, `${name} project`);
    const complete = path.join(projectDir, '.complete');
    if (existsSync(complete)) return [name, projectDir];
    await rm(projectDir, { recursive: true, force: true });
    await mkdir(projectDir, { recursive: true });
    await CREATORS[name](projectDir);
    await writeFile(complete, '');
    return [name, projectDir];
  });
  return Object.fromEntries(await Promise.all(created));
}

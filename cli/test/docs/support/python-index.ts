/** Python package index with the wheels of the runtime and of the pages. */

import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PACKAGE_DIR } from '../../support/ktx.js';
import type { RequestHandler } from './npm-registry.js';

const run = promisify(execFile);

/** Request handler of the index, and the folder of the uv executable. */
export interface PythonIndex {
  handler: RequestHandler;
  uvFolder: string;
}

/** Downloads the wheels and uv into `dir`, and serves them as a simple index (PEP 503). */
export async function createPythonIndex(dir: string): Promise<PythonIndex> {
  const wheels = join(dir, 'wheels');
  await mkdir(wheels);
  const lock = await readFile(join(PACKAGE_DIR, 'python-runtime', 'requirements.lock'), 'utf8');
  const pinned = join(dir, 'pinned.txt');
  await writeFile(pinned, selectRequirements(lock));
  const pip = ['-m', 'pip', 'download', '--quiet', '--only-binary', ':all:', '--dest', wheels];
  await Promise.all([run('python3', [...pip, '-r', pinned]), run('python3', [...pip, 'uv'])]);
  const tools = join(dir, 'tools');
  await run('python3', [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--no-index',
    '--find-links',
    wheels,
    '--target',
    tools,
    'uv',
  ]);
  return { handler: await createHandler(wheels), uvFolder: join(tools, 'bin') };
}

/** Features that the pages install. */
const FEATURES = ['duckdb', 'sqlalchemy'];

/** Selects the pinned requirements of the core, and of the features that the pages install. */
function selectRequirements(lock: string): string {
  const [core = '', ...features] = lock.split('# feature: ');
  return (
    core +
    features
      .filter((feature) => FEATURES.includes(feature.split('\n')[0] ?? ''))
      .map((feature) => `# ${feature}`)
      .join('')
  );
}

async function createHandler(wheels: string): Promise<RequestHandler> {
  const files = await readdir(wheels);
  return async (request, response) => {
    const [, folder, name = '', file] = decodeURIComponent(request.url ?? '').split('/');
    const projectWheels = files.filter((wheel) => projectOf(wheel) === name);
    if (folder !== 'simple' || projectWheels.length === 0) {
      response.writeHead(404).end();
    } else if (file) {
      response.end(await readFile(join(wheels, projectWheels.find((wheel) => wheel === file) ?? '')));
    } else {
      const links = projectWheels.map((wheel) => `<a href="/simple/${name}/${wheel}">${wheel}</a>`);
      response
        .setHeader('content-type', 'text/html')
        .end(`<!DOCTYPE html><html><body>${links.join('\n')}</body></html>`);
    }
  };
}

/** Normalised project name of a wheel. */
function projectOf(wheel: string): string {
  return (wheel.split('-')[0] ?? '').toLowerCase().replace(/[._]+/g, '-');
}

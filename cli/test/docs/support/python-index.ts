/** A Python index: the wheels that the runtime is made of, and what else pages install. */

import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PACKAGE_DIR } from '../../support/ktx.js';
import type { Answer } from './npm-registry.js';

const run = promisify(execFile);

/** What an index answers with, and the folder of uv's executable. */
export interface PythonIndex {
  answer: Answer;
  uvFolder: string;
}

/** Fetches the wheels and uv into `dir`, and offers them the way that PyPI does (PEP 503). */
export async function createPythonIndex(dir: string): Promise<PythonIndex> {
  const wheels = join(dir, 'wheels');
  await mkdir(wheels);
  const lock = await readFile(join(PACKAGE_DIR, 'python-runtime', 'requirements.lock'), 'utf8');
  const pinned = join(dir, 'pinned.txt');
  await writeFile(pinned, wanted(lock));
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
  return { answer: await answerWith(wheels), uvFolder: join(tools, 'bin') };
}

/** What the lock pins for the core, and for the feature that a page installs. */
function wanted(lock: string): string {
  const [core = '', ...features] = lock.split('# feature: ');
  return (
    core +
    features
      .filter((feature) => feature.startsWith('duckdb\n'))
      .map((feature) => `# ${feature}`)
      .join('')
  );
}

async function answerWith(wheels: string): Promise<Answer> {
  const files = await readdir(wheels);
  return async (request, response) => {
    const [, folder, name = '', file] = decodeURIComponent(request.url ?? '').split('/');
    const offered = files.filter((wheel) => projectOf(wheel) === name);
    if (folder !== 'simple' || offered.length === 0) {
      response.writeHead(404).end();
    } else if (file) {
      response.end(await readFile(join(wheels, offered.find((wheel) => wheel === file) ?? '')));
    } else {
      const links = offered.map((wheel) => `<a href="/simple/${name}/${wheel}">${wheel}</a>`);
      response
        .setHeader('content-type', 'text/html')
        .end(`<!DOCTYPE html><html><body>${links.join('\n')}</body></html>`);
    }
  };
}

/** The normalised name of the project that a wheel is of. */
function projectOf(wheel: string): string {
  return (wheel.split('-')[0] ?? '').toLowerCase().replace(/[._]+/g, '-');
}

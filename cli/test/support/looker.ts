/** The fake Looker that the tests of the core use as well. */

import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import { PACKAGE_DIR, start, temporaryDir } from './ktx.js';

/** What its client needs, and its options. */
export interface FakeLooker {
  url: string;
  secret: string;
  control(settings: object): Promise<void>;
  /** Resolves when a request waits at the path that `control({ hold })` names. */
  holding(): Promise<void>;
}

/** Starts one that ends with the test. */
export async function fakeLooker(): Promise<FakeLooker> {
  const folder = await temporaryDir();
  const script = join(PACKAGE_DIR, 'tests', 'fakes', 'looker.py');
  const { child, finished } = start(process.platform === 'win32' ? 'python' : 'python3', [script, folder]);
  onTestFinished(async () => {
    child.kill();
    await finished;
  });
  const port = join(folder, 'port');
  await vi.waitUntil(() => existsSync(port), { timeout: 60_000 });
  return {
    url: `http://127.0.0.1:${await readFile(port, 'utf8')}`,
    secret: 'hunter2 secret',
    control: (settings) => writeFile(join(folder, 'control.json'), JSON.stringify(settings)),
    holding: () => vi.waitUntil(() => existsSync(join(folder, 'holding')), { timeout: 60_000 }).then(() => {}),
  };
}

/** A connection to it, as a line of `ktx.yaml`, and the variables that it refers to. */
export function lookerConnection({ url, secret }: FakeLooker, mapping = '{}') {
  const client = 'client_id: api-client, client_secret: env:LOOKER_SECRET, readonly: true';
  return {
    yaml: `  looker: { driver: looker, base_url: env:LOOKER_URL, ${client}, mappings: { connectionMappings: ${mapping} } }\n`,
    env: { LOOKER_URL: url, LOOKER_SECRET: secret },
  };
}

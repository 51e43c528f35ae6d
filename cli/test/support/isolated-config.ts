/** Sets an isolated configuration folder for every test file; trusted projects are recorded there. */

import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

const folder = mkdtempSync(join(realpathSync(tmpdir()), 'ktx-config-'));
process.env.XDG_CONFIG_HOME = folder;
process.env.APPDATA = folder;
delete process.env.KTX_TRUST;
afterAll(() => rmSync(folder, { recursive: true, force: true }));

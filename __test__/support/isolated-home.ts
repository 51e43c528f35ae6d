/** Sets an isolated home folder for every test file; daemons of the user and trusted projects are recorded there. */

import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

const home = mkdtempSync(join(realpathSync(tmpdir()), 'ktx-home-'));
process.env.XDG_DATA_HOME = home;
process.env.LOCALAPPDATA = home;
process.env.XDG_CONFIG_HOME = home;
process.env.APPDATA = home;
delete process.env.KTX_TRUST;
if (process.platform === 'darwin') process.env.HOME = home;
// Not on process exit: vitest may end the process before its handlers run.
afterAll(() => rmSync(home, { recursive: true, force: true }));

/**
 * Gives every test file a home of its own: daemons of this user and what is trusted are recorded there, and tests must not
 * meet others.
 */

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
// Not when the process exits: vitest may end it before that.
afterAll(() => rmSync(home, { recursive: true, force: true }));

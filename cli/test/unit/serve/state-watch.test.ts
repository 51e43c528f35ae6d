import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { watchState } from '../../../src/serve/state-watch.js';

const FAST = { poll: 10, firstPoll: 10, grace: 0 };

async function createFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'ktx-state-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return { instance: 'own', stateFile: join(folder, 'server.json'), logFile: join(folder, 'server.log') };
}

describe('watchState', () => {
  it.each([
    ['removed', undefined],
    ['damaged', '{'],
    ['that of another process', '{"instance":"other"}'],
  ])('reports a state file that is %s', async (_, text) => {
    const watched = await createFolder();
    await writeFile(watched.stateFile, '{"instance":"own"}');
    const onOrphaned = vi.fn();
    watchState(watched, onOrphaned, FAST);
    if (text === undefined) await rm(watched.stateFile);
    else await writeFile(watched.stateFile, text);
    await vi.waitUntil(() => onOrphaned.mock.calls.length > 0);
  });

  it('waits for a state file that is written late, and rotates a large log', async () => {
    const watched = await createFolder();
    const onOrphaned = vi.fn();
    await writeFile(watched.logFile, Buffer.alloc(8 * 1024 * 1024 + 1, 'x'), { mode: 0o600 });
    watchState(watched, onOrphaned, { ...FAST, grace: 60_000 });
    await vi.waitUntil(async () => (await stat(watched.logFile)).size === 0);
    expect(await readFile(`${watched.logFile}.1`, 'utf8')).toHaveLength(8 * 1024 * 1024 + 1);
    expect((await stat(`${watched.logFile}.1`)).mode & 0o077).toBe(
      process.platform === 'win32' ? expect.anything() : 0,
    );
    expect(onOrphaned).not.toHaveBeenCalled();
  });
});

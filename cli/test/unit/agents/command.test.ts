import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { route } from '../../support/commands.js';

const projectDir = resolve('/shop');
const change = { projectDir, clients: [], scope: 'project', force: false, dryRun: false, yes: false };
const install = { ...change, command: 'install' };

describe('ktx agents', () => {
  it.each<[string[], object]>([
    [['install'], install],
    [['install', '--client', 'codex', 'gemini'], { ...install, clients: ['codex', 'gemini'] }],
    [['install', '--client', 'codex', '--client', 'gemini'], { ...install, clients: ['codex', 'gemini'] }],
    [['install', '-y', '--execute-queries', '--force'], { ...install, yes: true, executeQueries: true, force: true }],
    [['install', '--no-execute-queries'], { ...install, executeQueries: false }],
    [['install', '--global', '--dry-run', '--json'], { ...install, scope: 'global', dryRun: true, json: true }],
    [['install', '--workspace', 'w', '--name', 's'], { ...install, workspaceDir: resolve('/work/w'), serverName: 's' }],
    [['remove', '--force'], { ...change, command: 'remove', force: true }],
    [['list', '--format', 'csv'], { command: 'list', projectDir, clients: [], format: 'csv' }],
  ])('maps %j', async (words, args) => {
    const { code, calls } = await route(['agents', ...words, '--project-dir', '/shop'], { cwd: '/work' });
    expect(code).toBe(0);
    expect(calls).toEqual([{ group: 'agents', args }]);
  });

  it.each([
    [['install', '--client', 'nope'], "argument 'nope' is invalid"],
    [['install', '--workspace', ' '], '--workspace needs a folder'],
    [['list', '--dry-run'], "unknown option '--dry-run'"],
  ])('rejects %j', async (words, message) => {
    const { code, stderr, calls } = await route(['agents', ...words, '--project-dir', '/shop']);
    expect([code, calls]).toEqual([1, []]);
    expect(stderr).toContain(message);
  });
});

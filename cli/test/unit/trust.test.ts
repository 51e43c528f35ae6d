import { describe, expect, it, vi } from 'vitest';
import { runKtxScan } from '../../src/scan.js';
import { runKtxTrust, trustOptions } from '../../src/trust.js';
import { makeIo } from '../support/io.js';
import { scanReport } from '../support/reports.js';

const terminal = { stdin: { isTTY: true }, stderr: { write: () => true, isTTY: true } };
const project = { projectDir: '/p', configPath: '/p/ktx.yaml', name: 'p', connections: [], warnings: [] };

describe('trustOptions', () => {
  it('asks on a terminal, and nowhere else', () => {
    expect(trustOptions({}, makeIo().io)).toEqual({});
    expect(trustOptions({}, makeIo({ stdin: { isTTY: true } }).io)).toEqual({});
    expect(trustOptions({}, makeIo(terminal).io)).toEqual({ confirmTrust: expect.any(Function) });
    expect(trustOptions({ trust: 'always' }, makeIo(terminal).io)).toEqual({ trust: 'always' });
  });

  it('reaches the scan', async () => {
    const runLocalScan = vi.fn(async (_: object) => ({ report: scanReport() }) as never);
    const deps = { loadKtxProject: async () => project, runLocalScan };
    const args = {
      command: 'run',
      projectDir: '/p',
      connectionId: 'w',
      mode: 'structural',
      detectRelationships: false,
      dryRun: false,
    } as const;
    await runKtxScan({ ...args, trust: 'always' }, makeIo().io, deps);
    expect(runLocalScan.mock.calls[0]?.[0]).toMatchObject({ trust: 'always' });
    await runKtxScan(args, makeIo(terminal).io, deps);
    expect(runLocalScan.mock.calls[1]?.[0]).toHaveProperty('confirmTrust');
    await runKtxScan(args, makeIo().io, deps);
    expect(runLocalScan.mock.calls[2]?.[0]).not.toHaveProperty('confirmTrust');
  });
});

describe('ktx trust', () => {
  it('says what a project may use now, and where that goes', async () => {
    const references = [{ connectionId: 'look', references: ['env:A', 'file:/k'], target: 'evil.example' }];
    const { io, stdout } = makeIo();
    await runKtxTrust({ projectDir: '/p' }, io, { trustKtxProject: async () => ({ projectDir: '/p', references }) });
    expect(stdout()).toBe('Trusted /p with what 1 connection may use:\n  look: env:A, file:/k → evil.example\n');
  });
});

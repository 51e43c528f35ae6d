import { describe, expect, it, vi } from 'vitest';
import { trustOptions } from '../../../src/flags/trust.js';
import { runKtxScan } from '../../../src/scan/run.js';
import { makeIo } from '../../support/io.js';
import { scanReport } from '../../support/reports.js';

const terminal = { stdin: { isTTY: true }, stderr: { write: () => true, isTTY: true } };
const project = { projectDir: '/p', configPath: '/p/ktx.yaml', name: 'p', connections: [], warnings: [] };

describe('trustOptions', () => {
  it('prompts on a terminal only', () => {
    expect(trustOptions({}, makeIo().io)).toEqual({});
    expect(trustOptions({}, makeIo({ stdin: { isTTY: true } }).io)).toEqual({});
    expect(trustOptions({}, makeIo(terminal).io)).toEqual({ confirmTrust: expect.any(Function) });
    expect(trustOptions({ trust: 'always' }, makeIo(terminal).io)).toEqual({ trust: 'always' });
  });

  it('is passed to the scan', async () => {
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

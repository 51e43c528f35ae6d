import { mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { DemoCalls } from '../../../src/setup/calls.js';
import { type DemoArgs, type DemoResult, runDemoSetup } from '../../../src/setup/run.js';
import { renderNextSteps } from '../../../src/setup/view.js';
import { PLAIN } from '../../../src/terminal/style.js';
import { queryResult } from '../../support/guided.js';
import { makeIo } from '../../support/io.js';
import { ktxError, project } from '../../support/projects.js';
import { scanReport, scanResult } from '../../support/reports.js';

const WAREHOUSE = 'demo-warehouse.sqlite';

let dir: string;
beforeEach(async () => {
  dir = await realpath(await mkdtemp(join(tmpdir(), 'ktx-demo-')));
  return () => rm(dir, { recursive: true, force: true });
});

const missing = async () => {
  throw ktxError('KTX_PROJECT_MISSING', 'There is no project');
};

/** Fingerprints: the same for the two reports of orders. */
const analyzeForFingerprint = async (sql: string) => {
  const isReport = /status, count/i.test(sql);
  return {
    ...{ fingerprint: (isReport ? 'a' : 'b').repeat(64), normalizedSql: 'SELECT ?', tablesTouched: ['orders', 'x'] },
    literalSlots: [{ position: 0, type: 'string', exampleValue: "'paid'" }],
  };
};

/** Results of the parser: a table, a known reason, and one that this version does not know. */
const parsed = {
  orders: { ok: true, canonical_table: 'public.orders' },
  tenant_orders: { ok: false, reason: 'looker_template_unresolved' },
  sales_mart: { ok: false, reason: 'a_new_reason' },
};

function demoCalls(overrides: Partial<DemoCalls> = {}) {
  const calls = {
    lookerTableIdentifierRoute: () => ({ kind: 'managed' }),
    sqlAnalysisRoute: () => ({ kind: 'managed' }),
    loadKtxProject: missing,
    ensureManagedPythonCommandRuntime: async () => ({}),
    initKtxProject: async () => project({ projectDir: dir }),
    addKtxConnection: async () => ({ project: project({ projectDir: dir, warnings: ['unknown key'] }) }),
    runLocalScan: async () => scanResult(),
    createLocalLookerTableIdentifierParser: () => ({ parse: async () => parsed }),
    createLocalSqlAnalysisPort: () => ({ analyzeForFingerprint }),
    generateKtxSemanticSources: async () => ({ syncId: 's', sources: [{}, {}], warnings: [] }),
    runKtxSemanticQuery: async () => queryResult(),
    ...overrides,
  };
  return Object.fromEntries(
    Object.entries(calls).map(([name, call]) => [name, vi.fn(call as (...args: unknown[]) => unknown)]),
  ) as unknown as { [Name in keyof DemoCalls]: ReturnType<typeof vi.fn<DemoCalls[Name]>> };
}

async function run(
  overrides: Partial<DemoCalls> = {},
  flags: Partial<DemoArgs> = {},
  io: Parameters<typeof makeIo>[0] = {},
) {
  const testIo = makeIo({ cwd: dir, ...io });
  const calls = demoCalls(overrides);
  const args = { command: 'demo', projectDir: dir, cliVersion: '0.2.0', installPolicy: 'auto', ...flags } as const;
  const code = await runDemoSetup(args, testIo.io, calls);
  return { code, calls, io: testIo.io, stdout: testIo.stdout(), stderr: testIo.stderr() };
}

describe('the project', () => {
  it('is created with a copy of the warehouse, which is a read-only connection', async () => {
    const { code, calls } = await run();
    expect(code).toBe(0);
    expect(calls.initKtxProject).toHaveBeenCalledExactlyOnceWith({ projectDir: dir });
    expect(calls.addKtxConnection).toHaveBeenCalledExactlyOnceWith({
      ...{ projectDir: dir, connectionId: 'warehouse' },
      connection: { driver: 'sqlite', path: `./${WAREHOUSE}`, readonly: true },
    });
    expect(await readdir(dir)).toEqual([WAREHOUSE]);
    expect((await readFile(join(dir, WAREHOUSE))).subarray(0, 15).toString()).toBe('SQLite format 3');
  });

  it('that exists is used again, with its modified warehouse', async () => {
    await writeFile(join(dir, WAREHOUSE), 'modified');
    const { calls } = await run({ loadKtxProject: async () => project() });
    expect(calls.initKtxProject).not.toHaveBeenCalled();
    expect(await readFile(join(dir, WAREHOUSE), 'utf8')).toBe('modified');
  });

  it('ignores environments', async () => {
    const { calls } = await run({}, {}, { environment: 'prod' });
    for (const call of [calls.loadKtxProject, calls.runLocalScan, calls.runKtxSemanticQuery]) {
      expect(call).toHaveBeenCalledWith(expect.objectContaining({ environment: '' }));
    }
  });
});

describe('nothing is installed or written', () => {
  const failing = () => {
    throw ktxError('KTX_HTTP_URL_INVALID', 'KTX_DAEMON_URL is not a URL');
  };

  it.each([
    ['the URL of the daemon is not valid', { lookerTableIdentifierRoute: failing }],
    ['the URL of the analysis is not valid', { sqlAnalysisRoute: failing }],
    ['the project cannot be read', { loadKtxProject: async () => failing() }],
  ])('if %s', async (_, overrides) => {
    const calls = demoCalls(overrides);
    const args = { command: 'demo', projectDir: dir, cliVersion: '0.2.0', installPolicy: 'auto' } as const;
    await expect(runDemoSetup(args, makeIo().io, calls)).rejects.toMatchObject({ code: 'KTX_HTTP_URL_INVALID' });
    expect(calls.ensureManagedPythonCommandRuntime).not.toHaveBeenCalled();
    expect(await readdir(dir)).toEqual([]);
  });

  it('if the runtime is not installed', async () => {
    const ensureManagedPythonCommandRuntime = async () => {
      throw ktxError('KTX_RUNTIME_REQUIRED', 'The runtime is not installed');
    };
    await expect(run({ ensureManagedPythonCommandRuntime })).rejects.toMatchObject({ code: 'KTX_RUNTIME_REQUIRED' });
    expect(await readdir(dir)).toEqual([]);
  });
});

describe('the steps', () => {
  it('use the managed daemon, and print the messages of the scan alone', async () => {
    const { signal } = new AbortController();
    const runLocalScan: DemoCalls['runLocalScan'] = async ({ onProgress, managedDaemon }) => {
      onProgress?.({ phase: 'stage', message: 'Staging', done: 1, total: 2 });
      managedDaemon?.onProgress?.({ phase: 'packages', message: 'Installing' });
      return scanResult();
    };
    const { calls, stderr, io } = await run({ runLocalScan }, {}, { signal, requestId: 'r-1' });
    const daemon = { cliVersion: '0.2.0', installPolicy: 'auto' };
    expect(calls.ensureManagedPythonCommandRuntime).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ ...daemon, feature: 'core', io, signal }),
    );
    for (const call of [calls.runLocalScan, calls.generateKtxSemanticSources, calls.runKtxSemanticQuery]) {
      expect(call.mock.calls[0]?.[0]).toMatchObject({
        ...{ projectDir: dir, connectionId: 'warehouse', managedDaemon: daemon, signal, requestId: 'r-1' },
      });
    }
    calls.runKtxSemanticQuery.mock.calls[0]?.[0].managedDaemon?.io.stderr.write('a repeated message');
    expect(stderr.split('\n')).toEqual([
      ...['Warning: unknown key', 'Staging (1/2)', 'Installing', 'Resolving Looker table names'],
      ...['Analysing warehouse queries', 'Generating semantic sources', 'Running a semantic query', ''],
    ]);
  });

  it('stop after an interruption, before the next one', async () => {
    const controller = new AbortController();
    const createLocalLookerTableIdentifierParser = () => ({
      parse: async () => {
        controller.abort(new Error('interrupted'));
        return {};
      },
    });
    const calls = demoCalls({ createLocalLookerTableIdentifierParser });
    const args = { command: 'demo', projectDir: dir, cliVersion: '0.2.0', installPolicy: 'auto' } as const;
    const { io, stdout } = makeIo({ signal: controller.signal });
    await expect(runDemoSetup(args, io, calls)).rejects.toThrow('interrupted');
    expect(calls.createLocalSqlAnalysisPort).not.toHaveBeenCalled();
    expect(stdout()).toBe('');
  });
});

describe('the output', () => {
  it('shows the tables of Looker views, or why there is none', async () => {
    const { stdout } = await run();
    const rows = stdout.split('\n').map((line) => line.trim().split(/ {2,}/));
    expect(rows).toContainEqual(['orders', 'public.orders', 'postgres', 'public.orders']);
    const tenant = '{{ _user_attributes["schema"] }}.orders';
    expect(rows).toContainEqual(['tenant_orders', tenant, 'postgres', 'unresolved: a template that Looker fills in']);
    expect(rows).toContainEqual(['sales_mart', '@{mart_schema}.sales', 'snowflake', 'unresolved: a_new_reason']);
    expect(stdout).not.toContain('products  ');
  });

  it('shows which queries have the same template', async () => {
    const { stdout } = await run();
    expect(stdout).toContain("orders of June   aaaaaaaaaaaa  orders, x  'paid'\n");
    expect(stdout.match(/One template: .*\n.*/g)).toEqual([
      'One template: orders of March and orders of June\n  SELECT ?',
    ]);
  });

  it('shows the answer and the next steps', async () => {
    const { stdout } = await run();
    expect(stdout).toContain(`The project is in ${dir}\n`);
    expect(stdout).toContain('KTX generated semantic sources from 2 tables:');
    expect(stdout).toContain('\nstatus  orders\npaid        75\nnull         2\n(2 rows)\n');
    expect(stdout).toMatch(/What to try next\n {2}ktx scan warehouse /);
  });

  it('has no rows if the query was not run', async () => {
    const { result: _, ...compiled } = queryResult();
    const { stdout } = await run({ runKtxSemanticQuery: async () => compiled });
    expect(stdout).not.toContain('rows)');
  });

  it('is one document with --json', async () => {
    const { stdout } = await run({}, { json: true });
    const { scan, lookerTables, queries, question, answer, projectDir } = JSON.parse(stdout) as DemoResult;
    expect([projectDir, scan.report, answer]).toEqual([dir, scanReport(), queryResult()]);
    expect(lookerTables.map(({ key, result }) => [key, result])).toEqual(Object.entries(parsed));
    expect(queries.map(({ id }) => id)).toEqual(['orders of March', 'orders of June', 'best customers']);
    expect(question.dimensions).toEqual(['customers.segment']);
  });

  it.each([
    ['ktx-demo', 'cd ktx-demo '],
    ['my shop', 'cd "my shop" '],
    ["$(x) it's", "cd '$(x) it'\\''s' "],
  ])('suggests a change to the folder %j that a shell reads as it is', async (folder, expected) => {
    expect(await renderNextSteps(`/a/${folder}`, '/a', PLAIN)).toContain(`\n  ${expected}`);
  });
});

/** Session of the guided setup with functions of the addon that answer from memory. */

import type { KtxDatabaseTable, KtxSemanticQueryResult } from '@kaelio/ktx';
import { vi } from 'vitest';
import type { GuidedCalls } from '../../src/setup/guided/calls.js';
import type { Session } from '../../src/setup/guided/session.js';
import { type Answer, fakeTerminal } from './fake-terminal.js';
import { makeIo } from './io.js';
import { project, sqlResult } from './projects.js';
import { scanReport, scanResult } from './reports.js';
import { summary } from './sources.js';

/** A table of 100 rows; `overrides` replaces fields. */
export function table(name: string, overrides: Partial<KtxDatabaseTable> = {}): KtxDatabaseTable {
  return { schema: 'public', name, kind: 'table', estimatedRows: 100, ...overrides };
}

/** The answer to a question, with rows. */
export function queryResult(): KtxSemanticQueryResult {
  const plan = {
    ...{ sources_used: [], join_paths: [], has_fan_out: false, measure_groups: [] },
    ...{ where_filters: [], having_filters: [], columns: [], warnings: [] },
  };
  return { connectionId: 'warehouse', sql: 'SELECT 1', dialect: 'sqlite', columns: [], plan, result: sqlResult() };
}

type Stubs = { [Name in keyof GuidedCalls]: ReturnType<typeof vi.fn<GuidedCalls[Name]>> };

/** A project with one scanned connection and one source; no agent is found. `overrides` replaces functions. */
export function guidedCalls(overrides: Partial<GuidedCalls> = {}): Stubs {
  const test = { connectionId: 'warehouse', driver: 'sqlite', tableCount: 2 };
  const change = async ({ connectionId = '' }) => ({
    ...{ connectionId, project: project(), test: { ...test, connectionId } },
    ...{ storedSecrets: [], removedSecrets: [] },
  });
  const calls: GuidedCalls = {
    loadKtxProject: async () => project(),
    initKtxProject: async () => project({ connections: [] }),
    listKtxDbtProfiles: async () => [],
    addKtxConnection: change,
    editKtxConnection: change,
    listKtxDatabaseTables: async () => ({ connectionId: 'warehouse', tables: [table('orders'), table('stores')] }),
    listKtxRuns: async () => [],
    runLocalScan: async () => scanResult(),
    generateKtxSemanticSources: async () => ({
      ...{ connectionId: 'warehouse', syncId: scanReport().syncId, sources: [], warnings: [] },
    }),
    listKtxSemanticSources: async () => [summary('orders')],
    readKtxSemanticSource: async ({ connectionId, name }) => ({
      ...{ connectionId, name, path: '', text: '' },
      source: { name, measures: [{ name: 'count', expr: 'count(*)' }], columns: [{ name: 'status', type: 'string' }] },
    }),
    runKtxSemanticQuery: async () => queryResult(),
    listKtxAgents: async () => [],
    installKtxAgents: async () => ({ projectDir: '/shop', workspaceDir: '/shop', scope: 'project', files: [] }),
    ...overrides,
  };
  const stubs = Object.entries(calls).map(([name, call]) => [name, vi.fn(call as (...args: unknown[]) => unknown)]);
  return Object.fromEntries(stubs) as Stubs;
}

/** What a test of a step replaces; with `answers`, the session is interactive. */
export interface GuidedFixture {
  answers?: Answer[];
  calls?: Partial<GuidedCalls>;
  session?: Partial<Session>;
  io?: Parameters<typeof makeIo>[0];
}

/** Creates a session, and gives access to its streams and calls. */
export function guidedSession({ answers, calls, session, io }: GuidedFixture = {}) {
  const terminal =
    answers === undefined ? { ...makeIo(io), screen: () => '', unasked: () => [] } : fakeTerminal(answers, io);
  const stubs = guidedCalls(calls);
  return {
    ...terminal,
    calls: stubs,
    session: {
      ...{ projectDir: '/shop', cliVersion: '0.2.0', installPolicy: 'prompt', yes: false },
      ...{ io: terminal.io, calls: stubs, warnings: new Set() },
      ...session,
    } as Session,
  };
}

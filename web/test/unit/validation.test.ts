import type { KtxProject } from '@kaelio/ktx';
import { describe, expect, it } from 'vitest';
import { LoadContext } from '../../src/node/context.js';
import { validate } from '../../src/node/validation.js';
import { checkedItem, type StatusItem } from '../../src/pages/status/item.js';
import { findingsOf } from '../../src/view/parts/validation.js';
import type { Validation } from '../../src/view/use-validation.js';

const checked = (...errors: string[]): Validation => ({ state: 'checked', findings: { errors, warnings: [] } });

const COMMAND = ['ktx', 'sl', 'validate'];

describe('a line of the status', () => {
  const item = (part: 'sources' | 'metrics', ...connectionIds: string[]): StatusItem => ({
    area: 'semantic-layer',
    name: 'metrics',
    state: 'unchecked',
    detail: '2 sources',
    command: COMMAND,
    validated: { connectionIds, part },
  });
  const found: Record<string, Validation> = {
    good: checked(),
    bad: checked("orders, measure 'a': no", "orders, measure 'b': no", "metric 'm': no"),
    other: checked("metric 'm': no"),
    unknown: { state: 'unchecked' },
    down: { state: 'failed', failure: { message: 'no', hint: null } },
  };
  const shown = (each: StatusItem) => {
    const { state, detail, command } = checkedItem(each, (id) => found[id] as Validation);
    return [state, detail, command];
  };

  it('counts the errors of its part', () => {
    expect(shown(item('sources', 'bad'))).toEqual(['problem', '2 sources: not valid, 2 errors', COMMAND]);
    expect(shown(item('metrics', 'bad', 'other'))).toEqual(['problem', '2 sources: not valid, 1 error', COMMAND]);
    expect(shown(item('sources', 'other'))).toEqual(['ok', '2 sources: valid', undefined]);
  });

  it('is valid only if all of its connections were checked', () => {
    expect(shown(item('metrics', 'good'))).toEqual(['ok', '2 sources: valid', undefined]);
    for (const id of ['unknown', 'down']) {
      expect(shown(item('metrics', 'good', id))).toEqual(['unchecked', '2 sources', COMMAND]);
    }
    expect(shown(item('metrics'))).toEqual(['unchecked', '2 sources', COMMAND]);
  });
});

describe('findings', () => {
  it('are those of a source, or of its part', () => {
    const findings = ["orders, measure 'a': x", 'orders: y', 'orders_2: z', "orders, measure 'ab': x"];
    expect(findingsOf(findings, undefined)).toEqual(findings);
    expect(findingsOf(findings, 'orders')).toEqual([findings[0], findings[1], findings[3]]);
    expect(findingsOf(findings, 'orders', "measure 'a'")).toEqual([findings[0]]);
  });
});

describe('the validation of a connection', () => {
  const source = { name: 'orders', measures: [{ name: 'count', expr: 'count(*)' }] };
  const project = { projectDir: '/project', connections: [] } as unknown as KtxProject;

  /** A context that has read the sources, and a daemon that counts its calls. */
  function create(isRunning: boolean) {
    const context = new LoadContext(project, undefined);
    context.once('source files wh', async () => ({ readable: new Map([['orders', {}]]), unreadable: [] }));
    context.once('source contents wh', async () => new Map([['orders', { source }]]));
    context.once('metrics wh', async () => []);
    const daemon = { calls: 0 };
    const actions = {
      canValidate: async () => isRunning,
      validate: async () => {
        daemon.calls += 1;
        const errors = ["orders, measure 'count': wrong", "orders, measure 'denied': wrong", 'salaries: wrong'];
        return {
          connectionId: 'wh',
          sources: [],
          valid: false,
          errors,
          warnings: ['orders: old'],
          perSourceWarnings: {},
        };
      },
    };
    return { daemon, ask: (start: boolean) => validate({ connectionId: 'wh', start }, context, actions) };
  }

  it('starts nothing unless it is asked to', async () => {
    const { ask, daemon } = create(false);
    expect([await ask(false), daemon.calls]).toEqual([null, 0]);
    expect(await ask(true)).not.toBeNull();
    expect(await ask(false)).not.toBeNull();
    expect(daemon.calls).toBe(1);
  });

  it('is made once for all requests, and has what pages show', async () => {
    const { ask, daemon } = create(true);
    const [one, other] = await Promise.all([ask(false), ask(false)]);
    expect(one).toEqual({ errors: ["orders, measure 'count': wrong"], warnings: ['orders: old'] });
    expect([other, daemon.calls]).toEqual([one, 1]);
  });
});

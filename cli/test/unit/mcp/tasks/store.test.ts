import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MAX_TTL_MS, RETENTION_MS, TaskStore } from '../../../../src/mcp/tasks/store.js';
import { ANSWER_MS, type Task } from '../../../../src/mcp/tasks/task.js';

const RESULT = { content: [] };
const endless = ({ signal }: Task) =>
  new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
const finished = async () => RESULT;

function create(...args: Parameters<TaskStore['create']>): { store: TaskStore; task: Task } {
  const store = new TaskStore();
  return { store, task: createIn(store, ...args) };
}

function createIn(store: TaskStore, ...args: Parameters<TaskStore['create']>): Task {
  const task = store.create(...args);
  if (task === undefined) throw new Error('There is no task');
  return task;
}

describe('the time of a task', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('is what the client requests, after which a running call is cancelled', async () => {
    const { store, task } = create(endless, { ttl: 5000 });
    expect(task.ttl).toBe(5000);
    await vi.advanceTimersByTimeAsync(4999);
    expect(store.find(task.id)).toBe(task);
    await vi.advanceTimersByTimeAsync(1);
    expect(() => store.find(task.id)).toThrow('not found');
    expect(task.signal.aborted).toBe(true);
  });

  it.each([
    [MAX_TTL_MS * 2, MAX_TTL_MS],
    [-1, 0],
  ])('is limited: of %d it gets %d', (ttl, granted) => {
    expect(create(endless, { ttl }).task.ttl).toBe(granted);
  });

  it('begins at the end of the call if the client requests none', async () => {
    let end = (_: typeof RESULT) => {};
    const { store, task } = create(() => new Promise((resolve) => (end = resolve)));
    await vi.advanceTimersByTimeAsync(MAX_TTL_MS * 2);
    expect(store.find(task.id)).toMatchObject({ state: 'working', ttl: null });
    end(RESULT);
    await vi.advanceTimersByTimeAsync(0);
    expect(task.ttl).toBe(MAX_TTL_MS * 2 + RETENTION_MS);
    await vi.advanceTimersByTimeAsync(RETENTION_MS - 1);
    expect(store.find(task.id).outcome).toEqual(RESULT);
    await vi.advanceTimersByTimeAsync(1);
    expect(() => store.find(task.id)).toThrow('not found');
  });
});

describe('the time of a question', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  const QUESTIONS = { a: { method: 'roots/list' } } as const;

  it('is limited, so that questions of clients that are gone do not fill the store', async () => {
    const { store, task } = create((asking) => asking.ask(QUESTIONS).then(() => RESULT));
    await vi.advanceTimersByTimeAsync(ANSWER_MS - 1);
    expect(task.state).toBe('input_required');
    await vi.advanceTimersByTimeAsync(1);
    expect(task).toMatchObject({ state: 'cancelled', message: expect.stringContaining('question') });
    await vi.advanceTimersByTimeAsync(RETENTION_MS);
    expect(() => store.find(task.id)).toThrow('not found');
  });

  it('does not limit the call after the answer', async () => {
    const { task } = create((asking) => asking.ask(QUESTIONS).then(() => endless(asking)));
    task.answer({ 'a-1': 1 });
    await vi.advanceTimersByTimeAsync(ANSWER_MS * 2);
    expect(task.state).toBe('working');
  });
});

describe('TaskStore', () => {
  it('has a maximum number of tasks, which includes ended ones', async () => {
    const store = new TaskStore(2);
    await createIn(store, finished).ended;
    createIn(store, endless);
    expect(store.create(finished)).toBeUndefined();
  });

  it('lists the tasks of one owner', () => {
    const [mine, other] = [{}, {}];
    const store = new TaskStore();
    const tasks = [mine, other, mine].map((owner) => createIn(store, endless, { owner }));
    expect(store.ofOwner(mine)).toEqual([tasks[0], tasks[2]]);
    expect(store.ofOwner({})).toEqual([]);
  });

  it('waits for running calls, also for cancelled ones, and not for answers', async () => {
    const { store, task } = create(finished);
    createIn(store, async (asking) => {
      await asking.ask({ name: { method: 'roots/list' } });
      return RESULT;
    });
    await store.callsFinished();
    expect(task.outcome).toEqual(RESULT);
    let end = () => {};
    const slow = createIn(store, () => new Promise((resolve) => (end = () => resolve(RESULT))));
    slow.cancel('no longer needed');
    const waited = vi.fn();
    const waiting = store.callsFinished().then(waited);
    await new Promise(setImmediate);
    expect(waited).not.toHaveBeenCalled();
    end();
    await waiting;
  });

  it('cancels and drops all tasks when it is closed', async () => {
    const { store, task } = create(endless);
    store.close();
    expect(task).toMatchObject({ state: 'cancelled', message: 'The server has stopped' });
    expect(() => store.find(task.id)).toThrow('not found');
    expect(await task.ended).toBeInstanceOf(Error);
  });
});

describe('a question of a task', () => {
  const QUESTIONS = { a: { method: 'roots/list' }, b: { method: 'roots/list' } } as const;

  it('waits for every answer, ignores others, and has new keys when it is asked again', async () => {
    const answers: object[] = [];
    const { task } = create(async (asking) => {
      answers.push(await asking.ask(QUESTIONS), await asking.ask(QUESTIONS));
      return RESULT;
    });
    expect(Object.keys(task.questions)).toEqual(['a-1', 'b-1']);
    task.answer({ 'a-1': 1, a: 2, 'c-1': 3 });
    expect(task.state).toBe('input_required');
    expect(Object.keys(task.questions)).toEqual(['b-1']);
    task.answer({ 'b-1': 4 });
    expect(task.state).toBe('working');
    await vi.waitFor(() => expect(Object.keys(task.questions)).toEqual(['a-2', 'b-2']));
    task.answer({ 'a-1': 5, 'b-1': 5 });
    expect(task.state).toBe('input_required');
    task.answer({ 'a-2': 6, 'b-2': 7 });
    await task.ended;
    expect(answers).toEqual([
      { a: 1, b: 4 },
      { a: 6, b: 7 },
    ]);
  });

  it('ends when the task is cancelled, also for a call that would ask again', async () => {
    const { task } = create(async (asking) => {
      await asking.ask(QUESTIONS).catch(() => {});
      await asking.ask(QUESTIONS);
      return RESULT;
    });
    task.cancel('no longer needed');
    expect(await task.ended).toBeInstanceOf(Error);
    expect(task).toMatchObject({ state: 'cancelled', questions: {} });
  });
});

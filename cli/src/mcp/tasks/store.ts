/** The tasks of a server process. */

import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import { Task, type TaskWork } from './task.js';

/** Maximum number of tasks, ended ones included. */
export const MAX_TASKS = 100;

/** Maximum time that a client may choose for a task. */
export const MAX_TTL_MS = 24 * 60 * 60_000;

/** Time that the result of a task is kept if its client chose none. */
export const RETENTION_MS = 60 * 60_000;

/** How a task is created. */
export interface TaskRequest {
  /** Whose task it is, for the list of the tasks. */
  owner?: object | undefined;
  /** Time from the creation until the task is dropped, in milliseconds; by default, it depends on when the call ends. */
  ttl?: number | undefined;
}

/** Tasks, by their id. They live as long as the process, so that a client can read them on another connection. */
export class TaskStore {
  readonly #tasks = new Map<string, { task: Task; owner: object | undefined }>();

  constructor(private readonly maxTasks = MAX_TASKS) {}

  /** Creates a task, whose call begins; `undefined` if there are too many. */
  create(work: TaskWork, { owner, ttl }: TaskRequest = {}): Task | undefined {
    if (this.#tasks.size >= this.maxTasks) return undefined;
    const granted = ttl === undefined ? null : Math.trunc(Math.min(Math.max(ttl, 0), MAX_TTL_MS));
    const task = new Task(work, granted);
    this.#tasks.set(task.id, { task, owner });
    if (granted === null) void task.ended.then(() => this.#retain(task));
    else this.#dropAfter(task, granted);
    return task;
  }

  /** Errors: a protocol error if there is no such task. */
  find(id: string): Task {
    const found = this.#tasks.get(id);
    if (found === undefined)
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'Task not found: it may have expired');
    return found.task;
  }

  /** The tasks of an owner, oldest first. */
  ofOwner(owner: object): Task[] {
    return [...this.#tasks.values()].filter((entry) => entry.owner === owner).map(({ task }) => task);
  }

  /** Resolves when no call of a task is running; one that waits for an answer does not run. */
  async callsFinished(): Promise<void> {
    const all = [...this.#tasks.values()];
    const running = all.filter(({ task }) => task.outcome === undefined && task.state !== 'input_required');
    await Promise.all(running.map(({ task }) => task.ended));
  }

  /** Cancels and drops all tasks. */
  close(): void {
    for (const { task } of this.#tasks.values()) task.cancel('The server has stopped');
    this.#tasks.clear();
  }

  #retain(task: Task): void {
    task.ttl = Date.now() - task.createdAt.getTime() + RETENTION_MS;
    this.#dropAfter(task, RETENTION_MS);
  }

  #dropAfter(task: Task, milliseconds: number): void {
    const drop = () => {
      task.cancel('The task has expired');
      this.#tasks.delete(task.id);
    };
    setTimeout(drop, milliseconds).unref();
  }
}

/** A task: a call of a tool that goes on after its request has been answered. */

import { randomUUID } from 'node:crypto';
import type { CallToolResult, InputRequiredResult } from '@modelcontextprotocol/server';
import { CliError } from '../../errors.js';

/** What the call returned, or the error of the protocol with which it failed. */
export type TaskOutcome = CallToolResult | Error;

/** Time that a client has to answer the questions of a task. */
export const ANSWER_MS = 60 * 60_000;

/** Questions to the user of the client, by their keys. */
export type Questions = NonNullable<InputRequiredResult['inputRequests']>;

/** Answers to questions, by the same keys. */
export type Answers = Record<string, unknown>;

/** The call of a task. */
export type TaskWork = (task: Task) => Promise<CallToolResult>;

/** One task, from its creation to its end. */
export class Task {
  readonly id = randomUUID();
  readonly createdAt = new Date();
  changedAt = this.createdAt;
  state: 'working' | 'input_required' | 'ended' | 'cancelled' = 'working';
  /** The newest message of progress. */
  message: string | undefined;
  /** Milliseconds from the creation until the task is dropped; `null` if that is not decided. */
  ttl: number | null;
  /** Questions that have no answer yet. */
  questions: Questions = {};
  outcome: TaskOutcome | undefined;
  /** Resolves when the call has ended; after a cancellation, too. */
  readonly ended: Promise<TaskOutcome>;
  /** Called when the state has changed. */
  onChange: () => void = () => {};

  readonly #cancellation = new AbortController();
  #answers: Answers = {};
  #answered = () => {};
  #rounds = 0;

  constructor(work: TaskWork, ttl: number | null) {
    this.ttl = ttl;
    this.ended = this.#run(work);
  }

  /** Aborted when the task is cancelled. */
  get signal(): AbortSignal {
    return this.#cancellation.signal;
  }

  get isActive(): boolean {
    return this.state === 'working' || this.state === 'input_required';
  }

  report(message: string): void {
    if (!this.isActive) return;
    this.message = message;
    this.changedAt = new Date();
  }

  /** Asks the client, and resolves with its answers; rejects when the task is cancelled. */
  async ask(questions: Questions): Promise<Answers> {
    this.signal.throwIfAborted();
    // A key is used once in the life of a task, and a call may ask the same again.
    this.#rounds += 1;
    const suffix = `-${this.#rounds}`;
    this.questions = Object.fromEntries(Object.entries(questions).map(([key, asked]) => [key + suffix, asked]));
    this.#answers = {};
    const answered = new Promise<void>((resolve) => {
      this.#answered = resolve;
    });
    this.#change('input_required');
    const timeout = setTimeout(() => this.cancel('No one has answered its question'), ANSWER_MS).unref();
    await answered;
    clearTimeout(timeout);
    this.signal.throwIfAborted();
    const given = Object.entries(this.#answers).map(([key, answer]) => [key.slice(0, -suffix.length), answer]);
    return Object.fromEntries(given);
  }

  /** Takes the answers to questions that have none yet, and ignores others. */
  answer(answers: Answers): void {
    const open = Object.entries(this.questions);
    for (const [key] of open) if (answers[key] !== undefined) this.#answers[key] = answers[key];
    this.questions = Object.fromEntries(open.filter(([key]) => this.#answers[key] === undefined));
    if (this.state !== 'input_required' || Object.keys(this.questions).length > 0) return;
    this.#change('working');
    this.#answered();
  }

  /** Cancels the call; a task that has ended stays as it is. */
  cancel(reason: string): void {
    if (!this.isActive) return;
    this.message = reason;
    this.questions = {};
    this.#change('cancelled');
    this.#cancellation.abort(new CliError('KTX_INTERRUPTED', reason));
    this.#answered();
  }

  async #run(work: TaskWork): Promise<TaskOutcome> {
    const outcome = await work(this).catch((error: unknown) => error as Error);
    this.outcome = outcome;
    if (this.isActive) this.#change('ended');
    return outcome;
  }

  #change(state: Task['state']): void {
    this.state = state;
    this.changedAt = new Date();
    this.onChange();
  }
}

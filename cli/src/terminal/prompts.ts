/** Prompts on the terminal. Each answers `undefined` without a terminal; Ctrl-C interrupts the command. */

import type { Readable, Writable } from 'node:stream';
import { InterruptedError } from '../errors.js';
import { escapeOnOneLine } from '../output/control-characters.js';
import { type CliIo, isInteractive } from './io.js';

type Prompts = typeof import('@clack/prompts', { with: { 'resolution-mode': 'import' }});
type PromptOptions = { input?: Readable; output: Writable; signal: AbortSignal };

async function prompt<T>(
  io: CliIo,
  show: (prompts: Prompts, options: PromptOptions) => Promise<T>,
): Promise<Exclude<T, symbol> | undefined> {
  if (!isInteractive(io)) return undefined;
  io.status?.clear();
  const prompts = await import('@clack/prompts');
  // A signal that is aborted already calls no listeners.
  if (io.signal?.aborted) throw new InterruptedError();
  // The library leaves its listener on the signal, which lives as long as the command.
  const controller = new AbortController();
  const abort = () => controller.abort();
  io.signal?.addEventListener('abort', abort, { once: true });
  try {
    const answer = await show(prompts, { ...(io.terminal ?? { output: process.stderr }), signal: controller.signal });
    if (prompts.isCancel(answer)) throw new InterruptedError();
    return answer as Exclude<T, symbol>;
  } finally {
    io.signal?.removeEventListener('abort', abort);
  }
}

/** Asks a yes/no question; without a terminal the answer is no. */
export async function confirm(io: CliIo, question: string, initialValue = true): Promise<boolean> {
  const show = (prompts: Prompts, options: PromptOptions) =>
    prompts.confirm({ message: toMessage(question), initialValue, ...options });
  return (await prompt(io, show)) ?? false;
}

/** A question; the breaks of its lines are ours. */
function toMessage(question: string): string {
  return question.split('\n').map(escapeOnOneLine).join('\n');
}

/** A choice of a list. */
export interface Choice<Value extends string> {
  value: Value;
  label: string;
  /** Explanation beside the label. */
  hint?: string;
}

/** Labels may be names of a database, with any characters. */
function toOptions<Value extends string>(choices: Choice<Value>[]) {
  return choices.map(({ value, label, hint }) => ({
    value: value as string,
    label: escapeOnOneLine(label),
    ...(hint === undefined ? {} : { hint: escapeOnOneLine(hint) }),
  }));
}

/** Asks for some of a list, all of them chosen at first; at least one with `required`, the default. */
export function chooseSeveral<Value extends string>(
  io: CliIo,
  question: string,
  choices: Choice<Value>[],
  { required = true }: { required?: boolean } = {},
): Promise<Value[] | undefined> {
  const initialValues = choices.map(({ value }) => value as string);
  const show = (prompts: Prompts, options: PromptOptions) =>
    prompts.multiselect<string>({
      message: toMessage(question),
      options: toOptions(choices),
      initialValues,
      required,
      ...options,
    });
  return prompt(io, show) as Promise<Value[] | undefined>;
}

/** Asks for some of a long list, which is searched by typing; none is chosen at first. At least one with `required`. */
export function searchSeveral<Value extends string>(
  io: CliIo,
  question: string,
  choices: Choice<Value>[],
  { required = true }: { required?: boolean } = {},
): Promise<Value[] | undefined> {
  const show = (prompts: Prompts, options: PromptOptions) =>
    prompts.autocompleteMultiselect<string>({
      message: toMessage(question),
      options: toOptions(choices),
      required,
      maxItems: 12,
      ...options,
    });
  return prompt(io, show) as Promise<Value[] | undefined>;
}

/** Asks for one of a list. */
export function chooseOne<Value extends string>(
  io: CliIo,
  question: string,
  choices: Choice<Value>[],
): Promise<Value | undefined> {
  const show = (prompts: Prompts, options: PromptOptions) =>
    prompts.select<string>({ message: toMessage(question), options: toOptions(choices), ...options });
  return prompt(io, show) as Promise<Value | undefined>;
}

/** Asks for a line of text, which may be empty. `validate` returns what is wrong with an answer. */
export function askText(
  io: CliIo,
  question: string,
  initialValue = '',
  validate: (answer: string) => string | undefined = () => undefined,
): Promise<string | undefined> {
  const check = (answer: string | undefined) => validate(answer ?? '');
  const show = async (prompts: Prompts, options: PromptOptions) =>
    (await prompts.text({ message: toMessage(question), initialValue, validate: check, ...options })) ?? '';
  return prompt(io, show);
}

/** Asks for a secret, which is not shown. */
export function askSecret(io: CliIo, question: string): Promise<string | undefined> {
  const show = async (prompts: Prompts, options: PromptOptions) =>
    (await prompts.password({ message: toMessage(question), ...options })) ?? '';
  return prompt(io, show);
}

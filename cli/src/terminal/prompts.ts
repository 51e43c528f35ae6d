/** Prompts on the terminal. Each answers `undefined` without a terminal; Ctrl-C interrupts the command. */

import { InterruptedError } from '../errors.js';
import { type CliIo, isInteractive } from './io.js';

type Prompts = typeof import('@clack/prompts', { with: { 'resolution-mode': 'import' }});
type PromptOptions = { output: NodeJS.WriteStream; signal: AbortSignal };

async function prompt<T>(
  io: CliIo,
  show: (prompts: Prompts, options: PromptOptions) => Promise<T>,
): Promise<Exclude<T, symbol> | undefined> {
  if (!isInteractive(io)) return undefined;
  io.status?.clear();
  const prompts = await import('@clack/prompts');
  // The library leaves its listener on the signal, which lives as long as the command.
  const controller = new AbortController();
  const abort = () => controller.abort();
  io.signal?.addEventListener('abort', abort, { once: true });
  try {
    const answer = await show(prompts, { output: process.stderr, signal: controller.signal });
    if (prompts.isCancel(answer)) throw new InterruptedError();
    return answer as Exclude<T, symbol>;
  } finally {
    io.signal?.removeEventListener('abort', abort);
  }
}

/** Asks a yes/no question; without a terminal the answer is no. */
export async function confirm(io: CliIo, question: string, initialValue = true): Promise<boolean> {
  const show = (prompts: Prompts, options: PromptOptions) =>
    prompts.confirm({ message: question, initialValue, ...options });
  return (await prompt(io, show)) ?? false;
}

/** A choice of a list. */
export interface Choice<Value extends string> {
  value: Value;
  label: string;
  /** Explanation beside the label. */
  hint?: string;
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
    prompts.multiselect<string>({ message: question, options: choices, initialValues, required, ...options });
  return prompt(io, show) as Promise<Value[] | undefined>;
}

/** Asks for one or more of a long list, which is searched by typing; none is chosen at first. */
export function searchSeveral<Value extends string>(
  io: CliIo,
  question: string,
  choices: Choice<Value>[],
): Promise<Value[] | undefined> {
  const show = (prompts: Prompts, options: PromptOptions) =>
    prompts.autocompleteMultiselect<string>({
      message: question,
      options: choices,
      required: true,
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
    prompts.select<string>({ message: question, options: choices, ...options });
  return prompt(io, show) as Promise<Value | undefined>;
}

/** Asks for a line of text, which may be empty. */
export function askText(io: CliIo, question: string, initialValue = ''): Promise<string | undefined> {
  const show = async (prompts: Prompts, options: PromptOptions) =>
    (await prompts.text({ message: question, initialValue, ...options })) ?? '';
  return prompt(io, show);
}

/** Asks for a secret, which is not shown. */
export function askSecret(io: CliIo, question: string): Promise<string | undefined> {
  const show = async (prompts: Prompts, options: PromptOptions) =>
    (await prompts.password({ message: question, ...options })) ?? '';
  return prompt(io, show);
}

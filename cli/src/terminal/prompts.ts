/** Prompts on the terminal. */

import { InterruptedError } from '../errors.js';
import { type CliIo, isInteractive } from './io.js';

/** Asks a yes/no question; without a terminal the answer is no. Ctrl-C interrupts the command. */
export async function confirm(io: CliIo, question: string, initialValue = true): Promise<boolean> {
  if (!isInteractive(io)) return false;
  io.status?.clear();
  const prompts = await import('@clack/prompts');
  const answer = await prompts.confirm({
    message: question,
    initialValue,
    ...promptOptions(io),
  });
  if (prompts.isCancel(answer)) throw new InterruptedError();
  return answer;
}

/** A choice of a list. */
export interface Choice<Value extends string> {
  value: Value;
  label: string;
}

/** Asks for one or more of a list, all of them chosen at first; `undefined` without a terminal. */
export async function chooseSeveral<Value extends string>(
  io: CliIo,
  question: string,
  choices: Choice<Value>[],
): Promise<Value[] | undefined> {
  if (!isInteractive(io)) return undefined;
  io.status?.clear();
  const prompts = await import('@clack/prompts');
  const answer = await prompts.multiselect<string>({
    message: question,
    options: choices,
    initialValues: choices.map(({ value }) => value),
    ...promptOptions(io),
  });
  if (prompts.isCancel(answer)) throw new InterruptedError();
  return answer as Value[];
}

/** Asks for one of a list; `undefined` without a terminal. */
export async function chooseOne<Value extends string>(
  io: CliIo,
  question: string,
  choices: Choice<Value>[],
): Promise<Value | undefined> {
  if (!isInteractive(io)) return undefined;
  io.status?.clear();
  const prompts = await import('@clack/prompts');
  const answer = await prompts.select<string>({ message: question, options: choices, ...promptOptions(io) });
  if (prompts.isCancel(answer)) throw new InterruptedError();
  return answer as Value;
}

/** Asks for a line of text, which may be empty; `undefined` without a terminal. */
export async function askText(io: CliIo, question: string, initialValue = ''): Promise<string | undefined> {
  if (!isInteractive(io)) return undefined;
  io.status?.clear();
  const prompts = await import('@clack/prompts');
  const answer = await prompts.text({ message: question, initialValue, ...promptOptions(io) });
  if (prompts.isCancel(answer)) throw new InterruptedError();
  return answer ?? '';
}

/** Asks for a secret, which is not shown; `undefined` without a terminal. */
export async function askSecret(io: CliIo, question: string): Promise<string | undefined> {
  if (!isInteractive(io)) return undefined;
  io.status?.clear();
  const prompts = await import('@clack/prompts');
  const answer = await prompts.password({ message: question, ...promptOptions(io) });
  if (prompts.isCancel(answer)) throw new InterruptedError();
  return answer ?? '';
}

function promptOptions({ signal }: CliIo) {
  return { output: process.stderr, ...(signal === undefined ? {} : { signal }) };
}

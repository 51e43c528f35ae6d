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
    output: process.stderr,
    ...(io.signal === undefined ? {} : { signal: io.signal }),
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
    output: process.stderr,
    ...(io.signal === undefined ? {} : { signal: io.signal }),
  });
  if (prompts.isCancel(answer)) throw new InterruptedError();
  return answer as Value[];
}

/** Values of the flags that make up a semantic query. */

import type { KtxSemanticQuery, KtxSemanticTop, KtxSemanticValue } from '@kaelio/ktx';
import { CliError } from '../errors.js';

/** Parsed flags of the first groups by a measure. */
export interface TopFlags {
  top?: number;
  topBy?: string;
  topPer?: string[];
  others?: boolean;
}

/** `NAME=VALUE` of a repeatable flag. Errors: there is no name, or no `=`. */
export function splitPairs(flag: string, texts: string[]): [name: string, value: string][] {
  return texts.map((text) => {
    const at = text.indexOf('=');
    if (at > 0) return [text.slice(0, at).trim(), text.slice(at + 1).trim()];
    throw new CliError('KTX_ARGUMENT_INVALID', `${flag} has no name and value: ${text}`, `Write ${flag} name=value`);
  });
}

/** The parameters: values in JSON, or texts. Errors: a number that would lose digits. */
export function parseParameters(texts: string[]): NonNullable<KtxSemanticQuery['parameters']> {
  return Object.fromEntries(splitPairs('--param', texts).map(([name, value]) => [name, parseValue(name, value)]));
}

function parseValue(name: string, text: string): KtxSemanticValue | KtxSemanticValue[] {
  const value = parseJson(text);
  if (!isValue(value) && !(Array.isArray(value) && value.every(isValue))) return text;
  if ([value].flat().every((each) => typeof each !== 'number' || !Number.isInteger(each) || Number.isSafeInteger(each)))
    return value;
  const next = `Write it as a text: --param '${name}="…"'`;
  throw new CliError('KTX_ARGUMENT_INVALID', `The number of --param ${name} has too many digits`, next);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function isValue(value: unknown): value is KtxSemanticValue {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

/** The first groups of a query with these measures. Errors: flags without `--top`, or no measure to rank by. */
export function parseTop(flags: TopFlags, measures: KtxSemanticQuery['measures']): KtxSemanticTop | undefined {
  const { top: limit, topBy, topPer: per, others } = flags;
  if (limit === undefined) {
    const other = topBy !== undefined ? '--top-by' : per !== undefined ? '--top-per' : others && '--others';
    if (!other) return undefined;
    throw new CliError('KTX_ARGUMENT_INVALID', `${other} says how to choose the first groups`, 'Add --top N');
  }
  const [only, ...more] = measures ?? [];
  const fallback = more.length > 0 ? undefined : typeof only === 'string' ? only : only?.name;
  const { by = topBy, direction } = /^(?<by>.+):(?<direction>asc|desc)$/s.exec(topBy ?? '')?.groups ?? {};
  const rankedBy = by ?? fallback;
  if (rankedBy === undefined) {
    const next = 'Add --top-by with one of its measures';
    throw new CliError('KTX_ARGUMENT_INVALID', 'The query has no single measure to choose the first groups by', next);
  }
  return {
    by: rankedBy,
    limit,
    ...(direction === undefined ? {} : { direction: direction as 'asc' | 'desc' }),
    ...(per === undefined ? {} : { per }),
    ...(others ? { others } : {}),
  };
}

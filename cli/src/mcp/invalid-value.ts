/** What is wrong with the value of an argument, in plain words. */

import type { z } from 'zod';

/** The message of an argument that is needed and absent. */
export const REQUIRED = 'required';

/** Names of the types that arguments have. */
const TYPES: Record<string, string> = {
  string: 'a string',
  number: 'a number',
  int: 'an integer',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

/** Messages of values that a schema rejects, where the schema has none of its own. */
export const describeInvalid: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined || issue.input === null ? REQUIRED : expected([issue.expected]);
    case 'invalid_union':
      return expected(typesOf(issue.errors));
    case 'invalid_value':
      return `expected one of ${issue.values.join(', ')}`;
    case 'too_small':
      return issue.origin === 'string' ? 'empty' : `at least ${issue.minimum}`;
    case 'too_big':
      return `at most ${issue.maximum}`;
    default:
      return undefined;
  }
};

/** The types of the alternatives that a value has none of. */
function typesOf(alternatives: z.core.$ZodIssue[][]): string[] {
  return alternatives.flatMap(([issue]) => {
    if (issue === undefined || issue.path.length > 0) return [];
    if (issue.code === 'invalid_union') return typesOf(issue.errors);
    return issue.code === 'invalid_type' ? [issue.expected] : [];
  });
}

function expected(types: string[]): string | undefined {
  const names = [...new Set(types.map((type) => TYPES[type] ?? type))];
  return names.length === 0 ? undefined : `expected ${names.join(' or ')}`;
}

/** Dimensions written as one text: `orders.ordered_at:month`, or `case … end as size`. */

import type { KtxSemanticDimension } from '@kaelio/ktx';
import { GRANULARITIES } from './granularities.js';
import { splitName } from './named.js';

const GRANULARITY = new RegExp(`^(?<field>.+):(?<granularity>${GRANULARITIES.join('|')})$`, 's');

/** Names with dots between them; any other text with a name of its own is an expression. */
const FIELD = /^[\p{L}\p{N}_$]+(\.[\p{L}\p{N}_$]+)*$/u;

/** Splits the granularity and the name off a dimension; a text without both is returned as it is. */
export function parseDimension(text: string): string | KtxSemanticDimension {
  const named = splitName(text);
  const { field = named?.expr ?? text, granularity } = GRANULARITY.exec(named?.expr ?? text)?.groups ?? {};
  if (named === undefined && granularity === undefined) return text;
  return {
    ...(named === undefined || FIELD.test(field) ? { field } : { expr: field }),
    ...(granularity === undefined ? {} : { granularity }),
    ...(named === undefined ? {} : { name: named.name }),
  };
}

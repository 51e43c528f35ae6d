/** Prompts of this package. */

import type { PromptTemplate } from './template.js';

/** Every prompt; one of the project with the same name replaces it. */
export const OWN_PROMPTS: readonly PromptTemplate[] = [
  {
    name: 'explore',
    description: 'Find out what the warehouse knows about a topic',
    text: `Find out what the warehouse knows about: {{topic}}

1. Find the semantic sources and tables about it with search.
2. Read the most promising ones with sl_source_get and table_get: keys, joins, frequent values.
3. Report what a row of each stands for, how they join, which measures exist, and what is missing or doubtful.
`,
  },
  {
    name: 'explain_number',
    description: 'Explain how a number comes about, and check it',
    text: `Explain this number: {{number}}

1. Find the measure, and read its source with sl_source_get: expression, filters, joins.
2. Ask for it with sl_query. State the SQL, the filters, the time range and every warning of the answer.
3. Split it by the dimensions that matter most, and name the groups that explain it. Say what you could not check.
`,
  },
  {
    name: 'model_metric',
    description: 'Add a measure to the semantic layer, and check it',
    text: `Model this metric in the semantic layer: {{metric}}

1. Find the table with the facts, and read it with table_get. Ask me where the definition is not clear.
2. Read its source with sl_source_get, and propose a measure: name, expr, filter, and a description with its unit.
3. After my agreement, write the whole source with sl_source_put, then run sl_source_validate.
4. Ask for the measure with sl_query, and compare it with a number that I know.
`,
  },
];

// OpenAI Responses: https://platform.openai.com/docs/api-reference/responses-streaming
import { textsOf } from './text.mjs';

export const responses = {
  path: /^\/v1\/responses$/,

  /** The tools of the client, those of its namespaces and of its searches too, and the results of calls. */
  read({ tools = [], input }) {
    const found = input.filter(({ type }) => type === 'tool_search_output').flatMap((item) => item.tools);
    const results = input.filter(({ type }) => type === 'function_call_output');
    return {
      tools: [...tools, ...found].flatMap(inNamespace),
      search: tools.some(({ type }) => type === 'tool_search'),
      outputs: results.map(({ output }) => textsOf(output)),
    };
  },

  whole(turn) {
    return { ...START, status: 'completed', output: [item(turn)], usage: USAGE };
  },

  events(turn) {
    const done = item(turn);
    return [
      { type: 'response.created', response: { ...START, status: 'in_progress', output: [] } },
      { type: 'response.output_item.added', output_index: 0, item: done },
      { type: 'response.output_item.done', output_index: 0, item: done },
      { type: 'response.completed', response: responses.whole(turn) },
    ];
  },
};

const START = { id: 'resp_1', object: 'response', created_at: 0, model: 'played' };

const USAGE = { input_tokens: 1, output_tokens: 1, total_tokens: 2 };

/** A namespace holds tools: https://platform.openai.com/docs/guides/tools-tool-search */
function inNamespace(definition) {
  const { type, name, tools } = definition;
  if (type !== 'namespace') return [{ name: name ?? type, definition }];
  return tools.map((tool) => ({ name: tool.name, namespace: name, definition: tool }));
}

function item({ call, search, text }) {
  if (search)
    return {
      type: 'tool_search_call',
      call_id: 'search_1',
      execution: 'client',
      arguments: { query: search, limit: 8 },
    };
  if (call) {
    const { name, namespace } = call.tool;
    const { id: call_id, arguments: values } = call;
    return { type: 'function_call', id: `fc_${call_id}`, call_id, name, namespace, arguments: JSON.stringify(values) };
  }
  return { type: 'message', id: 'msg_1', role: 'assistant', content: [{ type: 'output_text', text, annotations: [] }] };
}

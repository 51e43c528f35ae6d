// OpenAI chat completions: https://platform.openai.com/docs/api-reference/chat-streaming
import { textsOf } from './text.mjs';

export const completions = {
  path: /^\/v1\/chat\/completions$/,

  /** The tools of the client and the results of calls, oldest first. */
  read({ tools = [], messages }) {
    return {
      tools: tools.map((definition) => ({ name: definition.function.name, definition })),
      outputs: messages.filter(({ role }) => role === 'tool').map(({ content }) => textsOf(content)),
    };
  },

  whole(turn) {
    const choice = { index: 0, message: delta(turn), finish_reason: finishReason(turn) };
    return { ...START, object: 'chat.completion', choices: [choice], usage: USAGE };
  },

  events(turn) {
    const chunk = (choice) => ({ ...START, object: 'chat.completion.chunk', choices: [{ index: 0, ...choice }] });
    return [
      chunk({ delta: delta(turn), finish_reason: null }),
      { ...chunk({ delta: {}, finish_reason: finishReason(turn) }), usage: USAGE },
      '[DONE]',
    ];
  },
};

const START = { id: 'chatcmpl-1', created: 0, model: 'played' };

const USAGE = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };

function delta({ call, text }) {
  if (!call) return { role: 'assistant', content: text };
  const called = { name: call.tool.name, arguments: JSON.stringify(call.arguments) };
  return {
    role: 'assistant',
    content: null,
    tool_calls: [{ index: 0, id: call.id, type: 'function', function: called }],
  };
}

function finishReason({ call }) {
  return call ? 'tool_calls' : 'stop';
}

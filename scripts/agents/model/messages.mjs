// Anthropic Messages: https://docs.anthropic.com/en/api/messages-streaming
import { textsOf } from './text.mjs';

export const messages = {
  path: /^\/v1\/messages(\?|$)/,

  /** The tools of the client and the results of calls, oldest first. */
  read({ tools = [], messages: sent }) {
    const blocks = sent.flatMap(({ content }) => (typeof content === 'string' ? [] : content));
    const results = blocks.filter(({ type }) => type === 'tool_result');
    return {
      tools: tools.map((definition) => ({ name: definition.name, definition })),
      outputs: results.map(({ content }) => textsOf(content)),
    };
  },

  whole(turn) {
    return { ...start(), content: [block(turn)], stop_reason: stopReason(turn) };
  },

  events(turn) {
    const whole = block(turn);
    const isCall = whole.type === 'tool_use';
    const delta = isCall
      ? { type: 'input_json_delta', partial_json: JSON.stringify(whole.input) }
      : { type: 'text_delta', text: whole.text };
    return [
      { type: 'message_start', message: start() },
      {
        type: 'content_block_start',
        index: 0,
        content_block: { ...whole, ...(isCall ? { input: {} } : { text: '' }) },
      },
      { type: 'content_block_delta', index: 0, delta },
      { type: 'content_block_stop', index: 0 },
      { type: 'message_delta', delta: { stop_reason: stopReason(turn), stop_sequence: null }, usage: USAGE },
      { type: 'message_stop' },
    ];
  },
};

const USAGE = { input_tokens: 1, output_tokens: 1 };

function start() {
  const fixed = { id: 'msg_1', type: 'message', role: 'assistant', model: 'played' };
  return { ...fixed, content: [], stop_reason: null, stop_sequence: null, usage: USAGE };
}

function block({ call, text }) {
  if (call) return { type: 'tool_use', id: call.id, name: call.tool.name, input: call.arguments };
  return { type: 'text', text };
}

function stopReason({ text }) {
  return text === undefined ? 'tool_use' : 'end_turn';
}

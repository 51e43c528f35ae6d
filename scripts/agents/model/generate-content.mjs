// Gemini generateContent and streamGenerateContent: https://ai.google.dev/api/generate-content
import { textsOf } from './text.mjs';

export const generateContent = {
  path: /^\/v1beta\/models\/[^:]+:(generateContent|streamGenerateContent)/,

  /** The tools of the client and the results of calls, oldest first. */
  read({ tools = [], contents }) {
    const declared = tools.flatMap(({ functionDeclarations = [] }) => functionDeclarations);
    const results = contents.flatMap(({ parts }) => parts).filter(({ functionResponse }) => functionResponse);
    return {
      tools: declared.map((definition) => ({ name: definition.name, definition })),
      outputs: results.map(({ functionResponse }) => textsOf(functionResponse.response)),
    };
  },

  whole({ call, text }) {
    const part = call ? { functionCall: { name: call.tool.name, args: call.arguments } } : { text };
    const candidate = { content: { role: 'model', parts: [part] }, finishReason: 'STOP', index: 0 };
    return {
      candidates: [candidate],
      usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 },
    };
  },

  /** One response is a valid stream. */
  events(turn) {
    return [generateContent.whole(turn)];
  },
};

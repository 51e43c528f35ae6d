// What the model does: it calls `sl_query` with a measure that does not exist, then as it should, and answers with the
// result.

const TOOL = 'sl_query';

/** A conversation about the query, which records what reached the model. `betweenCalls` runs once before the second. */
export function startConversation({ calls: { wrong, right }, expected, betweenCalls }) {
  const calls = [wrong, right];
  let between;
  const seen = { first: undefined, tools: [], toolBytes: 0, searched: false, instructed: false, outputs: [] };
  return { seen, next };

  async function next({ tools, search, outputs, text }) {
    const own = tools.filter(({ name, namespace }) => (namespace ?? name).includes('ktx'));
    const tool = own.find(({ name }) => name.endsWith(TOOL));
    // Clients have other requests, such as for the title of a session.
    if (tool === undefined && (!search || seen.searched)) return { text: 'Sales' };
    record(own, outputs, text);
    if (tool === undefined) {
      seen.searched = true;
      return { search: `ktx ${TOOL}` };
    }
    if (outputs.length >= calls.length) return { text: outputs.at(-1) };
    if (outputs.length > 0) {
      between ??= betweenCalls();
      await between;
    }
    return { call: { id: `call_${outputs.length + 1}`, tool, arguments: calls[outputs.length] } };
  }

  function record(own, outputs, text) {
    seen.first ??= own.length;
    seen.tools = own.map(({ name }) => name);
    seen.toolBytes = Buffer.byteLength(JSON.stringify(own.map(({ definition }) => definition)));
    seen.instructed ||= text.includes(JSON.stringify(expected.instructions).slice(1, -1));
    if (outputs.length >= seen.outputs.length) seen.outputs = outputs;
  }
}

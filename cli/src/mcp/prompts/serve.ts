/** Serves prompts; they are read for each request, so that edited files need no other session. */

import { type GetPromptResult, type McpServer, ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import type { PromptTools } from '../context-tools.js';
import { OWN_PROMPTS } from './own.js';
import { argumentsOf, fillTemplate, type PromptTemplate } from './template.js';

/** Answers the requests for prompts. */
export function servePrompts({ server }: McpServer, prompts: PromptTools | undefined): void {
  server.setRequestHandler('prompts/list', async () => ({ prompts: (await allPrompts(prompts)).map(listedPrompt) }));
  server.setRequestHandler('prompts/get', async ({ params }) => {
    const template = (await allPrompts(prompts)).find(({ name }) => name === params.name);
    if (template === undefined) throw invalid(`Prompt ${params.name} not found`);
    return promptOf(template, params.arguments ?? {});
  });
}

async function allPrompts(prompts: PromptTools | undefined): Promise<PromptTemplate[]> {
  const ofProject = (await prompts?.list()) ?? [];
  const isReplaced = ({ name }: PromptTemplate) => ofProject.some((prompt) => prompt.name === name);
  return [...OWN_PROMPTS.filter((prompt) => !isReplaced(prompt)), ...ofProject];
}

function listedPrompt(template: PromptTemplate) {
  const names = argumentsOf(template).map((name) => ({ name, required: true }));
  const { name, description } = template;
  return { name, description, ...(names.length === 0 ? {} : { arguments: names }) };
}

function promptOf(template: PromptTemplate, values: Record<string, string>): GetPromptResult {
  const missing = argumentsOf(template).filter((name) => !Object.hasOwn(values, name));
  if (missing.length > 0) throw invalid(`The prompt ${template.name} needs the arguments ${missing.join(', ')}`);
  const content = { type: 'text', text: fillTemplate(template, values) } as const;
  return { description: template.description, messages: [{ role: 'user', content }] };
}

function invalid(message: string): ProtocolError {
  return new ProtocolError(ProtocolErrorCode.InvalidParams, message);
}

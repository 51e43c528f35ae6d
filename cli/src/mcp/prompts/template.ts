/** Prompts: texts with placeholders, which are the arguments of the prompt. */

/** A prompt that a user can choose in a client. */
export interface PromptTemplate {
  /** Letters, digits, `-` and `_`. */
  name: string;
  description: string;
  /** Markdown; `{{topic}}` is replaced by the argument `topic`. */
  text: string;
}

const PLACEHOLDER = /\{\{\s*(\w+)\s*\}\}/g;

/** Names of the arguments of a prompt, in the order of the text. */
export function argumentsOf({ text }: PromptTemplate): string[] {
  return [...new Set(Array.from(text.matchAll(PLACEHOLDER), ([, name]) => name as string))];
}

/** The text with the arguments in place of their placeholders; all of {@link argumentsOf} have to be given. */
export function fillTemplate({ text }: PromptTemplate, values: Record<string, string>): string {
  return text.replace(PLACEHOLDER, (placeholder, name: string) =>
    Object.hasOwn(values, name) ? (values[name] as string) : placeholder,
  );
}

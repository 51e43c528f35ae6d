/** Normalises JSON Schemas of different generators for comparison: one line per property, nested ones included. */

/** The part of JSON Schema that the daemon, zod and ts-json-schema-generator write. */
export interface JsonSchema {
  $ref?: string;
  $defs?: Record<string, JsonSchema>;
  definitions?: Record<string, JsonSchema>;
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  anyOf?: JsonSchema[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: boolean | JsonSchema;
  items?: JsonSchema;
}

/** Type of each property by its path in snake case, such as `columns[].type`. */
export type Lines = Record<string, string>;

/** Converts a schema into lines. Null equals an absent property, and integers equal numbers. */
export function linesOf(schema: JsonSchema): Lines {
  const definitions = { ...schema.$defs, ...schema.definitions };
  return Object.fromEntries(properties(schema, definitions, '').sort());
}

/** Removes paths and everything below them. */
export function without(lines: Lines, paths: string[]): Lines {
  const isRemoved = (path: string) => paths.some((removed) => path === removed || path.startsWith(`${removed}.`));
  return Object.fromEntries(Object.entries(lines).filter(([path]) => !isRemoved(path)));
}

type Definitions = Record<string, JsonSchema>;

function properties(schema: JsonSchema, definitions: Definitions, path: string): [string, string][] {
  const options = optionsOf(schema, definitions);
  const objects = options.filter((option) => option.properties);
  const names = new Set(objects.flatMap((object) => Object.keys(object.properties ?? {})));
  const direct = [...names].flatMap((name) => {
    const anyOf = objects.flatMap((object) => object.properties?.[name] ?? []);
    const isRequired = objects.every((object) => object.required?.includes(name));
    return property({ anyOf }, isRequired, definitions, [path, snakeCase(name)].filter(Boolean).join('.'));
  });
  const items = options.flatMap(({ items }) => (items ? properties(items, definitions, `${path}[]`) : []));
  return [...direct, ...items];
}

function property(schema: JsonSchema, isRequired: boolean, definitions: Definitions, path: string): [string, string][] {
  const types = typesOf(schema, definitions);
  const optional = types.delete('null') || !isRequired ? ' (optional)' : '';
  return [[path, `${[...types].sort().join(' | ')}${optional}`], ...properties(schema, definitions, path)];
}

function typesOf(schema: JsonSchema, definitions: Definitions): Set<string> {
  return new Set(
    optionsOf(schema, definitions).flatMap((option) => {
      const values = option.const === undefined ? option.enum : [option.const];
      if (values) return values.map((value) => JSON.stringify(value));
      return [option.type ?? 'any'].flat().map((type) => typeName(type, option, definitions));
    }),
  );
}

function typeName(type: string, { items, additionalProperties }: JsonSchema, definitions: Definitions): string {
  if (type === 'array') return `[${[...typesOf(items ?? {}, definitions)].sort().join(' | ')}]`;
  if (type === 'object' && typeof additionalProperties === 'object') {
    return `{ ${[...typesOf(additionalProperties, definitions)].sort().join(' | ')} }`;
  }
  return type === 'integer' ? 'number' : type;
}

/** Alternatives of a schema, with references resolved. */
function optionsOf(schema: JsonSchema, definitions: Definitions): JsonSchema[] {
  if (schema.$ref !== undefined) {
    const name = decodeURIComponent(schema.$ref.split('/').at(-1) ?? '');
    const found = definitions[name];
    if (!found) throw new Error(`There is no definition ${name}`);
    return optionsOf(found, definitions);
  }
  return schema.anyOf?.flatMap((option) => optionsOf(option, definitions)) ?? [schema];
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

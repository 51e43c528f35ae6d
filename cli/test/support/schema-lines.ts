/** JSON Schemas of different origin in one form that can be compared: a line for each property, however deep. */

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

/** What each property may be, by its path in the daemon's spelling, such as `columns[].type`. */
export type Lines = Record<string, string>;

/** Describes a schema. Null and an absent property are one thing, as are whole numbers and others. */
export function linesOf(schema: JsonSchema): Lines {
  const definitions = { ...schema.$defs, ...schema.definitions };
  return Object.fromEntries(properties(schema, definitions, '').sort());
}

/** The same without some paths and all below them. */
export function without(lines: Lines, paths: string[]): Lines {
  const isLeftOut = (path: string) => paths.some((left) => path === left || path.startsWith(`${left}.`));
  return Object.fromEntries(Object.entries(lines).filter(([path]) => !isLeftOut(path)));
}

type Definitions = Record<string, JsonSchema>;

function properties(schema: JsonSchema, definitions: Definitions, path: string): [string, string][] {
  const options = optionsOf(schema, definitions);
  const objects = options.filter((option) => option.properties);
  const names = new Set(objects.flatMap((object) => Object.keys(object.properties ?? {})));
  const own = [...names].flatMap((name) => {
    const anyOf = objects.flatMap((object) => object.properties?.[name] ?? []);
    const isRequired = objects.every((object) => object.required?.includes(name));
    return property({ anyOf }, isRequired, definitions, [path, snakeCase(name)].filter(Boolean).join('.'));
  });
  const items = options.flatMap(({ items }) => (items ? properties(items, definitions, `${path}[]`) : []));
  return [...own, ...items];
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
      return [option.type ?? 'any'].flat().map((type) => named(type, option, definitions));
    }),
  );
}

function named(type: string, { items, additionalProperties }: JsonSchema, definitions: Definitions): string {
  if (type === 'array') return `[${[...typesOf(items ?? {}, definitions)].sort().join(' | ')}]`;
  if (type === 'object' && typeof additionalProperties === 'object') {
    return `{ ${[...typesOf(additionalProperties, definitions)].sort().join(' | ')} }`;
  }
  return type === 'integer' ? 'number' : type;
}

/** The schemas of which one has to hold, without references. */
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

import * as z from 'zod';

import { markdownTable } from './markdown-table.ts';

/** What JSON Schema says of one setting. */
interface Property {
  readonly type?: string;
  readonly description?: string;
  readonly default?: string | number;
  readonly enum?: readonly string[];
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
}

/** How a settings table is laid out. */
export interface SettingsTableOptions {
  /** Settings that `<name>_FILE` can give too. */
  readonly fileSettings?: readonly string[];
}

/** A Markdown table of the settings of a schema over the environment: name, rule, default, meaning. */
export function settingsTable(
  schema: z.ZodObject,
  { fileSettings = [] }: SettingsTableOptions = {},
): string {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'output' });
  const rows = Object.entries(properties as Record<string, Property>).map(([name, property]) => {
    const field = schema.shape[name] as z.ZodType;
    const names = fileSettings.includes(name) ? `\`${name}\` or \`${name}_FILE\`` : `\`${name}\``;
    const byDefault = shownDefault(name, property, required.includes(name));
    return [names, rule(property, field), byDefault, property.description ?? ''];
  });
  return markdownTable(['Name', 'Value', 'Default', 'What it does'], rows);
}

function rule(property: Property, field: z.ZodType): string {
  if (property.enum !== undefined) return property.enum.map((value) => `\`${value}\``).join(', ');
  if (property.type === 'integer') return wholeNumber(property);
  if (property.format === 'uri') return 'http(s) URL';
  return ownRule(field) ?? 'text';
}

function wholeNumber({ minimum, maximum, exclusiveMinimum }: Property): string {
  if (exclusiveMinimum !== undefined) return `whole number above ${exclusiveMinimum}`;
  // zod gives integers the safe ones as limits when they have none of their own.
  const [from, to] = [minimum, maximum].map((limit) =>
    limit !== undefined && Math.abs(limit) < Number.MAX_SAFE_INTEGER ? limit : undefined,
  );
  if (from !== undefined && to !== undefined) return `${from} to ${to}`;
  return from === undefined ? 'whole number' : `whole number from ${from}`;
}

/** The words of a pattern's or a refinement's own message, which a value that nothing allows brings out. */
function ownRule(field: z.ZodType): string | undefined {
  const message = field.safeParse('\0').error?.issues[0]?.message;
  return /^must be (?<rule>.*)$/.exec(message ?? '')?.groups?.['rule'];
}

function shownDefault(name: string, property: Property, isRequired: boolean): string {
  const value = property.default;
  if (value === undefined) return isRequired ? '**required**' : '–';
  const isSize = typeof value === 'number' && name.endsWith('_BYTES');
  return `\`${String(value)}\`${isSize ? ` (${size(value)})` : ''}`;
}

function size(bytes: number): string {
  const mebibytes = bytes / 1024 ** 2;
  return Number.isInteger(mebibytes) ? `${mebibytes} MiB` : `${bytes / 1024} KiB`;
}

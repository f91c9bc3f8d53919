import * as z from 'zod';

import { environmentSchema, FILE_SETTINGS, loadConfig } from '../../functions/runtime/config.ts';
import { ConfigurationError } from '../../functions/runtime/errors.ts';
import type { ServiceReading } from '../../knative/local/manifests/read-services.ts';
import { overridesFrom } from '../../knative/local/process/environment.ts';

/** One setting of a function: its value, and where that was decided. */
export interface MergedSetting {
  readonly name: string;
  /** As text; secrets are masked. */
  readonly value: string;
  readonly source: string;
}

/** Every setting of one Service's function, and what is wrong with them. */
export interface MergedSettings {
  readonly settings: readonly MergedSetting[];
  readonly faults: readonly string[];
}

const DEFAULT = 'default';
const ENVIRONMENT = 'environment';
const STORE = ['S3_ENDPOINT', 'AWS_REGION', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'];

/**
 * What a function gets: the schema's default, above it the ConfigMaps, above them the Service's `env`, and above
 * all, under `npm start`, the environment `own` that it was started with. Only names that have a value.
 */
export function mergedSettings(
  { settings }: Pick<ServiceReading, 'settings'>,
  own: Readonly<Record<string, string | undefined>>,
): MergedSettings {
  const merged = new Map<string, { value: string; source: string }>();
  for (const [name, value] of defaults()) merged.set(name, { value, source: DEFAULT });
  for (const [name, setting] of settings) merged.set(name, setting);
  for (const [name, value] of Object.entries({ ...overridesFrom(own), ...storeFrom(own) })) {
    merged.set(name, { value, source: ENVIRONMENT });
  }
  const given = [...merged].filter(([, { source }]) => source !== DEFAULT);
  return {
    settings: Object.keys(environmentSchema.shape)
      .flatMap((name) => [name, `${name}_FILE`])
      .flatMap((name) => {
        const setting = merged.get(name);
        return setting === undefined
          ? []
          : [{ name, ...setting, value: shown(name, setting.value) }];
      }),
    faults: faultsOf(Object.fromEntries(given.map(([name, { value }]) => [name, value]))),
  };
}

function defaults(): [name: string, value: string][] {
  const { properties = {} } = z.toJSONSchema(environmentSchema, { io: 'output' });
  return Object.entries(properties).flatMap(([name, property]) => {
    const value = (property as { default?: string | number | boolean }).default;
    return value === undefined ? [] : [[name, String(value)]];
  });
}

/** `npm start` uses another object store only when it is told where. */
function storeFrom(own: Readonly<Record<string, string | undefined>>): Record<string, string> {
  if ((own['S3_ENDPOINT'] ?? '') === '') return {};
  return Object.fromEntries(
    STORE.flatMap((name) => (own[name] === undefined ? [] : [[name, own[name]]])),
  );
}

function shown(name: string, value: string): string {
  const schema = environmentSchema.shape[name as keyof typeof environmentSchema.shape] as
    | z.ZodType
    | undefined;
  return schema?.meta()?.['secret'] === true ? '(hidden)' : value;
}

/** The files of secrets are in the pods, not here. */
function faultsOf(env: Record<string, string>): readonly string[] {
  const inFiles = FILE_SETTINGS.map((name) => `${name}_FILE`);
  try {
    loadConfig(Object.fromEntries(Object.entries(env).filter(([name]) => !inFiles.includes(name))));
    return [];
  } catch (cause) {
    if (cause instanceof ConfigurationError) return cause.faults;
    throw cause;
  }
}

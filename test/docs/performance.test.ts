import { expect, test } from 'vitest';
import * as z from 'zod';

import { jobsReport } from '../bench/report/jobs-report.ts';
import {
  coldReport,
  healthReport,
  largeReport,
  podsReport,
  warmReport,
} from '../bench/report/report-schema.ts';
import { readPage } from './support/markdown.ts';

const page = readPage('docs/PERFORMANCE.md');

/** Every key below a JSON schema. */
function keysOf(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { properties = {} } = schema as { properties?: Record<string, unknown> };
  return [...Object.keys(properties), ...Object.values(schema).flatMap(keysOf)];
}

test.each([
  ['cold', coldReport],
  ['warm', warmReport],
  ['large', largeReport],
  ['health', healthReport],
  ['pods', podsReport],
  ['jobs', jobsReport],
])('the page describes every key of a report of %s', (_kind, report) => {
  const keys = new Set(keysOf(z.toJSONSchema(report)));

  expect(keys.size).toBeGreaterThan(20);
  expect([...keys].filter((key) => !page.includes(`\`${key}\``))).toEqual([]);
});

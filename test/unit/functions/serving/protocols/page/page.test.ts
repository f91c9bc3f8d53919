import { expect, it } from 'vitest';
import * as z from 'zod';

import { defineModel } from '../../../../../../functions/define-model.ts';
import { makePage } from '../../../../../../functions/serving/protocols/page/page.ts';
import type { PageFacts } from '../../../../../../functions/serving/protocols/page/page-facts.ts';
import { modelRoutes } from '../../../../../../functions/serving/protocols/routes.ts';
import type { ModelService } from '../../../../../../functions/serving/service.ts';
import { fakeModel, rowsOf } from '../../../../../support/fake-model.ts';
import { tally } from '../../../../../support/tally-model.ts';
import type { AnyModelDefinition } from '../../../../../../functions/define-model.ts';
import { readContext } from '../../../../../../functions/serving/http/request-context.ts';
import type { IncomingMessage } from 'node:http';

/** The page of a function whose model is made up, as text. */
async function pageOf(definition: AnyModelDefinition, description?: string): Promise<string> {
  const model = fakeModel();
  const manifest = { ...model.manifest, ...(description === undefined ? {} : { description }) };
  const service = {
    definition,
    model: { ...model, manifest },
    config: { FUNCTION_TARGET: 'fake' },
  } as unknown as ModelService;
  const route = modelRoutes(service).find(
    ({ path, method }) => path === '/openapi.json' && method === 'GET',
  );
  const context = readContext({ url: '/', headers: {}, socket: {} } as IncomingMessage);
  const reply = await route?.handle(context, {}, Buffer.alloc(0));
  const api = JSON.parse((reply as { body: string }).body) as unknown;
  return String((await makePage(service, api)).body);
}

function factsIn(page: string): PageFacts {
  const [, json = ''] = /id="facts">([^<]*)<\/script>/.exec(page) ?? [];
  return JSON.parse(json) as PageFacts;
}

const numbers = defineModel({
  name: 'numbers',
  request: z.strictObject({
    count: z.int().describe('How many'),
    share: z.number().min(0).max(1).default(0.5),
    colour: z.enum(['red', 'blue']).optional(),
    loud: z.boolean(),
    tags: z.array(z.string()),
    path: z.array(z.array(z.number())),
    name: z.string().max(20),
  }),
  response: z.strictObject({ total: z.number().describe('Of everything') }),
  preprocess: () => rowsOf(1),
  postprocess: () => [{ total: 1 }],
});

it('has a field of its kind for each key of the schema', async () => {
  const [call] = factsIn(await pageOf(numbers)).calls;

  expect(call).toMatchObject({ path: 'predict', body: 'json', notes: { total: 'Of everything' } });
  expect(call?.fields).toEqual([
    { name: 'count', kind: 'number', description: 'How many', isRequired: true, isInteger: true },
    {
      name: 'share',
      kind: 'number',
      description: '',
      isRequired: false,
      min: 0,
      max: 1,
      initial: 0.5,
    },
    {
      name: 'colour',
      kind: 'choice',
      description: '',
      isRequired: false,
      choices: ['red', 'blue'],
    },
    { name: 'loud', kind: 'switch', description: '', isRequired: true },
    { name: 'tags', kind: 'lines', description: '', isRequired: true },
    { name: 'path', kind: 'json', description: '', isRequired: true },
    { name: 'name', kind: 'text', description: '', isRequired: true, maxLength: 20 },
  ]);
});

it('sends a form where there is one, with the options beside it', async () => {
  const [call] = factsIn(await pageOf(tally)).calls;

  expect(call?.body).toBe('form');
  expect(call?.fields.map(({ name, kind }) => [name, kind])).toEqual([
    ['file', 'file'],
    ['text', 'lines'],
  ]);
  expect(call?.options.map(({ name, initial }) => [name, initial])).toEqual([
    ['factor', 1],
    ['sorted', false],
    ['note', undefined],
  ]);
});

it('begins tensors with what the function makes of its sample', async () => {
  const tensors = factsIn(await pageOf(tally)).calls.at(-1);

  expect(tensors).toMatchObject({ path: 'v2/models/fake/infer', body: 'whole' });
  expect(JSON.parse(String(tensors?.sample['body']))).toEqual({
    inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 1], data: [6] }],
  });
});

it('lets no text of a package into its HTML', async () => {
  const page = await pageOf(numbers, '</script><img src=x onerror=alert(1)> & "more"');

  expect(page).not.toContain('<img');
  expect(factsIn(page).description).toBe('</script><img src=x onerror=alert(1)> & "more"');
});

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';

import { EVENT_CATALOGUE } from '../../../events/catalogue.ts';
import { receive } from '../../../events/receive.ts';
import { replyId } from '../../../events/reply.ts';
import { EVENT_TYPES, MAX_EVENT_BYTES } from '../../../events/types.ts';
import { shortName } from '../../../scripts/docs/events-page.ts';

const events = join(import.meta.dirname, '../../../events');
const readSample = (name: string): Buffer => readFileSync(join(events, 'samples', `${name}.json`));
const received = (body: Buffer) =>
  receive({ headers: { 'content-type': 'application/cloudevents+json' }, body }, { batched: false })
    .events[0]!.event;

// One for all: what it makes of its own meta-schema takes most of the time.
const ajv = new Ajv2020({ strict: false });
(addFormats as unknown as (ajv: Ajv2020) => void)(ajv);

describe.each(Object.values(EVENT_TYPES))('%s', (type) => {
  const sample = readSample(shortName(type));

  it('has a sample that is a valid event of the type, small enough for every broker', () => {
    expect(received(sample).type).toBe(type);
    expect(sample.length).toBeLessThan(MAX_EVENT_BYTES);
  });

  it('has a sample whose data are what both schemas say', () => {
    const { data } = received(sample);
    const path = join(events, 'schemas', `${shortName(type)}.v1.json`);
    const validate = ajv.compile(JSON.parse(readFileSync(path, 'utf8')) as object);

    if (type === EVENT_TYPES.inferenceRequest) return expect(data).toHaveProperty('sepal_length');
    expect(EVENT_CATALOGUE[type].data.parse(data)).toEqual(data);
    expect([validate(data), validate.errors]).toEqual([true, null]);
  });
});

describe('samples', () => {
  it('are of known types only', () => {
    const names = readdirSync(join(events, 'samples')).map((file) => file.replace(/\.json$/, ''));

    expect(names.toSorted()).toEqual(Object.values(EVENT_TYPES).map(shortName).toSorted());
  });

  it('of a request and its response belong together', () => {
    const request = received(readSample('inference.request'));

    expect(received(readSample('inference.response'))).toMatchObject({
      id: replyId(request),
      causationid: request.id,
      correlationid: request.id,
    });
  });
});

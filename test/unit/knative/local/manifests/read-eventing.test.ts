import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';

import { pauseMs } from '../../../../../knative/local/broker/backoff.ts';
import { durationMs } from '../../../../../knative/local/manifests/duration.ts';
import type { JsonObject } from '../../../../../knative/local/manifests/manifest.ts';
import { readEventing } from '../../../../../knative/local/manifests/read-eventing.ts';

const BROKER = `
apiVersion: eventing.knative.dev/v1
kind: Broker
metadata: {name: default, namespace: dev}
`;
const trigger = (spec: string): string => `
apiVersion: eventing.knative.dev/v1
kind: Trigger
metadata: {name: t, namespace: dev}
spec:
  broker: default
  subscriber: {ref: {apiVersion: serving.knative.dev/v1, kind: Service, name: iris}, uri: /x}
${spec.replaceAll(/^/gm, '  ')}
`;

function read(...documents: string[]) {
  const manifests = documents
    .flatMap((text) => parseAllDocuments(text))
    .map((document) => ({ file: 'f.yaml', object: document.toJS() as JsonObject }));
  return readEventing(manifests, [{ name: 'iris' }, { name: 'batch' }]);
}

describe('readEventing()', () => {
  it('reads brokers, triggers and sources, and where they lead to', () => {
    const { spec } = read(
      // Order is no matter.
      trigger('filters: [{exact: {type: a}}]\n'),
      BROKER,
      `
apiVersion: sources.knative.dev/v1
kind: PingSource
metadata: {name: tick, namespace: dev}
spec:
  schedule: '*/5 * * * *'
  contentType: application/json
  data: '{"a":1}'
  sink: {ref: {apiVersion: eventing.knative.dev/v1, kind: Broker, name: default}}
`,
    );

    expect(spec.brokers).toEqual([{ namespace: 'dev', name: 'default' }]);
    expect(spec.triggers).toMatchObject([
      {
        name: 't',
        filters: [{ exact: { type: 'a' } }],
        subscriber: { kind: 'service', name: 'iris', path: '/x' },
        // What config-br-defaults gives a broker that says nothing.
        delivery: {
          retry: 10,
          backoffPolicy: 'exponential',
          backoffDelayMs: 200,
          timeoutMs: 300_000,
        },
      },
    ]);
    expect(spec.pings).toMatchObject([
      {
        name: 'tick',
        data: Buffer.from('{"a":1}'),
        sink: { kind: 'broker', namespace: 'dev', name: 'default' },
      },
    ]);
  });

  it('gives a trigger its own delivery whole, and its dead letters to the broker’s sink', () => {
    const { spec } = read(
      `${BROKER}spec: {delivery: {retry: 3, deadLetterSink: {ref: {apiVersion: serving.knative.dev/v1, kind: Service, name: batch}, uri: /dead-letters}}}`,
      trigger('delivery: {backoffPolicy: linear, backoffDelay: PT2S, timeout: PT1M, format: json}'),
    );

    expect(spec.triggers[0]!.delivery).toEqual({
      retry: 0,
      backoffPolicy: 'linear',
      backoffDelayMs: 2000,
      timeoutMs: 60_000,
      retryAfterMaxMs: undefined,
      deadLetterSink: { kind: 'service', name: 'batch', path: '/dead-letters' },
      format: 'json',
    });
  });

  it('lets filters win over the older filter', () => {
    const both = 'filter: {attributes: {type: a}}\nfilters: [{not: {exact: {type: b}}}]\n';

    expect(read(BROKER, trigger(both)).spec.triggers[0]!.filters).toEqual([
      { not: { exact: { type: 'b' } } },
    ]);
  });

  it('says of every field what it does here', () => {
    const { effects } = read(BROKER, trigger('filters: [{exact: {type: a}}]'));

    expect(effects.map(({ object }) => object)).toEqual(['Broker default', 'Trigger t']);
    expect(effects[1]!.effects.map(({ field }) => field)).toContain('spec.filters');
  });

  it.each([
    ['CESQL', trigger("filters: [{cesql: 'true'}]"), /cesql.*not in the local stand-in: CESQL/],
    [
      'two dialects at once',
      trigger('filters: [{exact: {type: a}, prefix: {type: a}}]'),
      /exactly one of/,
    ],
    ['a filter that says nothing', trigger('filters: [{}]'), /exactly one of/],
    ['an empty any', trigger('filters: [{any: []}]'), /filters\.0\.any/],
    ['a name that no attribute has', trigger('filters: [{exact: {Type: a}}]'), /filters\.0\.exact/],
    ['a misspelt field', trigger('filtres: []'), /spec\.filtres: is not a field/],
    [
      'a duration',
      trigger('delivery: {backoffDelay: 2s}'),
      /spec\.delivery\.backoffDelay: .*ISO 8601/,
    ],
    [
      'a Service that is not there',
      trigger(
        'delivery: {deadLetterSink: {ref: {apiVersion: serving.knative.dev/v1, kind: Service, name: nobody}}}',
      ),
      /no Knative Service nobody/,
    ],
    [
      'another kind of Service',
      trigger('delivery: {deadLetterSink: {ref: {apiVersion: v1, kind: Service, name: iris}}}'),
      /only Knative Services/,
    ],
    ['a relative address', trigger('delivery: {deadLetterSink: {uri: /x}}'), /is no address/],
    [
      'another kind',
      'apiVersion: flows.knative.dev/v1\nkind: Sequence\nmetadata: {name: s}',
      /has no Sequence/,
    ],
    [
      'a schedule',
      'apiVersion: sources.knative.dev/v1\nkind: PingSource\nmetadata: {name: p, namespace: dev}\nspec: {schedule: often, sink: {uri: "http://a/"}}',
      /schedule: "often" does not have five fields/,
    ],
  ])('refuses by name: %s', (_what, document, message) => {
    expect(() => read(BROKER, document)).toThrow(message);
  });

  it('refuses a trigger without its broker', () => {
    expect(() => read(trigger(''))).toThrow(/there is no Broker dev\/default/);
  });
});

describe('durationMs()', () => {
  it.each([
    ['PT0.2S', 200],
    ['PT1M30S', 90_000],
    ['P1DT2H', 93_600_000],
    ['PT0S', 0],
  ])('%s is %i ms', (text, ms) => {
    expect(durationMs(text)).toBe(ms);
  });

  it.each(['', 'P', 'PT', 'P1DT', '5s', 'PT-1S', 'PT1S1M'])('"%s" is none', (text) => {
    expect(durationMs(text)).toBeUndefined();
  });
});

describe('pauseMs()', () => {
  const delivery = {
    retry: 3,
    backoffPolicy: 'exponential',
    backoffDelayMs: 200,
    timeoutMs: 1,
    retryAfterMaxMs: undefined,
    deadLetterSink: undefined,
    format: 'binary',
  } as const;

  it('doubles, or adds up; the first linear one is none', () => {
    const pauses = (policy: 'linear' | 'exponential') =>
      [0, 1, 2, 3].map((retry) =>
        pauseMs({ ...delivery, backoffPolicy: policy }, retry, undefined),
      );

    expect(pauses('exponential')).toEqual([200, 400, 800, 1600]);
    expect(pauses('linear')).toEqual([0, 200, 400, 600]);
  });

  it('heeds Retry-After only as far as the trigger lets it', () => {
    expect(pauseMs(delivery, 0, 5000)).toBe(200);
    expect(pauseMs({ ...delivery, retryAfterMaxMs: 60_000 }, 0, 5000)).toBe(5000);
    expect(pauseMs({ ...delivery, retryAfterMaxMs: 1000 }, 0, 5000)).toBe(1000);
    expect(pauseMs({ ...delivery, retryAfterMaxMs: 60_000 }, 5, 5000)).toBe(6400);
  });
});

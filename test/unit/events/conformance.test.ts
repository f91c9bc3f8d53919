import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';

import { binaryMessage, createEvent, structuredMessage } from '../../../events/message.ts';
import { receive } from '../../../events/receive.ts';

const folder = join(import.meta.dirname, '../../fixtures/cloudevents');
const read = (name: string): string => readFileSync(join(folder, name), 'utf8');

/** The scenarios of a feature file with one outline's examples each put in. */
function scenarios(text: string): { title: string; steps: string }[] {
  return text
    .split(/^\s*Scenario Outline: /m)
    .slice(1)
    .flatMap((part) => {
      const [steps = '', examples = ''] = part.split(/^\s*Examples:$/m);
      const [head = [], ...rows] = tableOf(examples);
      return rows.map((row) => {
        const filled = head.reduce(
          (now, name, index) => now.replaceAll(`<${name}>`, row[index] ?? ''),
          steps,
        );
        return { title: filled.split('\n')[0] ?? '', steps: filled };
      });
    });
}

function tableOf(text: string): string[][] {
  return [...text.matchAll(/^\s*\|(.*)\|\s*$/gm)].map(([, row = '']) =>
    row.split('|').map((cell) => cell.trim()),
  );
}

/** The request and the expected data, which stand between triple quotes. */
function quoted(steps: string): string[] {
  return [...steps.matchAll(/"""\n([\s\S]*?)"""/g)].map(([, text = '']) => dedent(text));
}

function dedent(text: string): string {
  const lines = text.replace(/\s+$/, '').split('\n');
  const margin = Math.min(
    ...lines.filter((line) => line.trim() !== '').map((line) => line.search(/\S/)),
  );
  return lines.map((line) => line.slice(margin)).join('\n');
}

function messageOf(http: string): Parameters<typeof receive>[0] {
  const end = http.indexOf('\n\n');
  const headers = http.slice(0, end).split('\n').slice(1);
  return {
    headers: Object.fromEntries(
      headers.map((line) => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
      }),
    ),
    body: Buffer.from(http.slice(end + 2)),
  };
}

describe('cloudevents/conformance, HTTP protocol binding', () => {
  it.each(scenarios(read('http-protocol-binding.feature')))('$title', ({ steps }) => {
    const [http = '', expected = ''] = quoted(steps);
    const [, ...attributes] = tableOf(steps);

    const { events } = receive(messageOf(http), { batched: false });

    const { data, ...rest } = events[0]!.event;
    expect(rest).toEqual(Object.fromEntries(attributes));
    expect(data).toEqual(JSON.parse(expected));
  });
});

interface Corpus {
  readonly Mode?: string;
  readonly ContextAttributes: Record<string, unknown> & { readonly Extensions?: object };
  readonly Data: string;
}

const corpus = ['v1.yaml', 'v1-minimum.yaml'].flatMap((name) =>
  parseAllDocuments(read(name), { schema: 'failsafe' }).map(
    (document, index) => [`${name} ${index}`, document.toJS() as Corpus] as const,
  ),
);

describe.each(corpus)('cloudevents/conformance, %s', (_name, { ContextAttributes, Data }) => {
  const { Extensions = {}, ...core } = ContextAttributes;
  // YAML's block scalars end in a line feed, which no attribute may have.
  const attributes = Object.fromEntries(
    Object.entries({ ...core, ...Extensions }).map(([name, value]) => [name, String(value).trim()]),
  );

  it('is received in binary mode', () => {
    const headers = Object.fromEntries(
      Object.entries(attributes).map(([name, value]) =>
        name === 'datacontenttype' ? ['content-type', value] : [`ce-${name}`, value],
      ),
    );

    const { events } = receive({ headers, body: Buffer.from(Data) }, { batched: false });

    expect(events[0]!.event).toMatchObject(attributes);
    expect(events[0]!.bytes?.toString()).toBe(Data);
  });

  it.each([
    ['binary', binaryMessage],
    ['structured', structuredMessage],
  ])('comes back as it was after %s mode of our own', (_mode, write) => {
    const sent = createEvent({ ...attributes, data: Data } as never);

    const { headers, body } = write(sent);
    const { events } = receive({ headers, body: Buffer.from(body) }, { batched: false });

    const { time, ...rest } = attributes;
    expect(events[0]!.event).toMatchObject(rest);
    expect(Date.parse(String(events[0]!.event.time))).toBe(
      time === undefined ? Date.parse(String(sent.time)) : Date.parse(time),
    );
    expect(String(events[0]!.event.data)).toBe(Data);
  });
});

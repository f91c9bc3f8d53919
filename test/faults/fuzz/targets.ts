import { readFile } from 'node:fs/promises';

import { EVENT_TYPES } from '../../../events/types.ts';
import { binaryBody } from '../../support/binary-tensors.ts';

/** A right request, to be spoilt. */
export interface Target {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** How the body is spoilt. */
  readonly kind: 'json' | 'bytes';
}

interface GoldenTensor {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly data: readonly unknown[];
}

/** Longer JSON is only slow: what is to be found in it is found in a short one. */
const MAX_JSON = 20_000;
const JSON_TYPE = { 'content-type': 'application/json' };
const BOUNDARY = 'fuzz-boundary';

/** Right requests for the routes of a function: its own, and those of the protocols. */
export async function targetsOf(name: string): Promise<Target[]> {
  const sample = await readFile(`functions/${name}/sample.json`);
  const golden = JSON.parse(await readFile(`models/${name}/golden.json`, 'utf8')) as {
    readonly cases: readonly { readonly inputs: readonly GoldenTensor[] }[];
  };
  const gets = [
    '/',
    '/info',
    '/openapi.json',
    '/metrics',
    '/healthz',
    '/ready',
    '/v2',
    `/v2/models/${name}`,
    `/v2/models/${name}/versions/1/ready`,
    `/v2/models/${name}/config`,
    `/v2/models/${name}/stats`,
    '/v1/models',
    `/v1/models/${name}`,
  ].map((path): Target => ({
    method: 'GET',
    path,
    headers: {},
    body: Buffer.alloc(0),
    kind: 'bytes',
  }));
  const inputs = golden.cases[0]?.inputs ?? [];
  return [
    ...ownTargets(sample),
    ...(name === 'denoise' ? await signalTargets() : []),
    ...eventTargets(name, sample),
    ...tensorTargets(name, inputs),
    {
      method: 'POST',
      path: '/v2/repository/index',
      headers: JSON_TYPE,
      body: Buffer.from('{}'),
      kind: 'json',
    },
    ...gets,
  ];
}

function ownTargets(sample: Buffer): Target[] {
  const post = (path: string, body: Buffer, headers: Target['headers'] = JSON_TYPE): Target => ({
    method: 'POST',
    path,
    headers,
    body,
    kind: headers === JSON_TYPE ? 'json' : 'bytes',
  });
  const value = JSON.parse(sample.toString()) as Readonly<Record<string, unknown>>;
  const own = [post('/predict', sample), post('/infer', sample)];
  if (sample.length < MAX_JSON) {
    const list = Buffer.from(JSON.stringify({ instances: [value, value] }));
    own.push(post('/predict', list));
  }
  const { image, texts, text } = value;
  if (typeof image === 'string') {
    const bytes = Buffer.from(image, 'base64');
    const several = [texts ?? [], text ?? []].flat() as string[];
    own.push(post('/predict?top_k=2', bytes, { 'content-type': 'image/jpeg' }));
    own.push(
      post('/infer', formOf(bytes, several), {
        'content-type': `multipart/form-data; boundary=${BOUNDARY}`,
      }),
    );
  }
  return own;
}

/** Files of every kind, pasted numbers, and answers in every form. */
async function signalTargets(): Promise<Target[]> {
  const folder = 'test/fixtures/signals';
  const files = await Promise.all(
    ['f8-v2.npy', 'rows-fortran.npy', 'i2-big.npy', 'pcm24.wav', 'extensible.wav'].map((file) =>
      readFile(`${folder}/${file}`),
    ),
  );
  const table = Buffer.from('time,volts\n0,0.5\n1e-8,-0.25\n2e-8,0.125\n3e-8,0\n');
  const post = (path: string, body: Buffer, type: string, accept: string): Target => ({
    method: 'POST',
    path,
    headers: { 'content-type': type, accept },
    body,
    kind: 'bytes',
  });
  const binary = 'application/octet-stream';
  return [
    ...files.map((file) => post('/test', file, binary, 'application/json')),
    post('/test?sample_rate=1e8', files[0] ?? table, binary, 'application/x-npy'),
    post('/test?channel=1', table, 'text/csv', 'text/csv'),
    post('/test-text', Buffer.from('0.5; -0.25\n0,125 1e-3\t7'), 'text/plain', '*/*'),
  ];
}

/** The two ways in which an event arrives. */
function eventTargets(name: string, sample: Buffer): Target[] {
  const attributes = {
    specversion: '1.0',
    id: 'fuzz-1',
    source: '/fuzz',
    type: EVENT_TYPES.inferenceRequest,
    model: name,
    format: 'predict',
    datacontenttype: 'application/json',
  };
  const { datacontenttype, ...others } = attributes;
  const structured = { ...attributes, data: JSON.parse(sample.toString()) as unknown };
  const binaryHeaders = Object.fromEntries(
    Object.entries(others).map(([key, value]) => [`ce-${key}`, value]),
  );
  return [
    {
      method: 'POST',
      path: '/',
      headers: { 'content-type': datacontenttype, ...binaryHeaders },
      body: sample,
      kind: 'json',
    },
    {
      method: 'POST',
      path: '/',
      headers: { 'content-type': 'application/cloudevents+json' },
      body: Buffer.from(JSON.stringify(structured)),
      kind: 'json',
    },
  ];
}

function formOf(image: Buffer, texts: readonly string[]): Buffer {
  const part = (head: string, content: Buffer): Buffer =>
    Buffer.concat([
      Buffer.from(`--${BOUNDARY}\r\ncontent-disposition: form-data; ${head}\r\n\r\n`),
      content,
      Buffer.from('\r\n'),
    ]);
  return Buffer.concat([
    part('name="image"; filename="a.jpg"', image),
    ...texts.map((text) => part('name="text"', Buffer.from(text))),
    Buffer.from(`--${BOUNDARY}--\r\n`),
  ]);
}

function tensorTargets(name: string, inputs: readonly GoldenTensor[]): Target[] {
  const json = Buffer.from(JSON.stringify({ id: 'x', inputs }));
  const columns = Object.fromEntries(inputs.map((input) => [input.name, [input.data]]));
  const path = `/v2/models/${name}/infer`;
  const numeric = inputs.every(({ datatype }) => datatype === 'FP32' || datatype === 'INT64');
  const targets: Target[] = [];
  if (json.length < MAX_JSON) {
    targets.push({ method: 'POST', path, headers: JSON_TYPE, body: json, kind: 'json' });
    targets.push({
      method: 'POST',
      path: `/v1/models/${name}:predict`,
      headers: JSON_TYPE,
      body: Buffer.from(JSON.stringify({ instances: [columns] })),
      kind: 'json',
    });
  }
  if (numeric) {
    const tensors = inputs.map(({ datatype, data }) =>
      datatype === 'FP32'
        ? Float32Array.from(data as number[])
        : BigInt64Array.from(data as number[], (one) => BigInt(one)),
    );
    const heads = inputs.map(({ name: input, datatype, shape }, index) => ({
      name: input,
      datatype,
      shape,
      parameters: { binary_data_size: tensors[index]?.byteLength },
    }));
    const { body, headers } = binaryBody(
      { inputs: heads, parameters: { binary_data_output: true } },
      ...tensors,
    );
    targets.push({ method: 'POST', path, headers, body, kind: 'bytes' });
  }
  return targets;
}

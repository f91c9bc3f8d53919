/** An answer or a request in the form of the binary tensor data extension. */
export interface BinaryMessage<T = unknown> {
  readonly json: T;
  /** What follows the JSON. */
  readonly binary: Buffer;
}

/** A body of JSON and binary tensors, with the headers that say so. */
export function binaryBody(
  json: unknown,
  ...tensors: readonly (ArrayBufferView | Buffer)[]
): { readonly body: Buffer; readonly headers: Record<string, string> } {
  const head = Buffer.from(typeof json === 'string' ? json : JSON.stringify(json));
  const parts = tensors.map(({ buffer, byteOffset, byteLength }) =>
    Buffer.from(buffer, byteOffset, byteLength),
  );
  return {
    body: Buffer.concat([head, ...parts]),
    headers: {
      'content-type': 'application/octet-stream',
      'inference-header-content-length': String(head.length),
    },
  };
}

/** Texts as BYTES: each after its length. */
export function lengthPrefixed(...texts: readonly (string | Buffer)[]): Buffer {
  return Buffer.concat(
    texts.flatMap((text) => {
      const bytes = Buffer.from(text);
      return [Buffer.from(Uint32Array.of(bytes.length).buffer), bytes];
    }),
  );
}

/** Sends a request and takes its binary answer apart. */
export async function postBinary<T>(
  url: string,
  { body, headers }: ReturnType<typeof binaryBody>,
): Promise<BinaryMessage<T> & { readonly response: Response }> {
  const response = await fetch(url, { method: 'POST', body: new Uint8Array(body), headers });
  const bytes = Buffer.from(await response.arrayBuffer());
  const length = response.headers.get('inference-header-content-length');
  const end = length === null ? bytes.length : Number(length);
  return {
    response,
    json: JSON.parse(bytes.subarray(0, end).toString()) as T,
    binary: bytes.subarray(end),
  };
}

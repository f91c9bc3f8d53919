/**
 * Asks the function of batch jobs for what a client asks first: the list, and a job that is refused.
 * @throws {Error} When an answer is not what it must be.
 */
export async function askForJobs(url: string): Promise<void> {
  const list = await fetch(`${url}/v1/batches`);
  await requireAnswer(list, 200, '{"data":[]}');
  const job = { model: { name: 'iris' }, inputs: { format: 'jsonl', prefix: 'in/' } };
  const refused = await fetch(`${url}/v1/batches`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(job),
  });
  await requireAnswer(refused, 400, 'NO_INPUTS');
  // Without a job a tick answers at once.
  const tick = await fetch(url, {
    method: 'POST',
    headers: {
      'ce-specversion': '1.0',
      'ce-id': 'self-test',
      'ce-source': '/self-test',
      'ce-type': 'dev.knative.sources.ping',
    },
  });
  await requireAnswer(tick, 202, '');
}

/** What `uploads` is started with here. */
export const SELF_TEST_TOKEN = 'token-of-the-self-test';

/**
 * Tells the function of uploads of an object, as a store does: of one that is no upload, since nobody takes
 * events here, and without the token.
 * @throws {Error} When an answer is not what it must be.
 */
export async function askForUploads(url: string): Promise<void> {
  const object = { key: 'in%2Firis%2F', size: 0, eTag: 'd41d8cd98f00b204e9800998ecf8427e' };
  const eventName = 's3:ObjectCreated:Put';
  const tell = (token: string): Promise<Response> =>
    fetch(`${url}/s3-events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({
        Records: [{ eventName, s3: { bucket: { name: 'data-self-test' }, object } }],
      }),
    });
  await requireAnswer(await tell(SELF_TEST_TOKEN), 200, '"reason":"FOLDER"');
  await requireAnswer(await tell('not-the-token'), 401, 'UNAUTHORIZED');
}

async function requireAnswer(response: Response, status: number, part: string): Promise<void> {
  const text = await response.text();
  if (response.status === status && text.includes(part)) return;
  throw new Error(
    `${response.url} answered ${response.status}: ${text}, not ${status} with ${part}`,
  );
}

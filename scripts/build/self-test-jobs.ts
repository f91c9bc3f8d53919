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

async function requireAnswer(response: Response, status: number, part: string): Promise<void> {
  const text = await response.text();
  if (response.status === status && text.includes(part)) return;
  throw new Error(
    `${response.url} answered ${response.status}: ${text}, not ${status} with ${part}`,
  );
}

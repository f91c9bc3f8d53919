/** A receiver of events, which bucket rules name by its ARN. */
export interface WebhookTarget {
  /** `NAME` of `arn:minio:sqs::NAME:webhook`. */
  readonly name: string;
  /** Where to POST. */
  readonly endpoint: string;
  /** One word is sent as `Bearer <word>`, two as they are, as MinIO does. */
  readonly authToken?: string;
}

const ANSWER_TIMEOUT_MS = 60_000;

/** Posts one payload. @throws {Error} Unless the receiver answers 2xx within a minute. */
export async function postEvent(
  { endpoint, authToken }: WebhookTarget,
  payload: string,
  signal: AbortSignal,
): Promise<void> {
  const authorization = authorizationOf(authToken ?? '');
  const reply = await fetch(endpoint, {
    method: 'POST',
    body: payload,
    redirect: 'manual',
    headers: {
      'content-type': 'application/json',
      'user-agent': 'pilotlight-local-s3',
      ...(authorization === undefined ? {} : { authorization }),
    },
    signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_TIMEOUT_MS)]),
  });
  await reply.arrayBuffer();
  if (!reply.ok) throw new Error(`${endpoint} answered ${reply.status}`);
}

function authorizationOf(token: string): string | undefined {
  const words = token.split(' ').filter((word) => word !== '');
  if (words.length === 1) return `Bearer ${words[0]}`;
  return words.length === 2 ? words.join(' ') : undefined;
}

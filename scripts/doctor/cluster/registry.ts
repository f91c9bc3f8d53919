import { deployEnvironment } from '../../deploy/environment.ts';
import { type CheckContext, found, type Line, ok, skipped } from '../check.ts';
import { askHttp } from '../http-ask.ts';

/** Errors of somebody who speaks TLS, if not to our liking; plain http is ERR_SSL_WRONG_VERSION_NUMBER. */
const SPOKEN_TLS = /CERT|ISSUER|ERR_TLS|ALERT/;

/** Whether the image registry answers, in the way that the settings say. */
export async function checkRegistry({ env, signal }: CheckContext): Promise<readonly Line[]> {
  const registry = env['IMAGE_REGISTRY'] ?? '';
  if (registry === '') return [skipped('IMAGE_REGISTRY is not set: nothing is pushed from here')];
  const parsed = deployEnvironment.shape.IMAGE_REGISTRY.safeParse(registry);
  if (!parsed.success) return [found('REGISTRY_INVALID', parsed.error.issues[0]?.message ?? '')];
  const host = registry.split('/')[0] ?? '';
  const isPlain = env['IMAGE_REGISTRY_INSECURE'] === '1';
  const [wanted, other] = isPlain ? ['http', 'https'] : ['https', 'http'];
  const problem = await problemOf(`${wanted}://${host}/v2/`, signal);
  if (problem === undefined) return [ok(`${wanted}://${host} answers`)];
  const otherProblem = await problemOf(`${other}://${host}/v2/`, signal);
  if (otherProblem === undefined || SPOKEN_TLS.test(otherProblem)) {
    return [found(isPlain ? 'REGISTRY_SPEAKS_HTTPS' : 'REGISTRY_SPEAKS_HTTP', host)];
  }
  return [found('REGISTRY_UNREACHABLE', `${wanted}://${host}/v2/: ${problem}`)];
}

/** A registry answers 200, or 401 to whom it does not know: https://distribution.github.io/distribution/spec/api */
async function problemOf(url: string, signal: AbortSignal): Promise<string | undefined> {
  const answer = await askHttp(url, { signal });
  if ('problem' in answer) return answer.problem;
  const { status } = answer;
  return status === 200 || status === 401 || status === 403 ? undefined : `status ${status}`;
}

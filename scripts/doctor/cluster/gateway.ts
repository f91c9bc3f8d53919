import { type CheckContext, found, type Line, ok, skipped } from '../check.ts';
import { askHttp } from '../http-ask.ts';

/** Whether the ingress answers. It is asked for a host that no Service has, so that none is woken. */
export async function checkGateway({ env, signal }: CheckContext): Promise<readonly Line[]> {
  const gateway = env['KNATIVE_GATEWAY'] ?? '';
  if (gateway === '') return [skipped('KNATIVE_GATEWAY is not set')];
  const answer = await askHttp(gateway, { signal });
  if ('problem' in answer) return [found('GATEWAY_UNREACHABLE', `${gateway}: ${answer.problem}`)];
  return [
    answer.status >= 500
      ? found('GATEWAY_FAILING', `${gateway}: status ${answer.status}`)
      : ok(`${gateway} answers`),
  ];
}

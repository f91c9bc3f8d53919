import { type CheckContext, found, type Line, ok, skipped } from '../check.ts';
import { onCluster } from './access.ts';
import { configMapsIn } from './config-maps.ts';
import { deploymentsIn } from './deployments.ts';

const NAMESPACE = 'knative-serving';
/** Knative's own default: config/core/configmaps/network.yaml */
const DEFAULT_CLASS = 'istio.ingress.networking.knative.dev';

/** Whether the ingress class has a controller, and Services get addresses that the gateway serves. */
export function checkNetwork(context: CheckContext): Promise<readonly Line[]> {
  return onCluster(context, async () => {
    const maps = await configMapsIn(context, NAMESPACE, ['config-network', 'config-domain']);
    if ('problem' in maps) return [skipped(`config-network cannot be read: ${maps.problem}`)];
    const network = maps.get('config-network') ?? {};
    const ingressClass = network['ingress-class'] ?? network['ingress.class'];
    const domains = Object.keys(maps.get('config-domain') ?? {});
    const isUnset = domains.every((domain) => domain === 'svc.cluster.local');
    return [
      ...(ingressClass === undefined
        ? [found('INGRESS_CLASS_UNSET', `Knative takes ${DEFAULT_CLASS}`)]
        : []),
      await controllerLine(context, ingressClass ?? DEFAULT_CLASS),
      isUnset
        ? found('DOMAIN_UNSET', 'config-domain has none of its own')
        : ok(`domain ${domains.join(', ')}`),
    ];
  });
}

async function controllerLine(context: CheckContext, ingressClass: string): Promise<Line> {
  // kourier.ingress.networking.knative.dev is served by the Deployment net-kourier-controller.
  const name = `net-${ingressClass.split('.')[0]}-controller`;
  const deployments = await deploymentsIn(context, NAMESPACE);
  if ('problem' in deployments)
    return skipped(`${NAMESPACE} cannot be read: ${deployments.problem}`);
  const controller = deployments.find((each) => each.name === name);
  if (controller?.isReady === true) return ok(`ingress class ${ingressClass}, ${name} is ready`);
  const state = controller === undefined ? 'is not there' : 'is not ready';
  return found('INGRESS_CONTROLLER_MISSING', `${ingressClass}: ${name} ${state}`);
}

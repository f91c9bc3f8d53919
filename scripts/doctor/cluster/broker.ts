import { parse } from 'yaml';

import { type CheckContext, found, type Line, ok, skipped } from '../check.ts';
import { onCluster } from './access.ts';
import { configMapsIn } from './config-maps.ts';

const NAMESPACE = 'knative-eventing';

/** Which class a Broker gets that says none. */
export function checkBrokerClass(context: CheckContext): Promise<readonly Line[]> {
  return onCluster(context, async () => {
    const maps = await configMapsIn(context, NAMESPACE, ['config-br-defaults']);
    if ('problem' in maps) return [skipped(`config-br-defaults cannot be read: ${maps.problem}`)];
    const settings = maps.get('config-br-defaults');
    if (settings === undefined)
      return [skipped('there is no config-br-defaults: no Eventing here')];
    const { clusterDefault } = (parse(settings['default-br-config'] ?? '') ?? {}) as {
      clusterDefault?: { brokerClass?: string; name?: string };
    };
    const brokerClass = clusterDefault?.brokerClass;
    if (brokerClass === undefined) {
      return [found('BROKER_CLASS_UNSET', 'config-br-defaults has no clusterDefault.brokerClass')];
    }
    // Its channels are those of the ConfigMap named; the one that comes with Eventing says in-memory.
    return [
      brokerClass === 'MTChannelBasedBroker' && clusterDefault?.name === 'config-br-default-channel'
        ? await channelLine(context, brokerClass)
        : ok(`default broker class ${brokerClass}`),
    ];
  });
}

async function channelLine(context: CheckContext, brokerClass: string): Promise<Line> {
  const name = 'config-br-default-channel';
  const maps = await configMapsIn(context, NAMESPACE, [name]);
  const template = 'problem' in maps ? '' : (maps.get(name)?.['channel-template-spec'] ?? '');
  return template.includes('InMemoryChannel')
    ? found('BROKER_IN_MEMORY', `${brokerClass} over InMemoryChannel`)
    : ok(`default broker class ${brokerClass}`);
}

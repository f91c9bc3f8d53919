import { randomBytes } from 'node:crypto';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { binaryMessage, createEvent } from '../../events/message.ts';
import type { EventParts } from '../../events/message.ts';
import { publish } from '../../events/publish.ts';
import { replyId } from '../../events/reply.ts';
import { EVENT_TYPES } from '../../events/types.ts';
import { renderOverlay } from '../../knative/local/manifests/render-overlay.ts';
import { Kubectl } from '../../scripts/deploy/kubectl.ts';
import type { ClusterObject } from '../../scripts/deploy/kubectl.ts';
import { withRevisionName } from '../../scripts/deploy/revision.ts';
import { waitForService } from '../../scripts/deploy/roll-out.ts';
import { deployDev, podsOf, serviceOf, untilNoPods } from './support/deployed.ts';
import { sinkObjects, sunkEvents, type SunkEvent } from './support/event-sink.ts';

const eventing = join(import.meta.dirname, '../../knative/eventing');
const namespace = `pilotlight-events-${randomBytes(4).toString('hex')}`;
const SETOSA = { sepal_length: 5.1, sepal_width: 3.5, petal_length: 1.4, petal_width: 0.2 };
const POLL = { timeout: 240_000, interval: 1000 };

describe.skipIf(process.env['KUBECONFIG'] === undefined)('events through a real Broker', () => {
  const kubectl = new Kubectl(namespace);
  const opened = new AsyncDisposableStack();
  let broker = '';

  const request = (id: string, more: Partial<EventParts> = {}): EventParts => ({
    id,
    source: '/cluster-test',
    type: EVENT_TYPES.inferenceRequest,
    model: 'iris',
    format: 'predict',
    datacontenttype: 'application/json',
    data: SETOSA,
    ...more,
  });
  const send = (parts: EventParts): Promise<void> =>
    publish(parts, { url: broker, deadlineMs: 60_000 });
  const sunk = async (path: string, id: string): Promise<SunkEvent[]> =>
    (await sunkEvents(kubectl)).filter(
      ({ path: to, headers }) =>
        to === path && [headers['ce-id'], headers['ce-causationid']].includes(id),
    );

  beforeAll(async () => {
    await deployDev();
    const dev = new Kubectl('pilotlight-dev');
    await kubectl.run(['create', 'namespace', namespace]);
    const service = await serviceOf(dev, 'iris');
    const [container] = service.spec.template.spec.containers;
    await kubectl.apply(await settingsOf(dev, container?.envFrom ?? []));
    await kubectl.apply([
      ...sinkObjects(String(container?.['image'])),
      ...(await eventingObjects()),
    ]);
    const own = withRevisionName({ ...service, metadata: { name: 'iris' } });
    await kubectl.apply([own]);
    await waitForService(kubectl, own);
    await kubectl.run([
      'wait',
      'broker,trigger',
      '--all',
      '--for=condition=Ready',
      '--timeout=180s',
    ]);
    await kubectl.run(['wait', 'pod/event-sink', '--for=condition=Ready', '--timeout=120s']);
    broker = await brokerUrl();
  });
  afterAll(async () => {
    await opened.disposeAsync();
    // Pods of a Service may take its timeoutSeconds to end; a namespace waits for them.
    await kubectl.run(['delete', 'ksvc,trigger,broker', '--all', '--wait=false']).catch(() => '');
    await kubectl.run(['delete', 'namespace', namespace, '--wait=false']);
  });

  it('wake a function from zero, which answers with a reply event', async () => {
    await untilNoPods(kubectl, 'iris');

    await send(request('cold'));

    await expect.poll(() => sunk('/replies', 'cold'), POLL).toHaveLength(1);
    const [reply] = await sunk('/replies', 'cold');
    expect(reply!.headers).toMatchObject({
      'ce-id': replyId({ source: '/cluster-test', id: 'cold' }),
      'ce-type': EVENT_TYPES.inferenceResponse,
      'ce-correlationid': 'cold',
    });
    expect(JSON.parse(reply!.body)).toMatchObject({ prediction: 'setosa', model_name: 'iris' });
    expect(await podsOf(kubectl, 'iris')).toHaveLength(1);
  });

  it('of the same id get a reply of the same id', async () => {
    await send(request('twice'));
    await send(request('twice'));

    await expect.poll(() => sunk('/replies', 'twice'), POLL).toHaveLength(2);
    const ids = (await sunk('/replies', 'twice')).map(({ headers }) => headers['ce-id']);
    expect(new Set(ids).size).toBe(1);
  });

  it('for another model do not reach this one', async () => {
    await send(request('other-model', { model: 'text' }));
    await send(request('after'));

    await expect.poll(() => sunk('/replies', 'after'), POLL).toHaveLength(1);
    expect(await sunk('/replies', 'other-model')).toEqual([]);
    expect(await sunk('/dead-letters', 'other-model')).toEqual([]);
  });

  it('that cannot be answered go to the dead letter sink at once, with the reason', async () => {
    await send(request('bad', { data: { ...SETOSA, petal_width: 'wide' } }));

    await expect.poll(() => sunk('/dead-letters', 'bad'), POLL).toHaveLength(1);
    const [{ headers }] = (await sunk('/dead-letters', 'bad')) as [SunkEvent];
    expect(headers['ce-knativeerrorcode']).toBe('400');
    const reason = Buffer.from(String(headers['ce-knativeerrordata']), 'base64').toString();
    expect(reason).toContain('INVALID_REQUEST');
  });

  it('are delivered again until they are taken', async () => {
    await send({ ...request('flaky'), type: 'dev.pilotlight.test.flaky' });

    await expect.poll(async () => (await sunk('/flaky', 'flaky')).length, POLL).toBe(3);
    expect(await sunk('/dead-letters', 'flaky')).toEqual([]);
  });

  it('are taken before anybody has answered them, and by one who never does', async () => {
    // Without the channel's async handler the broker would answer when its receivers have.
    await send({ ...request('silent'), type: 'dev.pilotlight.test.silent' });

    await expect.poll(() => sunk('/silent', 'silent'), POLL).toHaveLength(1);
  });

  it('keep their attributes, whatever their characters', async () => {
    const subject = 'in/iris/a b+%é€😀.csv';

    await send(request('odd', { subject }));

    await expect.poll(() => sunk('/replies', 'odd'), POLL).toHaveLength(1);
    const [reply] = (await sunk('/replies', 'odd')) as [SunkEvent];
    const sent = binaryMessage(createEvent(request('odd', { subject })));
    expect(reply.headers['ce-subject']).toBe(sent.headers['ce-subject']);
  });

  /** The manifests' own Broker and Trigger for iris, with a sink for replies, dead letters and repetitions. */
  async function eventingObjects(): Promise<object[]> {
    const manifests = (await renderOverlay(eventing)).map(
      ({ object }) => object as unknown as ClusterObject,
    );
    const ours = manifests.filter(({ metadata }) =>
      ['default', 'iris-requests'].includes(metadata.name),
    );
    const sink = (path: string): object => ({
      uri: `http://event-sink.${namespace}.svc.cluster.local${path}`,
    });
    const deadLetters = ours.map((object) => {
      if (object.kind !== 'Broker') return object;
      const { spec } = object as unknown as { spec: { delivery: object } };
      return {
        ...object,
        spec: { ...spec, delivery: { ...spec.delivery, deadLetterSink: sink('/dead-letters') } },
      };
    });
    const trigger = (name: string, type: string): object => ({
      apiVersion: 'eventing.knative.dev/v1',
      kind: 'Trigger',
      metadata: { name },
      spec: { broker: 'default', filters: [{ exact: { type } }], subscriber: sink(`/${name}`) },
    });
    return [
      ...deadLetters,
      trigger('replies', EVENT_TYPES.inferenceResponse),
      trigger('flaky', 'dev.pilotlight.test.flaky'),
      trigger('silent', 'dev.pilotlight.test.silent'),
    ];
  }

  /** What the Service reads there: settings, with the store of the other namespace, and the right to read it. */
  async function settingsOf(
    dev: Kubectl,
    from: readonly { readonly configMapRef?: { readonly name: string } | undefined }[],
  ): Promise<object[]> {
    const names = from.flatMap(({ configMapRef }) => (configMapRef ? [configMapRef.name] : []));
    const maps = await Promise.all(names.map((name) => dev.get('configmap', name)));
    const secret = await dev.get('secret', 's3-models');
    const s3 = 'http://minio.pilotlight-dev.svc.cluster.local:9000';
    return [...maps, secret].map((object) => {
      const { kind, apiVersion, type, data } = object as unknown as Record<string, unknown>;
      const name = object?.metadata.name;
      const values = data as Record<string, string>;
      const changed = 'S3_ENDPOINT' in values ? { ...values, S3_ENDPOINT: s3 } : values;
      return {
        kind,
        apiVersion,
        metadata: { name },
        ...(type === undefined ? {} : { type }),
        data: changed,
      };
    });
  }

  /** Of this namespace's broker, as this machine reaches it. */
  async function brokerUrl(): Promise<string> {
    const given = process.env['KNATIVE_BROKER'];
    if (given !== undefined && given !== '')
      return `${given.replace(/\/$/, '')}/${namespace}/default`;
    const forward = await new Kubectl('knative-eventing').portForward('service/broker-ingress', 80);
    opened.use(forward);
    return `${forward.url}/${namespace}/default`;
  }
});

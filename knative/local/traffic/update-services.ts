import type { ServiceSpec } from '../manifests/read-services.ts';
import type { LocalService } from './local-service.ts';

/** What became of one Service. */
export type ServiceChange = { readonly service: string } & (
  | { readonly kind: 'unchanged' | 'added' | 'removed' }
  /** This revision is the latest now, and has its traffic. */
  | { readonly kind: 'updated'; readonly revision: string }
  /** It goes on as it was. */
  | { readonly kind: 'refused'; readonly cause: Error }
);

/** What the manifests say now, and what else is new. */
export interface ServicesUpdate {
  readonly specs: readonly ServiceSpec[];
  /** Services whose program changed. */
  readonly newCode: ReadonlySet<string>;
  readonly create: (spec: ServiceSpec) => LocalService;
  /** Gives up new revisions that are not ready yet: something newer is to be taken over. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Makes `services` what `specs` say; each Service for itself, so that a fault of one keeps back no other.
 * Resolves when every change serves or was refused.
 */
export async function updateServices(
  services: Map<string, LocalService>,
  { specs, newCode, create, signal }: ServicesUpdate,
): Promise<ServiceChange[]> {
  const removed = [...services.values()].filter(
    ({ name, namespace }) =>
      !specs.some((spec) => spec.name === name && spec.namespace === namespace),
  );
  for (const service of removed) {
    services.delete(service.name);
    // Its requests end first; nobody needs to wait for that.
    void service.close();
  }
  const changes = specs.map(async (spec) => {
    const service = services.get(spec.name);
    if (service) return updateOne(service, spec, newCode.has(spec.name), signal);
    return addOne(services, spec, create);
  });
  return [
    ...removed.map(({ name }): ServiceChange => ({ service: name, kind: 'removed' })),
    ...(await Promise.all(changes)),
  ];
}

async function updateOne(
  service: LocalService,
  spec: ServiceSpec,
  isNewCode: boolean,
  signal: AbortSignal | undefined,
): Promise<ServiceChange> {
  const { name } = spec;
  const before = service.latest;
  const traffic = service.traffic;
  try {
    const { name: revision } = await service.update(spec, isNewCode, signal);
    const isSame = service.latest === before && service.traffic === traffic;
    return isSame
      ? { service: name, kind: 'unchanged' }
      : { service: name, kind: 'updated', revision };
  } catch (cause) {
    return { service: name, kind: 'refused', cause: cause as Error };
  }
}

function addOne(
  services: Map<string, LocalService>,
  spec: ServiceSpec,
  create: (spec: ServiceSpec) => LocalService,
): ServiceChange {
  try {
    const service = create(spec);
    services.set(spec.name, service);
    service.open();
    return { service: spec.name, kind: 'added' };
  } catch (cause) {
    return { service: spec.name, kind: 'refused', cause: cause as Error };
  }
}

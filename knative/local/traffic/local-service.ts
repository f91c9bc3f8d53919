import type { RevisionSpec, ServiceSpec, TrafficTarget } from '../manifests/read-services.ts';
import type { RevisionScaler, ScalerStatus } from '../scaler/revision-scaler.ts';
import { chooseTarget } from './choose-target.ts';
import { nextRevision, RevisionError } from './next-revision.ts';

/** What a Service is made with. */
export interface LocalServiceOptions {
  /** Revisions of earlier runs, oldest first. */
  readonly known: readonly RevisionSpec[];
  readonly createScaler: (revision: RevisionSpec) => RevisionScaler;
  /** Called when there is a revision more. */
  readonly onRevision: (known: readonly RevisionSpec[]) => void;
  /** From 0 to below 1, for the split by percent. */
  readonly random: () => number;
}

/** One revision as `/_local` shows it. */
export interface RevisionStatus extends ScalerStatus {
  readonly name: string;
  /** Its share of the requests. */
  readonly percent: number;
  readonly tags: readonly string[];
}

/** A target of traffic with the revision that it leads to now. */
interface Route extends TrafficTarget {
  readonly scaler: RevisionScaler;
}

/** Revisions that are remembered; those with traffic or a tag always are. */
const KEPT_REVISIONS = 20;

/** One Service: its revisions, and who of them gets which request. */
export class LocalService {
  readonly name: string;
  readonly namespace: string;
  readonly #options: LocalServiceOptions;
  #known: readonly RevisionSpec[];
  /** Those with traffic or a tag. */
  #routes: readonly Route[] = [];
  /** Every revision with a process, and those of {@link #routes}; the newest last. */
  readonly #scalers = new Set<RevisionScaler>();
  readonly #closed = new AbortController();
  #latest: RevisionSpec;
  #updates: Promise<unknown> = Promise.resolve();

  /**
   * Nothing runs before {@link open} and the first request.
   * @throws {RevisionError} When the Service asks for a revision that is not there.
   */
  constructor(spec: ServiceSpec, options: LocalServiceOptions) {
    this.name = spec.name;
    this.namespace = spec.namespace;
    this.#options = options;
    this.#known = options.known;
    this.#latest = nextRevision(spec, this.#known);
    this.#adopt(spec, this.#latest, undefined);
  }

  /** The latest revision that was ready, or the one of the start. */
  get latest(): RevisionSpec {
    return this.#latest;
  }

  /** How requests are split, in words: changes when the split does. */
  get traffic(): string {
    const shares = this.#routes.map(
      ({ scaler, percent, tag }) =>
        `${scaler.revision.name} ${percent} %${tag === undefined ? '' : ` as ${tag}`}`,
    );
    return shares.join(', ');
  }

  /** The names under which revisions can be asked for. */
  get tags(): readonly string[] {
    return this.#routes.flatMap(({ tag }) => tag ?? []);
  }

  /** Starts what `min-scale` asks for. */
  open(): void {
    for (const scaler of this.#reachable()) scaler.open();
  }

  /** The revision for one request: that of the tag, or one by percent when there is no such tag. */
  choose(tag: string | undefined): RevisionScaler {
    const tagged = tag === undefined ? undefined : this.#routes.find((route) => route.tag === tag);
    return (tagged ?? chooseTarget(this.#routes, this.#options.random)).scaler;
  }

  /**
   * Takes over what the manifest says now. A new revision gets its traffic once it is ready; those that
   * have none any more finish their requests and go. Resolves with the latest revision when that is so.
   * @param isNewCode The program changed: a new revision, even of the same template.
   * @param signal Gives up a new revision that is not ready yet.
   * @throws {RevisionError} When the Service asks for what its revisions do not allow.
   * @throws {ModelLoadError} When the new revision does not become ready; the others go on serving.
   */
  update(spec: ServiceSpec, isNewCode = false, signal?: AbortSignal): Promise<RevisionSpec> {
    const signals = signal === undefined ? [] : [signal];
    const update = this.#updates.then(() => this.#update(spec, isNewCode, signals));
    this.#updates = update.catch(() => undefined);
    return update;
  }

  /** All revisions that have traffic, a tag or a process; the newest last. */
  status(): readonly RevisionStatus[] {
    this.#prune();
    return [...this.#scalers].map((scaler) => {
      const routes = this.#routes.filter((route) => route.scaler === scaler);
      return {
        name: scaler.revision.name,
        percent: routes.reduce((sum, { percent }) => sum + percent, 0),
        tags: routes.flatMap(({ tag }) => tag ?? []),
        ...scaler.status(),
      };
    });
  }

  /** Stops all processes, each after its requests, and resolves when they are gone. */
  async close(): Promise<void> {
    this.#closed.abort(new Error('The stand-in is stopping'));
    await this.#updates;
    await Promise.all([...this.#scalers].map((scaler) => scaler.close()));
  }

  /** SIGKILL for all processes, now. */
  kill(): void {
    this.#closed.abort(new Error('The stand-in is stopping'));
    for (const scaler of this.#scalers) scaler.kill();
  }

  async #update(
    spec: ServiceSpec,
    isNewCode: boolean,
    signals: readonly AbortSignal[],
  ): Promise<RevisionSpec> {
    const revision = nextRevision(spec, this.#known, isNewCode);
    this.#requireRevisions(spec, revision);
    const isNew = isNewCode || !this.#known.includes(revision);
    const scaler = isNew ? await this.#proven(revision, signals) : undefined;
    this.#adopt(spec, revision, scaler);
    return revision;
  }

  async #proven(revision: RevisionSpec, signals: readonly AbortSignal[]): Promise<RevisionScaler> {
    const signal = AbortSignal.any([this.#closed.signal, ...signals]);
    signal.throwIfAborted();
    const scaler = this.#options.createScaler(revision);
    this.#scalers.add(scaler);
    try {
      await scaler.prove(signal);
      return scaler;
    } catch (cause) {
      await scaler.close();
      this.#scalers.delete(scaler);
      throw cause;
    }
  }

  /** From here on `spec` holds; `scaler` is that of `revision` when it has one already. */
  #adopt(spec: ServiceSpec, revision: RevisionSpec, scaler: RevisionScaler | undefined): void {
    this.#requireRevisions(spec, revision);
    const others = this.#known.filter(({ name }) => name !== revision.name);
    const known = [...others, revision];
    const find = (name: string): RevisionScaler => {
      if (scaler !== undefined && name === revision.name) return scaler;
      const current = [...this.#scalers].findLast((one) => one.revision.name === name);
      const found = known.find((one) => one.name === name) ?? revision;
      const made = current ?? this.#options.createScaler(found);
      this.#scalers.add(made);
      return made;
    };
    this.#routes = spec.traffic.map((target) => ({
      ...target,
      scaler: find(target.revisionName ?? revision.name),
    }));
    this.#latest = revision;
    const reachable = this.#reachable();
    const isRouted = (name: string): boolean => reachable.some((one) => one.revision.name === name);
    this.#known = known.filter(
      ({ name }, index) => index >= known.length - KEPT_REVISIONS || isRouted(name),
    );
    for (const one of this.#scalers) one.setReachable(reachable.includes(one));
    this.#options.onRevision(this.#known);
  }

  #requireRevisions(spec: ServiceSpec, latest: RevisionSpec): void {
    const names = [...this.#known.map(({ name }) => name), latest.name];
    for (const [index, { revisionName }] of spec.traffic.entries()) {
      if (revisionName === undefined || names.includes(revisionName)) continue;
      throw new RevisionError(
        `Service ${this.name}: spec.traffic.${index}.revisionName: there is no revision ` +
          `${revisionName} here; there are: ${[...new Set(names)].join(', ')}`,
      );
    }
  }

  #reachable(): RevisionScaler[] {
    return [...new Set(this.#routes.map(({ scaler }) => scaler))];
  }

  /** Forgets those that have nothing left to do. */
  #prune(): void {
    const reachable = this.#reachable();
    for (const scaler of this.#scalers) {
      const { state, requests } = scaler.status();
      const isIdle = state === 'zero' && requests.active + requests.held === 0;
      if (isIdle && !reachable.includes(scaler)) this.#scalers.delete(scaler);
    }
  }
}

import { isDeepStrictEqual } from 'node:util';

import type { RevisionSpec, RevisionTemplate, ServiceSpec } from '../manifests/read-services.ts';

/** A Service asks for something that its revisions do not allow. */
export class RevisionError extends Error {
  override readonly name = 'RevisionError';
}

/**
 * The revision that `spec` asks for: the last of `known` (oldest first) when its template is the same, else
 * a new one, with the template's own name or the next number, as `iris-00002`.
 * @param isNewCode The program changed, which in a cluster is another image and so another template.
 * @throws {RevisionError} When the template changed and its name did not: Knative refuses that too.
 */
export function nextRevision(
  spec: ServiceSpec,
  known: readonly RevisionSpec[],
  isNewCode = false,
): RevisionSpec {
  const { name: service, namespace, revisionName, template } = spec;
  const wanted = (name: string): RevisionSpec => ({ ...template, service, namespace, name });
  if (revisionName !== undefined) {
    const same = known.find(({ name }) => name === revisionName);
    if (same !== undefined && !isDeepStrictEqual(templateOf(same), template)) {
      throw new RevisionError(
        `Service ${service}: spec.template changed, spec.template.metadata.name did not: ` +
          `there is a revision ${revisionName} with another template, and revisions never change`,
      );
    }
    // New code under a name that stays: another object, so that each keeps its own program.
    return same === undefined || isNewCode ? wanted(revisionName) : same;
  }
  const last = known.at(-1);
  const isSame = last !== undefined && isDeepStrictEqual(templateOf(last), template);
  if (isSame && !isNewCode) return last;
  const numbers = known.map(({ name }) => Number(/-(\d{5,})$/.exec(name)?.[1] ?? 0));
  const number = Math.max(0, ...numbers) + 1;
  return wanted(`${service}-${String(number).padStart(5, '0')}`);
}

function templateOf({
  service: _s,
  namespace: _n,
  name: _m,
  ...template
}: RevisionSpec): RevisionTemplate {
  return template;
}

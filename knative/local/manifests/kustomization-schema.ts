import * as z from 'zod';

// kustomize reads a target's name as an anchored regular expression; only plain names are taken here.
const plain = z
  .string()
  .regex(/^[A-Za-z0-9.-]+$/, 'must be a plain name: patterns are not implemented here');

const target = z.strictObject({
  group: plain.optional(),
  version: plain.optional(),
  kind: plain.optional(),
  name: plain.optional(),
  labelSelector: z
    .string()
    .regex(
      /^[\w./-]+={1,2}[\w.-]*(,[\w./-]+={1,2}[\w.-]*)*$/,
      'only key=value[,key=value…] is implemented here',
    )
    .optional(),
});

const patch = z
  .strictObject({ target, patch: z.string().optional(), path: z.string().optional() })
  .refine((entry) => (entry.patch === undefined) !== (entry.path === undefined), {
    message: 'must have either "patch" or "path"',
  });

const image = z.strictObject({
  name: z.string().min(1),
  newName: z.string().min(1).optional(),
  newTag: z.string().min(1).optional(),
  digest: z
    .string()
    .regex(/^sha256:[0-9a-f]{64}$/)
    .optional(),
});

const fields = {
  resources: z.array(z.string().min(1)).default([]),
  components: z.array(z.string().min(1)).default([]),
  namespace: z.string().min(1).optional(),
  patches: z.array(patch).default([]),
  images: z.array(image).default([]),
  labels: z.array(z.strictObject({ pairs: z.record(z.string(), z.string()) })).default([]),
};

/**
 * The part of a `kustomization.yaml` that is implemented here. Every other field of kustomize (generators,
 * Helm, replacements, strategic merge patches, …) is refused by name.
 */
export const kustomization = z.discriminatedUnion('kind', [
  z.strictObject({
    apiVersion: z.literal('kustomize.config.k8s.io/v1beta1'),
    kind: z.literal('Kustomization'),
    ...fields,
  }),
  z.strictObject({
    apiVersion: z.literal('kustomize.config.k8s.io/v1alpha1'),
    kind: z.literal('Component'),
    ...fields,
  }),
]);

/** A parsed `kustomization.yaml`. */
export type Kustomization = z.infer<typeof kustomization>;

/** Which objects a patch is for. */
export type PatchTarget = z.infer<typeof target>;

/** One entry of `images`. */
export type ImageChange = z.infer<typeof image>;

import { isJsonObject, objectAt, stringAt, type JsonObject } from './manifest.ts';

/** Kinds without a namespace, as kustomize knows them from Kubernetes' own OpenAPI. */
const CLUSTER_SCOPED = new Set([
  'APIService',
  'CSIDriver',
  'CSINode',
  'CertificateSigningRequest',
  'ClusterRole',
  'ClusterRoleBinding',
  'ClusterTrustBundle',
  'CustomResourceDefinition',
  'FlowSchema',
  'IngressClass',
  'MutatingWebhookConfiguration',
  'Node',
  'PersistentVolume',
  'PriorityClass',
  'PriorityLevelConfiguration',
  'RuntimeClass',
  'StorageClass',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
  'ValidatingWebhookConfiguration',
  'VolumeAttachment',
]);

/** What `namespace:` of a kustomization does to one object, which is changed in place. */
export function setNamespace(object: JsonObject, namespace: string): void {
  const kind = stringAt(object, 'kind');
  const metadata = objectAt(object, 'metadata');
  object['metadata'] = metadata;
  if (kind === 'Namespace') {
    metadata['name'] = namespace;
    return;
  }
  if (!CLUSTER_SCOPED.has(kind)) metadata['namespace'] = namespace;
  if (kind === 'RoleBinding' || kind === 'ClusterRoleBinding') {
    setDefaultSubjects(object, namespace);
  }
}

/** kustomize gives the namespace to subjects called `default` only. */
function setDefaultSubjects(object: JsonObject, namespace: string): void {
  const subjects = object['subjects'];
  for (const subject of Array.isArray(subjects) ? subjects : []) {
    if (isJsonObject(subject) && stringAt(subject, 'name') === 'default') {
      subject['namespace'] = namespace;
    }
  }
}

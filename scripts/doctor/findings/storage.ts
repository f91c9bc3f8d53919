import type { FindingTable } from '../finding.ts';

/** What can be wrong with MinIO or another object store. */
export const STORAGE_FINDINGS = {
  MINIO_BROKEN: {
    severity: 'error',
    what: 'The MinIO binary does not run',
    why: 'Tests against a real MinIO fail, and a deploy would make an image of it',
    fix: 'Point MINIO_BIN to a MinIO server for this system, or unset it',
  },
  S3_SETTINGS_INVALID: {
    severity: 'error',
    what: 'Settings of the object store are not valid',
    why: 'Functions and scripts that read them refuse to start',
    fix: 'Correct or unset the variables named; docs/CONFIGURATION.md has the rules',
  },
  S3_UNREACHABLE: {
    severity: 'error',
    what: 'The object store does not answer',
    why: 'Models are loaded from it',
    fix: 'Start it, or correct S3_ENDPOINT; without S3_ENDPOINT `npm start` brings a store of its own',
  },
  S3_CLOCK_SKEWED: {
    severity: 'error',
    what: 'The clocks of this machine and of the object store differ',
    why: 'Stores refuse signatures that are more than 15 minutes off (RequestTimeTooSkewed)',
    fix: 'Set both clocks by NTP',
  },
  S3_CREDENTIALS_MISSING: {
    severity: 'error',
    what: 'There are no credentials for the object store',
    why: 'It answers signed requests only',
    fix: 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or their `_FILE` forms',
  },
  S3_CREDENTIALS_REFUSED: {
    severity: 'error',
    what: 'The object store does not know these credentials',
    why: 'The access key is unknown or the secret key is not its own',
    fix: 'Correct AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
  },
  S3_ACCESS_DENIED: {
    severity: 'error',
    what: 'These credentials may not read the bucket',
    why: 'A function with them cannot load its model',
    fix: 'Allow s3:ListBucket and s3:GetObject on the bucket `models`',
  },
  S3_BUCKET_MISSING: {
    severity: 'error',
    what: 'The bucket of the models is not there',
    why: 'Functions load their models from it',
    fix: '`npm run models -- publish iris --create-bucket`; on a cluster `npm run deploy -- dev`',
  },
  S3_FAILING: {
    severity: 'error',
    what: 'The object store fails',
    why: 'It answers, but not as S3 does',
    fix: 'Read its log; check that S3_ENDPOINT is the S3 port, not a console or a proxy’s error page',
  },
  S3_CONDITIONAL_PUT_IGNORED: {
    severity: 'error',
    what: 'The object store ignores `If-None-Match: *`',
    why: 'Versions could be overwritten, and batch jobs commit by this condition: they refuse this store',
    fix: 'Use a store that honours conditional PUT (MinIO from 2024-11, S3 itself); look for a proxy that drops the header',
  },
} as const satisfies FindingTable;

/** What can be wrong with the model packages of the clone, and with those published. */
export const MODELS_FINDINGS = {
  MODEL_PACKAGE_BROKEN: {
    severity: 'error',
    what: 'A model package of this clone is not what its model.json says',
    why: 'It can be neither served nor published',
    fix: '`git status models`, and restore the files; `npm run models -- verify NAME` says more',
  },
  MODEL_NOT_PUBLISHED: {
    severity: 'warning',
    what: 'A model of this clone is not in the object store',
    why: 'A function that serves it from there cannot start',
    fix: '`npm run models -- publish NAME`; `npm start` and `npm run deploy -- dev` publish by themselves',
  },
  MODEL_PUBLISHED_OTHERWISE: {
    severity: 'error',
    what: 'Another model is published under the same version',
    why: 'A version never changes, so this one can never be published',
    fix: 'Publish it under a higher version in model.json; while you develop, a new local store: remove its data folder',
  },
  MODEL_PUBLISHED_BROKEN: {
    severity: 'error',
    what: 'A published model is not what its model.json says',
    why: 'Functions verify every byte and refuse to load it',
    fix: 'Remove that version from the bucket and publish it again: `npm run models -- publish NAME`',
  },
  STAND_IN_STORE_DOWN: {
    severity: 'error',
    what: '`npm start` runs, but its object store does not answer',
    why: 'Functions that start now cannot load their models',
    fix: 'End it with Ctrl-C and start it again; when it uses another store (S3_ENDPOINT), see to that',
  },
  CLUSTER_STORE_UNREACHABLE: {
    severity: 'error',
    what: 'The object store in the cluster cannot be reached',
    why: 'Functions that start there cannot load their models',
    fix: 'See its pod: `kubectl --namespace <namespace> get pods`; `npm run deploy -- dev` sets it up again',
  },
  CLUSTER_STORE_REFUSES: {
    severity: 'error',
    what: 'The object store in the cluster refuses the credentials of a Service',
    why: 'It does not know them (it may have lost its volume), or the bucket is not there',
    fix: '`npm run deploy -- dev` makes bucket, user and rights again, and publishes the models',
  },
} as const satisfies FindingTable;

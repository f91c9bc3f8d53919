/** A policy of S3 users, as MinIO and AWS read it. */
export interface S3Policy {
  readonly Version: '2012-10-17';
  readonly Statement: readonly S3Statement[];
}

interface S3Statement {
  readonly Effect: 'Allow';
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
}

/** What interactive functions may do: read models, nothing else. */
export const READ_MODELS: S3Policy = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: ['s3:GetObject'], Resource: [arn('models/*')] }],
};

/** Prefixes of a data bucket that are ours to write; what lies elsewhere is the tenant's own. */
const OURS = ['jobs/*', 'out/*', 'dead-letters/*', 'probes/*'];
/** Of those, what is taken away again: marks of jobs that are over, replayed events, probes. */
const PASSING = ['jobs/_active/*', 'dead-letters/*', 'probes/*'];

/**
 * What `batch` and the `<model>-batch` Services of a tenant may do: read and list its data and the models, write
 * where results and jobs lie, and delete next to nothing. Inputs are never theirs to change.
 */
export function runJobs(dataBucket: string): S3Policy {
  const inBucket = (keys: readonly string[]): string[] =>
    keys.map((key) => arn(`${dataBucket}/${key}`));
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: ['s3:GetObject', 's3:GetObjectVersion'],
        Resource: [arn('models/*'), arn(`${dataBucket}/*`)],
      },
      { Effect: 'Allow', Action: ['s3:ListBucket'], Resource: [arn('models'), arn(dataBucket)] },
      {
        Effect: 'Allow',
        // What is large is written in parts, which are given up when that fails.
        Action: ['s3:PutObject', 's3:AbortMultipartUpload'],
        Resource: inBucket(OURS),
      },
      { Effect: 'Allow', Action: ['s3:DeleteObject'], Resource: inBucket(PASSING) },
    ],
  };
}

function arn(path: string): string {
  return `arn:aws:s3:::${path}`;
}

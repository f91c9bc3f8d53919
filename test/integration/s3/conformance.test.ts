import { afterAll, beforeAll, describe } from 'vitest';

import { startLocalS3 } from '../../support/local-s3.ts';
import { minioBinary, NO_MINIO, startMinio } from '../../support/minio.ts';
import { checkBuckets } from './checks/buckets.ts';
import { checkConfiguration } from './checks/configuration.ts';
import { checkCopies } from './checks/copies.ts';
import { checkForms } from './checks/forms.ts';
import { checkMultipart } from './checks/multipart.ts';
import { checkParts } from './checks/parts.ts';
import { checkPresigned } from './checks/presigned.ts';
import { checkTags } from './checks/tags.ts';
import { checkVersions } from './checks/versions.ts';
import { startS3Fixture } from './fixture.ts';
import type { S3Fixture } from './fixture.ts';

const hasMinio = minioBinary() !== undefined;
if (!hasMinio) console.warn(NO_MINIO);

describe.each([
  { target: 'the local stand-in', start: startLocalS3, isThere: true },
  { target: 'MinIO', start: startMinio, isThere: hasMinio },
])('the AWS SDK on $target', ({ start, isThere }) => {
  // The checks run at collection time, where a skipped target has no fixture: hence the getter.
  describe.runIf(isThere)('finds S3', () => {
    let running: S3Fixture | undefined;
    const fixture = (): S3Fixture => {
      if (running === undefined) throw new Error('The target has not started');
      return running;
    };

    beforeAll(async () => {
      running = await startS3Fixture(start);
    });
    afterAll(async () => {
      await running?.stop();
    });

    describe('buckets', () => {
      checkBuckets(fixture);
    });
    describe('settings of buckets', () => {
      checkConfiguration(fixture);
    });
    describe('copies', () => {
      checkCopies(fixture);
    });
    describe('presigned URLs', () => {
      checkPresigned(fixture);
    });
    describe('forms', () => {
      checkForms(fixture);
    });
    describe('versions', () => {
      checkVersions(fixture);
    });
    describe('tags', () => {
      checkTags(fixture);
    });
    describe('uploads in parts', () => {
      checkMultipart(fixture);
    });
    describe('parts of objects', () => {
      checkParts(fixture);
    });
  });
});

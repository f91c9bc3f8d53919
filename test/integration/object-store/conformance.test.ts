import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startLocalS3 } from '../../support/local-s3.ts';
import { isMinioRequired, minioBinary, NO_MINIO, startMinio } from '../../support/minio.ts';
import { checkConditions } from './checks/conditions.ts';
import { checkFailures } from './checks/failures.ts';
import { checkListing } from './checks/listing.ts';
import { checkObjects } from './checks/objects.ts';
import { checkStreams } from './checks/streams.ts';
import { startFixture } from './fixture.ts';
import type { Fixture } from './fixture.ts';

const hasMinio = minioBinary() !== undefined;
if (!hasMinio) console.warn(NO_MINIO);

it('has a MinIO to test against where CI_REQUIRE_MINIO=1 asks for one', () => {
  expect(isMinioRequired() && !hasMinio, NO_MINIO).toBe(false);
});

describe.each([
  { target: 'the local stand-in', start: startLocalS3, isThere: true },
  { target: 'MinIO', start: startMinio, isThere: hasMinio },
])('ObjectStore on $target', ({ start, isThere }) => {
  // The checks run at collection time, where a skipped target has no fixture: hence the getter.
  describe.runIf(isThere)('conforms', () => {
    let running: Fixture | undefined;
    const fixture = (): Fixture => {
      if (running === undefined) throw new Error('The target has not started');
      return running;
    };

    beforeAll(async () => {
      running = await startFixture(start);
    });
    afterAll(async () => {
      await running?.stop();
    });

    describe('objects', () => {
      checkObjects(fixture);
    });
    describe('listing', () => {
      checkListing(fixture);
    });
    describe('conditions', () => {
      checkConditions(fixture);
    });
    describe('streams', () => {
      checkStreams(fixture);
    });
    describe('failures', () => {
      checkFailures(fixture);
    });
  });
});

import { expect, test } from 'vitest';

import { type MergedSettings, mergedSettings } from '../../../../scripts/config/merged-settings.ts';

const settings = new Map(
  Object.entries({
    FUNCTION_TARGET: { value: 'iris', source: 'service.yaml' },
    MODEL_URI: { value: 's3://models/_shared/iris/1', source: 'service.yaml' },
    AWS_ACCESS_KEY_ID_FILE: { value: '/secrets/s3/access-key-id', source: 'service.yaml' },
    AWS_SECRET_ACCESS_KEY_FILE: { value: '/secrets/s3/secret-access-key', source: 'service.yaml' },
    LOG_LEVEL: { value: 'warn', source: 'base.yaml' },
  }),
);
const merged = (own: Record<string, string> = {}): MergedSettings =>
  mergedSettings({ settings }, own);
const settingOf = ({ settings: all }: MergedSettings, name: string) =>
  all.find((setting) => setting.name === name);

test('what nobody sets has the default', () => {
  expect(settingOf(merged(), 'MAX_QUEUE_ROWS')).toEqual({
    name: 'MAX_QUEUE_ROWS',
    value: '4096',
    source: 'default',
  });
});

test('a manifest is above the default, the environment above the manifest', () => {
  expect(settingOf(merged(), 'LOG_LEVEL')).toMatchObject({ value: 'warn', source: 'base.yaml' });
  expect(settingOf(merged({ LOG_LEVEL: 'debug' }), 'LOG_LEVEL')).toMatchObject({
    value: 'debug',
    source: 'environment',
  });
});

test('an empty variable counts as not set', () => {
  expect(settingOf(merged({ LOG_LEVEL: '' }), 'LOG_LEVEL')).toMatchObject({ value: 'warn' });
});

test('the environment moves no function to another place, but for the object store', () => {
  const own = { MODEL_URI: 's3://models/other/1', AWS_REGION: 'eu-west-1' };

  expect(merged(own)).toEqual(merged());
  const elsewhere = merged({ ...own, S3_ENDPOINT: 'http://store:9000' });
  expect(settingOf(elsewhere, 'AWS_REGION')).toMatchObject({ value: 'eu-west-1' });
  expect(settingOf(elsewhere, 'MODEL_URI')).toMatchObject({ source: 'service.yaml' });
});

test('a secret is hidden', () => {
  const own = {
    S3_ENDPOINT: 'http://store:9000',
    AWS_ACCESS_KEY_ID: 'reader',
    AWS_SECRET_ACCESS_KEY: 'tell-nobody',
  };

  expect(settingOf(merged(own), 'AWS_SECRET_ACCESS_KEY')).toMatchObject({ value: '(hidden)' });
  expect(JSON.stringify(merged(own))).not.toContain('tell-nobody');
});

test('settings that are not valid together are faults; files of secrets need not be here', () => {
  expect(merged().faults).toEqual([]);
  expect(merged({ MAX_QUEUE_ROWS: 'many' }).faults).toEqual([
    expect.stringMatching(/^MAX_QUEUE_ROWS: .*"many"$/),
  ]);
});

import { describe, expect, it } from 'vitest';

import { UsageError, parseCommandLine } from '../../../../scripts/models/command-line.ts';

describe('parseCommandLine()', () => {
  it('fills in the shared tenant and the models bucket', () => {
    expect(parseCommandLine(['publish', 'iris'])).toEqual({
      action: 'publish',
      name: 'iris',
      tenant: '_shared',
      bucket: 'models',
      createBucket: false,
      fromS3: false,
    });
  });

  it('takes all options', () => {
    const command = parseCommandLine(
      'publish iris --tenant tenant-a --bucket weights --create-bucket'.split(' '),
    );

    expect(command).toMatchObject({ tenant: 'tenant-a', bucket: 'weights', createBucket: true });
    expect(parseCommandLine(['verify', 'iris', '--from', 's3'])).toMatchObject({ fromS3: true });
  });

  it.each([['--help'], ['-h'], ['verify', '--help']])('asks for help with %s', (...args) => {
    expect(parseCommandLine(args)).toBeUndefined();
  });

  it.each([
    ['nothing', [], 'No command given'],
    ['an unknown command', ['delete', 'iris'], 'No such command: "delete"'],
    ['no model', ['verify'], 'verify: which model?'],
    ['two models', ['verify', 'iris', 'text'], 'Too many arguments: text'],
    ['an unknown option', ['verify', 'iris', '--force'], '--force'],
    ['a tenant that escapes its prefix', ['publish', 'iris', '--tenant', '../x'], '--tenant'],
    ['a source that does not exist', ['verify', 'iris', '--from', 'ftp'], '--from'],
    ['publishing from the store', ['publish', 'iris', '--from', 's3'], '--from'],
    ['a bucket for verify', ['verify', 'iris', '--create-bucket'], '--create-bucket'],
  ])('refuses %s', (_what, args, message) => {
    expect(() => parseCommandLine(args)).toThrow(UsageError);
    expect(() => parseCommandLine(args)).toThrow(message);
  });
});

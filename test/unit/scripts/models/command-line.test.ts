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
    });
  });

  it('takes all options', () => {
    const command = parseCommandLine(
      'publish iris --tenant tenant-a --bucket weights --create-bucket'.split(' '),
    );

    expect(command).toMatchObject({ tenant: 'tenant-a', bucket: 'weights', createBucket: true });
    expect(parseCommandLine(['verify', 'iris', '--from', 's3'])).toMatchObject({ fromS3: true });
  });

  it('takes what an import needs and may have', () => {
    const args = 'import a.onnx --name mine --version 2 --golden g.json --tolerance 0.01'.split(
      ' ',
    );

    expect(parseCommandLine(args)).toMatchObject({
      action: 'import',
      file: 'a.onnx',
      name: 'mine',
      version: 2,
      golden: 'g.json',
      tolerance: 0.01,
    });
    expect(parseCommandLine(['import', 'a.onnx', '--name', 'mine'])).toMatchObject({
      version: 1,
      golden: undefined,
      tolerance: undefined,
    });
  });

  it('gives a training script everything that follows its name', () => {
    const args = ['train', 'iris', '--out', 'x', '--help'];

    expect(parseCommandLine(args)).toEqual({
      action: 'train',
      name: 'iris',
      args: ['--out', 'x', '--help'],
    });
  });

  it.each([['--help'], ['-h'], ['verify', '--help'], ['train', '--help']])(
    'asks for help with %s',
    (...args) => {
      expect(parseCommandLine(args)).toBeUndefined();
    },
  );

  it.each([
    ['nothing', [], 'No command given'],
    ['an unknown command', ['delete', 'iris'], 'No such command: "delete"'],
    ['no model', ['verify'], 'verify: which model?'],
    ['two models', ['verify', 'iris', 'text'], 'Too many arguments: text'],
    ['an unknown option', ['verify', 'iris', '--force'], '--force'],
    ['a tenant that escapes its prefix', ['publish', 'iris', '--tenant', '../x'], '--tenant'],
    ['a source that does not exist', ['verify', 'iris', '--from', 'ftp'], '--from'],
    ['publishing from the store', ['publish', 'iris', '--from', 's3'], '--from'],
    ['an import without a name', ['import', 'a.onnx'], '--name NAME'],
    ['an import of nothing', ['import', '--name', 'a'], 'import: which file?'],
    ['a version that is no number', ['import', 'a', '--name', 'b', '--version', '0'], '--version'],
    ['a tolerance below 0', ['import', 'a', '--name', 'b', '--tolerance=-1'], '--tolerance'],
    [
      'an option of another command',
      ['verify', 'iris', '--golden', 'x'],
      '--golden: not for verify',
    ],
    ['training of nothing', ['train'], 'train: which model?'],
    ['a bucket for verify', ['verify', 'iris', '--create-bucket'], '--create-bucket'],
  ])('refuses %s', (_what, args, message) => {
    expect(() => parseCommandLine(args)).toThrow(UsageError);
    expect(() => parseCommandLine(args)).toThrow(message);
  });
});

import { describe, expect, it } from 'vitest';

import type { Recording } from '../../../../../../functions/inputs/signal/recording.ts';
import { readText } from '../../../../../../functions/inputs/signal/text/read-text.ts';
import type { TextLayout } from '../../../../../../functions/inputs/signal/text/read-text.ts';
import { InvalidRequestError } from '../../../../../../functions/runtime/errors.ts';

const VALUES = Array.from({ length: 20 }, (_, index) => ((index * index * 7) % 23) - 11 + 0.25);
const withComma = (value: number): string => String(value).replace('.', ',');
const rows = (line: (value: number, index: number) => string): string =>
  VALUES.map(line).join('\n');

function read(
  text: string | Buffer,
  textLayout: TextLayout = 'table',
  channel = 0,
): Promise<Recording> {
  return readText(Buffer.from(text), { textLayout, channel });
}

function samplesOf(recording: Recording): number[] {
  const samples = recording.channel(0);
  const target = new Float64Array(samples.length);
  samples.read(0, samples.length, target);
  return [...target];
}

describe('readText()', () => {
  it.each([
    ['commas', VALUES.join(',')],
    ['commas and blanks', VALUES.join(', ')],
    ['semicolons', VALUES.join(';')],
    ['bars', VALUES.join(' | ')],
    ['tabs', VALUES.join('\t')],
    ['blanks', VALUES.join('   ')],
    ['line ends', VALUES.join('\n')],
    ['line ends of Windows', `${VALUES.join('\r\n')}\r\n`],
    ['line ends of old', VALUES.join('\r')],
    ['commas and line ends', `${VALUES.join(',\n')},\n`],
    ['brackets', `[${VALUES.join(' ')}]`],
    ['a list of JSON', JSON.stringify(VALUES)],
    ['empty lines between', VALUES.join('\n\n')],
    ['a byte order mark', `\uFEFF${VALUES.join('\n')}`],
    ['remarks', `# volts\n${VALUES.join('\n')}\n% end`],
    ['a header', `voltage\n${VALUES.join('\n')}`],
    ['quotes', VALUES.map((value) => `"${value}"`).join('\n')],
    ['exponents', VALUES.map((value) => value.toExponential()).join(' ')],
    [
      'exponents of Fortran',
      VALUES.map((value) => value.toExponential().replace('e', 'D')).join('\n'),
    ],
    ['typographic minus signs', VALUES.join('\n').replaceAll('-', '\u2212')],
    ['decimal commas and semicolons', VALUES.map(withComma).join(';')],
    ['decimal commas and bars', VALUES.map(withComma).join('|')],
    ['decimal commas and tabs', VALUES.map(withComma).join('\t')],
    ['decimal commas and blanks', VALUES.map(withComma).join(' ')],
    ['decimal commas and line ends', VALUES.map(withComma).join('\n')],
  ])('reads numbers with %s', async (_, text) => {
    const recording = await read(text);

    expect(samplesOf(recording)).toEqual(VALUES);
    expect(recording).toMatchObject({ channels: 1 });
    expect(recording.rate).toBeUndefined();
  });

  it('reads UTF-16 as spreadsheets write it', async () => {
    const text = Buffer.from(`\uFEFF${VALUES.join('\r\n')}`, 'utf16le');

    expect(samplesOf(await read(text))).toEqual(VALUES);
  });

  it.each([
    ['seconds', 'time,voltage', 2e-8, 50_000_000],
    ['no header', '', 1e-6, 1_000_000],
    ['a unit in brackets', 't [us],u [mV]', 0.5, 2_000_000],
    ['the sign for micro', 'Time (\u00b5s),V', 0.25, 4_000_000],
    ['a unit behind a line', 'time_ms,v', 0.1, 10_000],
  ])('takes a column of times as times: %s', async (_, header, step, hz) => {
    const lines = rows((value, index) => `${Number((index * step).toPrecision(9))},${value}`);

    const recording = await read(header === '' ? lines : `${header}\n${lines}`, 'sequence');

    expect(samplesOf(recording)).toEqual(VALUES);
    expect(recording.channels).toBe(1);
    expect(recording.rate).toEqual({ hz, from: 'time column' });
  });

  it.each([
    ['a header', `index,value\n${rows((value, index) => `${index},${value}`)}`],
    ["pandas' header", `,value\n${rows((value, index) => `${index},${value}`)}`],
    ['its values', rows((value, index) => `${index + 1};${withComma(value)}`)],
  ])('does not take the numbers of the lines for times, by %s', async (_, text) => {
    const recording = await read(text);

    expect(samplesOf(recording)).toEqual(VALUES);
    expect(recording.rate).toBeUndefined();
  });

  it('skips what an oscilloscope writes before the numbers', async () => {
    const lines = rows((value, index) => `${(index * 4e-9).toExponential(6)},${value}`);

    const recording = await read(`Model,X2000\nSample Interval,4e-9\n\nTIME,CH1\n${lines}\n`);

    expect(samplesOf(recording)).toEqual(VALUES);
    expect(recording.rate).toEqual({ hz: 250_000_000, from: 'time column' });
  });

  it('gives the channel that is asked for', async () => {
    const text = `a;b\n${rows((value) => `${value};${value * 2}`)}`;

    const recording = await read(text, 'table', 1);

    expect(recording.channels).toBe(2);
    expect(samplesOf(recording)).toEqual(VALUES.map((value) => value * 2));
  });

  it('reads several numbers on each line as channels or one after the other', async () => {
    const text = rows((value, index) => `${value} ${value + 1} ${index % 3}`);

    expect((await read(text, 'table')).channels).toBe(3);
    expect((await read(text, 'sequence')).channel(0)).toHaveLength(60);
  });

  it('reads lines of different lengths as one signal', async () => {
    const text = `${VALUES.slice(0, 8).join(' ')}\n${VALUES.slice(8).join(' ')}`;

    expect(samplesOf(await read(text, 'table'))).toEqual(VALUES);
  });

  it.each([
    ['apostrophes at thousands', `${VALUES.join('\n')}\n1'000.5`, /Line 21 has "1'000.5"/],
    ['commas at thousands', `${VALUES.join(';')};1,000.5;2`, /thousands/],
    ['nothing', '', /no numbers/],
    ['words', 'hello world', /no numbers/],
    ['a word among numbers', `${VALUES.join('\n')}\nhello`, /Line 21 has "hello"/],
    ['a number of two dots', `${VALUES.join('\n')}\n1.2.3`, /Line 21 has "1.2.3"/],
    ['hexadecimal', `${VALUES.join('\n')}\n0x10`, /"0x10"/],
    ['not-a-number', `${VALUES.join('\n')}\nnan`, /not finite/],
    ['infinity', `${VALUES.join('\n')}\n-inf`, /not finite/],
    ['more than a float holds', `${VALUES.join('\n')}\n1e400`, /not finite/],
    ['more than is sensible', `${VALUES.join('\n')}\n1e31`, /at most/],
    ['an empty field', `${VALUES.join(',')},,1`, /nothing between/],
    ['a line that begins with a separator', `${VALUES.join('\n')}\n,1`, /nothing between/],
    ['too few', '1 2 3', /3 samples/],
    ['zero bytes', `1 2 3\0${VALUES.join(' ')}`, /CSV, TXT, NPY or WAV/],
    [
      'uneven times',
      `time,v\n${rows((value, index) => `${index * index},${value}`)}`,
      /even steps/,
    ],
    [
      'a table with a ragged line',
      `time,v\n${rows((v, i) => `${i / 4},${v}`)}\n9`,
      /as many numbers/,
    ],
  ])('refuses %s', async (_, text, message) => {
    const refused = read(text);

    await expect(refused).rejects.toThrow(InvalidRequestError);
    await expect(refused).rejects.toThrow(message);
  });

  it('refuses one sample more than are read, before there is room for them', async () => {
    const text = Buffer.alloc(2 * 10_000_001, '1\n');

    await expect(read(text)).rejects.toThrow(/10000001 samples/);
  });

  it('does not keep other work waiting', async () => {
    let turns = 0;
    const count = setInterval(() => (turns += 1), 1);

    await read(`${VALUES.join('\n')}\n`.repeat(20_000));
    clearInterval(count);

    expect(turns).toBeGreaterThan(0);
  });
});

/** A signal that is short enough to be read by people, for OpenAPI. */
export const SHORT_SIGNAL: readonly number[] = [
  0.1, 0.2, 0.1, 0.4, 9.1, 5.2, 3.1, 1.9, 1.2, 0.8, 0.3, 0.2, 0.4, 0.1, 0.3, 0.2,
];

/** The function's sample, as `/predict` takes it. */
export async function sampleInstance(): Promise<{ signal: number[]; sample_rate: number }> {
  return (await import('./sample.json', { with: { type: 'json' } })).default;
}

/** The same as `/test` takes it: a CSV file with a column of times. */
export async function sampleFile(): Promise<{ file: string }> {
  const { signal, sample_rate: rate } = await sampleInstance();
  const lines = signal.map((value, index) => `${Math.round((index / rate) * 1e9)},${value}\n`);
  return { file: Buffer.from(`time_ns,voltage_mV\n${lines.join('')}`).toString('base64') };
}

/** The same as `/test-text` takes it: one number on each line. */
export async function sampleText(): Promise<{ text: string }> {
  const { signal } = await sampleInstance();
  return { text: signal.join('\n') };
}

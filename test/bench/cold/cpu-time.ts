import { readdir, readFile } from 'node:fs/promises';

/**
 * Time on a CPU of all threads that a process has now, in milliseconds, as Linux's scheduler counts it;
 * undefined elsewhere. It says what a start costs also where other work makes it wait for a CPU.
 */
export async function readCpuMs(pid: number): Promise<number | undefined> {
  const folder = `/proc/${pid}/task`;
  const threads = await readdir(folder).catch(() => []);
  const texts = await Promise.all(
    threads.map((thread) => readFile(`${folder}/${thread}/schedstat`, 'utf8').catch(() => '')),
  );
  const nanoseconds = texts.map((text) => Number(text.split(' ')[0] ?? 0));
  return threads.length === 0 ? undefined : nanoseconds.reduce((sum, each) => sum + each, 0) / 1e6;
}

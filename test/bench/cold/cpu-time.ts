import { readdir, readFile } from 'node:fs/promises';

/**
 * Time on a CPU of all threads that a process and its children have now, in milliseconds, as Linux's scheduler counts it;
 * undefined elsewhere. It says what a start costs also where other work makes it wait for a CPU.
 */
export async function readCpuMs(pid: number): Promise<number | undefined> {
  const times = await Promise.all((await withChildren(pid)).map(cpuMsOf));
  const known = times.flatMap((time) => (time === undefined ? [] : [time]));
  return known.length === 0 ? undefined : known.reduce((sum, each) => sum + each, 0);
}

/** A process and all below it that live now: servers in Python, and slow models of ours, have several. */
export async function withChildren(pid: number): Promise<number[]> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const texts = await Promise.all(
    threads.map((thread) =>
      readFile(`/proc/${pid}/task/${thread}/children`, 'utf8').catch(() => ''),
    ),
  );
  const children = texts.flatMap((text) => text.split(' ').filter(Boolean).map(Number));
  return [pid, ...(await Promise.all(children.map(withChildren))).flat()];
}

async function cpuMsOf(pid: number): Promise<number | undefined> {
  const folder = `/proc/${pid}/task`;
  const threads = await readdir(folder).catch(() => []);
  const texts = await Promise.all(
    threads.map((thread) => readFile(`${folder}/${thread}/schedstat`, 'utf8').catch(() => '')),
  );
  const nanoseconds = texts.map((text) => Number(text.split(' ')[0] ?? 0));
  return threads.length === 0 ? undefined : nanoseconds.reduce((sum, each) => sum + each, 0) / 1e6;
}

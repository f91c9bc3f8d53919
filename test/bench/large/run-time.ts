import { openSession } from '../../../models/loader/open-session.ts';
import { median } from '../report/statistics.ts';
import { wideGraph } from './wide-graph.ts';

const [FEW, TIMES] = [8, 15];

/** How often a graph of this width must go through its layer so that one run takes `runMs` on this machine. */
export async function passesFor(width: number, runMs: number): Promise<number> {
  const graph = wideGraph({ width, layers: 1, passes: FEW });
  const session = await openSession('the graph', graph, { session: {} });
  const data = Float32Array.of(5.1, 3.5, 1.4, 0.2);
  const features = { datatype: 'FP32', shape: [1, 4], data } as const;
  const times: number[] = [];
  for (let time = 0; time < TIMES; time += 1) {
    const startedMs = performance.now();
    await session.run({ features });
    times.push(performance.now() - startedMs);
  }
  await session.release();
  return Math.max(1, Math.round((runMs * FEW) / median(times)));
}

import { describe, expect, it } from 'vitest';

import { sessionOptions } from '../../../../models/loader/open-session.ts';

describe('sessionOptions()', () => {
  it('takes one thread and the best optimisation unless the package says otherwise', () => {
    expect(sessionOptions({})).toMatchObject({
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      graphOptimizationLevel: 'all',
      executionMode: 'sequential',
    });
  });

  it('switches spinning off as soon as there are several threads', () => {
    expect(sessionOptions({ intra_op_threads: 2 })).toMatchObject({
      intraOpNumThreads: 2,
      extra: { 'session.intra_op.allow_spinning': '0' },
    });
    expect(sessionOptions({ intra_op_threads: 1 })).not.toHaveProperty('extra');
  });

  it('passes the allow-list on', () => {
    const options = sessionOptions({
      graph_optimization_level: 'basic',
      execution_mode: 'parallel',
      inter_op_threads: 3,
      enable_cpu_mem_arena: false,
      enable_mem_pattern: false,
      disable_prepacking: true,
    });

    expect(options).toMatchObject({
      graphOptimizationLevel: 'basic',
      executionMode: 'parallel',
      interOpNumThreads: 3,
      enableCpuMemArena: false,
      enableMemPattern: false,
      extra: { 'session.disable_prepacking': '1' },
    });
  });
});

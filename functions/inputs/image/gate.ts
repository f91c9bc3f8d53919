/** Lets work in by its weight. */
export interface Gate {
  /**
   * Runs `work` once there is room for it; first come, first served. What is heavier than the whole
   * capacity runs alone.
   */
  run<T>(weight: number, work: () => Promise<T>): Promise<T>;
}

/** A gate behind which no more than `capacity` is at work at a time. */
export function createGate(capacity: number): Gate {
  const waiting: { readonly weight: number; readonly enter: () => void }[] = [];
  let used = 0;

  function letIn(): void {
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      if (used > 0 && used + next.weight > capacity) return;
      waiting.shift();
      used += next.weight;
      next.enter();
    }
  }

  return {
    async run(weight, work) {
      await new Promise<void>((enter) => {
        waiting.push({ weight, enter: () => enter() });
        letIn();
      });
      try {
        return await work();
      } finally {
        used -= weight;
        letIn();
      }
    },
  };
}

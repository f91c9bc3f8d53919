import { describe, expect, it } from 'vitest';

import { inAsyncFunction } from '../../../../scripts/build/plugins/async-entry.ts';

describe('inAsyncFunction()', () => {
  it('leaves imports at the top and moves everything else', () => {
    const code = [
      'import { a } from "./a.ts";',
      'import {',
      '  b,',
      "  c } from './b.ts';",
      'import "./effect.ts";',
      'const d = await import("./d.ts");',
      'import("./lazy.ts").then(a);',
      '',
    ].join('\n');

    expect(inAsyncFunction(code)).toBe(
      [
        'import { a } from "./a.ts";',
        'import {',
        '  b,',
        "  c } from './b.ts';",
        'import "./effect.ts";',
        '(async () => {',
        'const d = await import("./d.ts");',
        'import("./lazy.ts").then(a);',
        '})();',
        '',
      ].join('\n'),
    );
  });
});

import type { OnnxModel } from '../onnx/onnx-model.ts';

/** What is wrong with a model in plain words, and after them ONNX Runtime's own. */
export function runtimeReason(
  message: string,
  { irVersion, opsets }: Pick<OnnxModel, 'irVersion' | 'opsets'>,
): string {
  const own = message
    .replaceAll(/\s+/g, ' ')
    .replace(/^Cannot load .*?: (?:model\.onnx does not open: )?/, '')
    // Where in its sources, and in which function.
    .replaceAll(/\/onnxruntime_src\/\S+:\d+ .*?\) (?=[A-Z])/g, '')
    .trim();
  return `${meaningOf(own, { irVersion, opsets })} (ONNX Runtime: ${own})`;
}

function meaningOf(text: string, model: Pick<OnnxModel, 'irVersion' | 'opsets'>): string {
  const [, foreign] = /(\S+)\(-?\d+\) is not a registered function\/op/.exec(text) ?? [];
  if (foreign !== undefined) {
    return `it uses the operator ${foreign}, which ONNX Runtime does not have: export the model with standard operators`;
  }
  const [, unknown] = /No Op registered for (\S+)/.exec(text) ?? [];
  if (unknown !== undefined) {
    return `it uses the operator ${unknown}, which ONNX does not have in that version: check its name, or export with another opset`;
  }
  if (/Unsupported model IR version/i.test(text)) {
    return `its format, IR version ${model.irVersion}, is newer than this ONNX Runtime reads: save it in an older one (model.ir_version = 10)`;
  }
  if (/opset|domain_version/i.test(text)) {
    const versions = [...model.opsets].map(
      ([domain, version]) => `${domain || 'ai.onnx'} ${version}`,
    );
    return `its operators (${versions.join(', ')}) are newer than this ONNX Runtime has: export it with an older opset_version`;
  }
  if (/NOT_IMPLEMENTED|Could not find an implementation/i.test(text)) {
    return 'it uses an operator in a form, or for a type, that ONNX Runtime does not compute on CPUs';
  }
  if (/was ended by|exit code/.test(text)) return 'ONNX Runtime crashes when it opens it';
  return 'ONNX Runtime does not open it';
}

import { join } from 'node:path';

import { MODEL_FILE } from '../../models/loader/package-schema.ts';
import { readModelFile } from './import/model-file.ts';
import { RefusedError } from './import/refused-error.ts';
import { datatypeOf, faultsOf } from './import/tensor-values.ts';
import { openTrial } from './import/trial.ts';
import { readManifest } from './model-uri.ts';
import type { GraphValue } from './onnx/onnx-model.ts';
import type { PackageFolder } from './package-folders.ts';
import { textTable } from './text-table.ts';

/** What is known of a model file. */
export interface Inspection {
  readonly file: string;
  /** Of the package that it belongs to, when it was asked for by name. */
  readonly package?: {
    readonly name: string;
    readonly version: number;
    readonly execution: string;
    readonly max_rows?: number;
  };
  readonly size_bytes: number;
  readonly sha256: string;
  readonly producer: string;
  readonly ir_version: number;
  /** By domain; ONNX's own is `ai.onnx`. */
  readonly opsets: Readonly<Record<string, number>>;
  readonly graph: string;
  readonly inputs: readonly InspectedValue[];
  readonly outputs: readonly InspectedValue[];
  readonly operators: Readonly<Record<string, number>>;
  readonly parameters: number;
  readonly can_be_served: boolean;
  /** Why not; empty when it can. */
  readonly reasons: readonly string[];
}

interface InspectedValue {
  readonly name: string;
  /** As ONNX calls it. */
  readonly type: string;
  /** The protocol's name; absent when it has none. */
  readonly datatype?: string;
  /** Sizes, names of axes that vary, null for those without a name; absent when nothing is known. */
  readonly shape?: readonly (number | string | null)[];
}

/**
 * Reads an ONNX file, and tries whether ONNX Runtime opens it.
 * @param what The name of one of `packages`, or the path of a file.
 * @throws {RefusedError} When it is no ONNX file.
 */
export async function inspectModel(
  what: string,
  path: string,
  packages: readonly PackageFolder[],
): Promise<Inspection> {
  const own = packages.find(({ name }) => name === what);
  const model = await readModelFile(own === undefined ? path : join(own.dir, MODEL_FILE));
  const { onnx, bytes, sha256 } = model;
  const reasons = faultsOf(onnx);
  if (reasons.length === 0) {
    try {
      const trial = await openTrial(model);
      await trial[Symbol.asyncDispose]();
    } catch (cause) {
      if (!(cause instanceof RefusedError)) throw cause;
      reasons.push(...cause.reasons);
    }
  }
  return {
    file: model.path,
    ...(own === undefined ? {} : { package: await packageFacts(own.dir) }),
    size_bytes: bytes.length,
    sha256,
    producer: onnx.producer,
    ir_version: onnx.irVersion,
    opsets: Object.fromEntries(
      [...onnx.opsets].map(([domain, version]) => [domain || 'ai.onnx', version]),
    ),
    graph: onnx.graph,
    inputs: onnx.inputs.map(inspected),
    outputs: onnx.outputs.map(inspected),
    operators: Object.fromEntries(onnx.operators),
    parameters: onnx.parameters,
    can_be_served: reasons.length === 0,
    reasons,
  };
}

async function packageFacts(dir: string): Promise<NonNullable<Inspection['package']>> {
  const { name, version, execution, batch } = (await readManifest(dir)).manifest;
  return {
    name,
    version,
    execution,
    ...(batch === undefined ? {} : { max_rows: batch.max_rows }),
  };
}

function inspected({ name, type }: GraphValue): InspectedValue {
  if (type.kind === 'other') return { name, type: type.description };
  const datatype = datatypeOf(type.element);
  return {
    name,
    type: type.element,
    ...(datatype === undefined ? {} : { datatype }),
    ...(type.shape === undefined ? {} : { shape: type.shape.map((axis) => axis ?? null) }),
  };
}

/** The same for people. */
export function inspectionText(found: Inspection): string {
  const { package: own, opsets, operators } = found;
  const rows = [
    ...(own === undefined
      ? []
      : [
          [
            'model',
            `${own.name} version ${own.version}, ${own.execution}, ${own.max_rows === undefined ? 'requests one by one' : `up to ${own.max_rows} rows a run`}`,
          ],
        ]),
    ['file', found.file],
    ['size', `${found.size_bytes.toLocaleString('en')} bytes`],
    ['sha256', found.sha256],
    ['producer', found.producer || 'not stated'],
    ['format', `IR version ${found.ir_version}`],
    ['opset', listOf(opsets)],
    ['operators', listOf(operators)],
    ['parameters', found.parameters.toLocaleString('en')],
  ];
  return [
    textTable(rows),
    `inputs\n${valuesText(found.inputs)}`,
    `outputs\n${valuesText(found.outputs)}`,
    found.can_be_served
      ? 'can be served\n'
      : `cannot be served:\n${found.reasons.map((reason) => `  ${reason}\n`).join('')}`,
  ].join('');
}

/** What the file calls anything goes out without control characters. */
function listOf(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${plain(name)} ${count}`)
    .join(', ');
}

function valuesText(values: readonly InspectedValue[]): string {
  const rows = values.map(({ name, type, datatype, shape }) => [
    plain(name),
    datatype ?? plain(type),
    shape === undefined ? '' : `[${shape.map((axis) => plain(String(axis ?? '?'))).join(', ')}]`,
  ]);
  return textTable(rows, '  ');
}

function plain(text: string): string {
  return text.replaceAll(/\p{C}/gu, '�');
}

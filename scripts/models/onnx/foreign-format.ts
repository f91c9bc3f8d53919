/** Files that people take for ONNX, by how they begin, and what to do instead. */
const BEGINNINGS: readonly (readonly [string, string])[] = [
  ['version https://git-lfs', 'it is a pointer of Git LFS, not the file itself: `git lfs pull`'],
  ['PK\x03\x04', 'it is a zip archive, as torch.save writes: export it with torch.onnx.export'],
  ['\x80\x02', 'it is a Python pickle: export the model to ONNX first'],
  ['\x80\x03', 'it is a Python pickle: export the model to ONNX first'],
  ['\x80\x04', 'it is a Python pickle: export the model to ONNX first'],
  ['\x80\x05', 'it is a Python pickle: export the model to ONNX first'],
  ['\x89HDF\r\n', 'it is HDF5, as Keras writes: convert it with tf2onnx'],
  ['\x1f\x8b', 'it is compressed with gzip: unpack it first'],
  ['GGUF', 'it is GGUF: ONNX Runtime does not read it'],
  ['<', 'it is a page of HTML or XML: the download has failed'],
  ['{', 'it is JSON, not ONNX'],
];

/** What a file is that is no ONNX file, in a sentence for people; undefined when nothing is known of it. */
export function foreignFormat(bytes: Buffer): string | undefined {
  const head = bytes.subarray(0, 64).toString('latin1');
  const known = BEGINNINGS.find(([start]) => head.startsWith(start));
  if (known !== undefined) return known[1];
  const mark = head.slice(4, 8);
  if (mark === 'TFL3') return 'it is TensorFlow Lite: convert it with tf2onnx';
  if (mark === 'ORTM')
    return 'it is ONNX Runtime’s own format (.ort): use the .onnx it was made of';
  // safetensors: the length of a JSON header, then that.
  if (/^[^]{4}\0{4}\{"/.test(head)) return 'it is safetensors, which has weights but no graph';
  return undefined;
}

/**
 * Refuses texts that ONNX Runtime would change on their way into the model: it takes them as far as a NUL
 * (onnxruntime-node 1.30), and half a surrogate pair has no UTF-8.
 * @param fault Makes the error from what the element is not.
 * @throws What `fault` makes.
 */
export function checkText(text: string, fault: (what: string) => Error): void {
  if (text.includes('\0'))
    throw fault('a text without NUL characters, which the model cannot take');
  if (!text.isWellFormed()) throw fault('well-formed Unicode');
}

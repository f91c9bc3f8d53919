/** An ONNX file cannot be served, or not as asked; nothing was written. */
export class RefusedError extends Error {
  /** Sentences for people, each with what to do where that is known. */
  readonly reasons: readonly string[];

  constructor(file: string, reasons: readonly string[], options: ErrorOptions = {}) {
    const [only] = reasons;
    const text =
      reasons.length === 1 ? ` ${only}` : reasons.map((reason) => `\n  ${reason}`).join('');
    super(`Cannot use ${file}:${text}`, options);
    this.name = new.target.name;
    this.reasons = reasons;
  }
}

/** Why a job cannot be planned, now or ever: it fails with this code and message. */
export class PlanError extends Error {
  readonly code:
    | 'NO_INPUTS'
    | 'INPUT_NOT_FOUND'
    | 'INPUT_CHANGED'
    | 'INPUT_UNSUPPORTED'
    | 'MANIFEST_INVALID'
    | 'TOO_LARGE';

  constructor(code: PlanError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'PlanError';
    this.code = code;
  }
}

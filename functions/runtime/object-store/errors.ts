/**
 * A call to the object store failed. `transient` says whether the same call may succeed later: the network,
 * a timeout, 429, 5xx and S3's conflict of two simultaneous conditional writes (409) are transient; 400,
 * 403, 404 and 412 are not.
 */
export class ObjectStoreError extends Error {
  /** HTTP status of the answer; `undefined` when there was none. */
  readonly status: number | undefined;
  /**
   * The store's own error code, such as `AccessDenied`; the system's, such as `ECONNREFUSED`; or one of
   * ours: `Aborted` (by the caller's signal, which `cause` tells), `TooLarge`, `WrongLength`, `RangeIgnored`.
   */
  readonly code: string | undefined;
  readonly transient: boolean;

  constructor(
    message: string,
    options: ErrorOptions & {
      readonly status?: number | undefined;
      readonly code?: string | undefined;
      readonly transient: boolean;
    },
  ) {
    super(message, options);
    this.name = new.target.name;
    this.status = options.status;
    this.code = options.code;
    this.transient = options.transient;
  }
}

/** The object (or bucket) does not exist. */
export class ObjectNotFoundError extends ObjectStoreError {}

/** The condition of a conditional read or write does not hold: 412, or 404 to `ifMatch` on a write. */
export class PreconditionFailedError extends ObjectStoreError {}

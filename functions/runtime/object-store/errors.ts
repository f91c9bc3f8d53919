/** A call to the object store failed. `transient` says whether the same call may succeed later. */
export class ObjectStoreError extends Error {
  /** HTTP status of the answer; `undefined` when there was none. */
  readonly status: number | undefined;
  /** The store's own error code, such as `AccessDenied`. */
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

/** The condition of a conditional read or write does not hold (412, and 409 on AWS). */
export class PreconditionFailedError extends ObjectStoreError {}

/** A port that was asked for belongs to another program. */
export class PortTakenError extends Error {
  override readonly name = 'PortTakenError';

  constructor(variable: string, port: number, options: ErrorOptions = {}) {
    super(
      `Port ${port} is taken by another program. Choose another one: ${variable}=${port + 1} npm start`,
      options,
    );
  }
}

/** Two stand-ins cannot share one data folder. */
export class DataInUseError extends Error {
  override readonly name = 'DataInUseError';

  constructor(dataDir: string, options: ErrorOptions = {}) {
    super(
      `${dataDir} is in use by another npm start. Stop that one, or choose another folder: ` +
        'PILOTLIGHT_DATA=<folder> npm start',
      options,
    );
  }
}

/** For `.catch`: throws what went wrong, a taken port as {@link PortTakenError}. */
export function toPortTaken(variable: string, port: number): (cause: unknown) => never {
  return (cause) => {
    const isTaken = (cause as NodeJS.ErrnoException).code === 'EADDRINUSE';
    throw isTaken ? new PortTakenError(variable, port, { cause }) : cause;
  };
}

/** For `.catch`: throws what went wrong, a folder in use as {@link DataInUseError}. */
export function toDataInUse(dataDir: string): (cause: unknown) => never {
  return (cause) => {
    const isInUse = (cause as Error).message.endsWith(' is in use by another local S3 server');
    throw isInUse ? new DataInUseError(dataDir, { cause }) : cause;
  };
}

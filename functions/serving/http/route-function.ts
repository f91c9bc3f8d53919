import type { Config } from '../../runtime/config.ts';
import type { Log } from '../../runtime/log.ts';
import type { Route } from './route.ts';

/** What a process gives to a function without a model. */
export interface RouteFunctionHost {
  readonly config: Config;
  readonly log: Log;
  /** Aborted when the process has been told to end: work that can wait is to stop. */
  readonly stopping: AbortSignal;
}

/** A function without a model, open. */
export interface OpenRouteFunction {
  readonly routes: readonly Route[];
  /** Gives back what it holds, after the last answer. */
  close(): void;
}

/** A function that serves no model, but routes of its own. */
export interface RouteFunction {
  /** As in `FUNCTION_TARGET`. */
  readonly name: string;
  /**
   * Gets ready to answer.
   * @throws {ConfigurationError} When it cannot work with these settings, or with the store behind them.
   */
  open(host: RouteFunctionHost): Promise<OpenRouteFunction>;
}

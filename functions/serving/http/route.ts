import { InvalidRequestError, MethodNotAllowedError, NotFoundError } from '../../runtime/errors.ts';
import type { RequestContext } from './request-context.ts';

/** An answer, whole. */
export interface Reply {
  readonly status: number;
  readonly body: string | Uint8Array;
  /** None for an answer without content. */
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer that is written piece by piece. */
export interface StreamedReply {
  readonly status: number;
  /** Its iterator's `return` is called when the client goes, or the time is over. */
  readonly stream: AsyncIterable<Uint8Array>;
  /** On the clock of `performance.now()`: what is not written by then is cut off. */
  readonly deadlineMs: number;
  readonly contentType: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * How errors of a route look: ours, the Open Inference Protocol's, or ours with the status that tells a broker what
 * to do.
 */
export type ErrorForm = 'typed' | 'protocol' | 'event';

/** A JSON Schema, or another object of OpenAPI. */
export type ApiObject = Readonly<Record<string, unknown>>;

/** What `/openapi.json` says of a route beside its path. https://spec.openapis.org/oas/v3.1.1.html */
export interface RouteDescription {
  readonly summary: string;
  /** Parameter objects; those of the path are added. */
  readonly parameters?: readonly ApiObject[];
  /** By media type, as are the answers; none: the route reads no body. */
  readonly requestContent?: Readonly<Record<string, ApiObject>>;
  readonly responseContent: Readonly<Record<string, ApiObject>>;
  /** Of answers that are no errors. @default [200] */
  readonly statuses?: readonly number[];
  /** Header objects of the answer by name; those of every answer are added. */
  readonly responseHeaders?: Readonly<Record<string, ApiObject>>;
}

/** What one method of one path does. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'OPTIONS';
  /** Path with `{name}` for a part of a segment that varies, without colons; also the metrics label, so a closed set. */
  readonly path: string;
  /** Media types that a body may have; none: the route reads no body. */
  readonly accepts?: readonly string[];
  /** Whether a body without a content type is taken as the first of `accepts`. */
  readonly acceptsNoType?: boolean;
  /** Media types of the answers, the preferred one first, where there is a choice. */
  readonly produces?: readonly string[];
  /** @default the setting `MAX_BODY_BYTES` */
  readonly maxBodyBytes?: number;
  /** Predictions count in the metrics of inference. */
  readonly predicts?: boolean;
  /** Called when somebody asks for `/openapi.json`. */
  readonly describe?: () => RouteDescription;
  /**
   * @param parameters The segments that vary, decoded.
   * @param body Whole; empty for a route that reads none.
   */
  handle(
    context: RequestContext,
    parameters: Readonly<Record<string, string>>,
    body: Buffer,
  ): Reply | Promise<Reply | StreamedReply>;
}

/** A route that fits a request. */
export interface Match {
  readonly route: Route;
  readonly parameters: Readonly<Record<string, string>>;
}

/** Finds the route of a request. */
export type Router = (method: string, path: string) => Match;

/** Where brokers send to. */
const EVENT_PATHS = /^\/(?:dead-letters)?$/;
/** The Open Inference Protocol's and KServe's; other paths with a version are our own. */
const PROTOCOL_PATHS = /^\/(?:v2|v1(?!\/(?:batches|dead-letters)(?:\/|$)))(?:\/|$)/;

/** The error form that callers of `path` understand; events come by POST to `/` and `/dead-letters`. */
export function errorForm(path: string, method?: string): ErrorForm {
  if (EVENT_PATHS.test(path) && method === 'POST') return 'event';
  return PROTOCOL_PATHS.test(path) ? 'protocol' : 'typed';
}

/**
 * A router over a table of routes. HEAD is answered as GET, and OPTIONS of every path there is with the methods
 * that it has.
 * It throws {@link NotFoundError}, {@link MethodNotAllowedError} (with the methods that there are), or
 * {@link InvalidRequestError} when the path is not percent-encoded properly.
 */
export function createRouter(routes: readonly Route[]): Router {
  const compiled = routes.map((route) => ({ route, pattern: toPattern(route.path) }));
  // Most requests: one look-up in place of an expression per route.
  const fixed = new Map<string, Match>();
  for (const route of routes.filter(({ path }) => !path.includes('{'))) {
    const key = `${route.method} ${route.path}`;
    if (!fixed.has(key)) fixed.set(key, { route, parameters: {} });
  }
  return (method, path) => {
    const wanted = method === 'HEAD' ? 'GET' : method;
    const known = fixed.get(`${wanted} ${path}`);
    if (known !== undefined) return known;
    const fitting = compiled.filter(({ pattern }) => pattern.test(path));
    const found = fitting.find(({ route }) => route.method === wanted);
    if (found !== undefined) {
      return { route: found.route, parameters: decode(found.pattern.exec(path)?.groups ?? {}) };
    }
    const [first] = fitting;
    if (first === undefined) throw new NotFoundError('There is no such route');
    const methods = fitting.flatMap(({ route }) =>
      route.method === 'GET' ? ['GET', 'HEAD'] : [route.method],
    );
    const allow = [...methods, 'OPTIONS'];
    if (method === 'OPTIONS') {
      const handle = (): Reply => allowReply(allow);
      return { route: { method, path: first.route.path, handle }, parameters: {} };
    }
    throw new MethodNotAllowedError(`The route answers ${methods.join(', ')} only`, { allow });
  };
}

/** The answer to OPTIONS. */
export function allowReply(allow: readonly string[]): Reply {
  return { status: 204, body: '', headers: { allow: allow.join(', ') } };
}

function toPattern(path: string): RegExp {
  const escaped = path.replaceAll(/[.*+?^$()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(`^${escaped.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/:]+)')}$`);
}

function decode(groups: Readonly<Record<string, string>>): Record<string, string> {
  try {
    return Object.fromEntries(
      Object.entries(groups).map(([name, value]) => [name, decodeURIComponent(value)]),
    );
  } catch (cause) {
    throw new InvalidRequestError('The path is not percent-encoded properly', { cause });
  }
}

import {
  InvalidRequestError,
  ModelNotFoundError,
  ResponseTooLargeError,
  toInferenceEngineError,
} from '../functions/runtime/errors.ts';
import type { InferenceEngineError } from '../functions/runtime/errors.ts';
import { binaryMessage, createEvent, structuredText } from './message.ts';
import type { EventParts } from './message.ts';
import { outcomeOfError } from './outcome.ts';
import { receive } from './receive.ts';
import { replyTo } from './reply.ts';
import { EVENT_TYPES, MAX_EVENT_BYTES, MEDIA_TYPES } from './types.ts';
import type { HttpMessage, ReceivedEvent } from './wire/received-event.ts';

/** The model behind the events. Each call answers with JSON, as text. */
export interface InferenceModel {
  readonly name: string;
  /** A request of the Open Inference Protocol, in JSON. */
  infer(data: Buffer, contentType: string | undefined): Promise<string>;
  /** A body as `POST /predict` takes it. */
  predict(data: Buffer, contentType: string | undefined): Promise<string>;
  /**
   * Puts an answer into the tenant's bucket, once for each reply, and gives its address.
   * @throws {InvalidRequestError} When there is another object, or no bucket.
   */
  store(key: string, json: string, replyId: string): Promise<string>;
  /**
   * Does what an event of a type other than `inference.request` asks for; it gets no reply. Undefined where no such
   * work is done.
   * @throws {InvalidRequestError} When it is no event for this.
   */
  readonly work?: ((event: ReceivedEvent) => Promise<void>) | undefined;
}

/** An HTTP answer. */
export interface EventAnswer {
  readonly status: number;
  readonly body: string | Buffer;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A reply, its data as the JSON that the model gave. */
interface Answer {
  readonly parts: EventParts;
  readonly json: string | undefined;
}

/** Stores take 1,024 bytes. */
const MAX_KEY_LENGTH = 500;

/**
 * Answers events of the type `inference.request` with one of the type `inference.response` each, in binary mode; a
 * batch in batched mode, in its order.
 * @throws {InvalidRequestError} When the message is no event of that type, or asks for what cannot be.
 * @throws {ModelNotFoundError} When it is for another model.
 * @throws {ResponseTooLargeError} When the reply is larger than brokers carry, and the request names no place for it.
 */
export async function answerInference(
  message: HttpMessage,
  model: InferenceModel,
): Promise<EventAnswer> {
  const { isBatch, events } = receive(message, { batched: true, data: 'bytes' });
  if (isBatch) return await answerBatch(events, model);
  const [request] = events;
  const answer = request === undefined ? undefined : await answerOne(request, model);
  // Nothing to say is no content: with a body, a broker would look for an event in it.
  if (answer === undefined) {
    return { status: request?.event.type === EVENT_TYPES.inferenceRequest ? 204 : 202, body: '' };
  }
  const { parts, json } = answer;
  const event = createEvent(json === undefined ? parts : { ...parts, data: Buffer.from(json) });
  const { headers, body } = binaryMessage(event);
  const { 'content-type': contentType = 'application/json', ...others } = headers;
  // Without data there is no type of them either.
  return { status: 200, body, headers: others, ...(json === undefined ? {} : { contentType }) };
}

/**
 * Each event is answered by itself: one at fault by a reply with `errorcode` and `{error}`. What could succeed later
 * fails the batch as a whole, so that its sender tries again.
 */
async function answerBatch(
  events: readonly ReceivedEvent[],
  model: InferenceModel,
): Promise<EventAnswer> {
  const settled = await Promise.allSettled(events.map((one) => answerOne(one, model)));
  const texts: string[] = [];
  for (const [index, result] of settled.entries()) {
    const request = events[index] as ReceivedEvent;
    let answer = result.status === 'fulfilled' ? result.value : undefined;
    if (result.status === 'rejected') {
      if (outcomeOfError(result.reason).outcome !== 'dead-letter') throw result.reason as Error;
      answer = errorAnswer(request, model, toInferenceEngineError(result.reason));
    }
    if (answer === undefined) continue;
    const { parts, json } = answer;
    texts.push(structuredText(createEvent(parts), json));
  }
  return { status: 200, body: `[${texts.join(',')}]`, contentType: MEDIA_TYPES.batch };
}

/** `undefined` when nobody wants the answer any more, or none is wanted. */
async function answerOne(
  received: ReceivedEvent,
  model: InferenceModel,
): Promise<Answer | undefined> {
  const { event, bytes = Buffer.alloc(0), contentType } = received;
  if (model.work !== undefined && isWork(event.type)) {
    await model.work(received);
    return undefined;
  }
  if (event.type !== EVENT_TYPES.inferenceRequest) {
    throw new InvalidRequestError(
      `Events of the type ${shown(event.type)} are not taken here, only ${EVENT_TYPES.inferenceRequest}`,
    );
  }
  const { model: wanted = model.name, format = 'v2', outputkey, expirytime } = event;
  if (wanted !== model.name) {
    throw new ModelNotFoundError(`The model ${shown(wanted)} is not served here`);
  }
  if (format !== 'v2' && format !== 'predict') {
    throw new InvalidRequestError('The extension "format" must be predict, or v2, or left out');
  }
  if (outputkey !== undefined && !(typeof outputkey === 'string' && isOutputKey(outputkey))) {
    throw new InvalidRequestError(
      'The extension "outputkey" must be a key below out/ of the tenant’s own bucket',
    );
  }
  if (hasExpired(expirytime)) return undefined;

  const json = await (format === 'predict'
    ? model.predict(bytes, contentType)
    : model.infer(bytes, contentType));
  const extensions = { model: model.name, ...(format === 'predict' ? { format } : {}) };
  const parts = replyParts(event, model, extensions);
  const fits = isSmall(parts, json);
  if (outputkey === undefined) {
    if (fits) return { parts, json };
    throw new ResponseTooLargeError(
      `The reply is larger than ${MAX_EVENT_BYTES} bytes: say with the extension "outputkey" where to put it, or ask for less`,
    );
  }
  const dataref = await model.store(outputkey, json, parts.id);
  const referring: EventParts = { ...parts, dataref };
  // https://github.com/cloudevents/spec/blob/main/cloudevents/extensions/dataref.md: both, or the reference alone.
  if (isSmall(referring, json)) return { parts: referring, json };
  return { parts: { ...referring, datacontenttype: undefined }, json: undefined };
}

/** Types of events that `<model>-batch` Services take. */
function isWork(type: string): boolean {
  return type === EVENT_TYPES.chunkRequested || type === EVENT_TYPES.objectCreated;
}

function replyParts(
  event: ReceivedEvent['event'],
  { name }: InferenceModel,
  extensions: Readonly<Record<string, string>>,
): EventParts {
  return {
    ...replyTo(event, {
      type: EVENT_TYPES.inferenceResponse,
      source: `/models/${name}`,
      subject: event.subject,
      extensions,
    }),
    datacontenttype: 'application/json',
  };
}

function errorAnswer(
  { event }: ReceivedEvent,
  model: InferenceModel,
  { code, message, details }: InferenceEngineError,
): Answer {
  const error = { code, message, ...(details === undefined ? {} : { details }) };
  const parts = replyParts(event, model, { model: model.name, errorcode: code });
  return { parts, json: JSON.stringify({ error }) };
}

/** Whether a reply is one that every broker carries: its size in structured mode counts. */
function isSmall(parts: EventParts, json: string): boolean {
  const around = Buffer.byteLength(structuredText(createEvent(parts), ''));
  return around + Buffer.byteLength(json) <= MAX_EVENT_BYTES;
}

/** Keys below `out/`, without empty segments and dots that a store would resolve. */
function isOutputKey(key: string): boolean {
  const [first, ...rest] = key.split('/');
  const isPlain = rest.every((segment) => !['', '.', '..'].includes(segment));
  return first === 'out' && rest.length > 0 && isPlain && key.length <= MAX_KEY_LENGTH;
}

/** https://github.com/cloudevents/spec/blob/main/cloudevents/extensions/expirytime.md */
function hasExpired(expirytime: unknown): boolean {
  return typeof expirytime === 'string' && Date.parse(expirytime) < Date.now();
}

function shown(value: unknown): string {
  return JSON.stringify(String(value).slice(0, 100));
}

import type { PageCall, PageFacts, PageField } from '../page-facts.ts';
import { BODY_FILE, curlLine } from './curl-line.ts';
import { element } from './elements.ts';
import { fieldControl } from './field-control.ts';
import { requestOf } from './request-of.ts';
import type { PageRequest, Values } from './request-of.ts';
import { errorCode, sendRequest } from './send-request.ts';
import type { Outcome } from './send-request.ts';
import { showAnswer } from './show-answer.ts';
import { showFailure, showNoAnswer } from './show-failure.ts';
import { showTiming } from './show-timing.ts';

/** An answer that is not there by then makes people ask whether anything happens. */
const SLOW_MS = 700;
/** How long a model that is still loading is asked again. */
const PATIENCE_MS = 120_000;

const DEADLINE: PageField = {
  name: 'deadline',
  kind: 'number',
  description: 'Milliseconds in which the answer must be there; empty leaves it to the function',
  isRequired: true,
  isInteger: true,
  min: 1,
};

/** Form, command and answer of one route. */
export function callPanel(facts: PageFacts, call: PageCall, root: string): HTMLElement {
  const prefix = call.path.replaceAll('/', '-');
  const refresh = (): void => void showCommand();
  const controls = [...call.fields, ...call.options].map((field) =>
    fieldControl(field, `${prefix}-${field.name}`, refresh),
  );
  const deadline = fieldControl(DEADLINE, `${prefix}-deadline`, refresh);
  const command = element('code');
  const note = element('p', { class: 'help' }, `${BODY_FILE} is to have the text from above.`);
  const copy = element('button', { type: 'button', class: 'quiet' }, 'Copy');
  const submit = element('button', { type: 'submit' }, 'Send');
  const cancel = element('button', { type: 'button', class: 'quiet', hidden: true }, 'Cancel');
  const status = element('p', { class: 'status', role: 'status' });
  const answer = element('div', { class: 'answer', 'aria-live': 'polite' });
  const [own, more] = [controls.slice(0, call.fields.length), controls.slice(call.fields.length)];
  const form = element(
    'form',
    { novalidate: true, 'aria-label': `POST ${call.path}` },
    element('p', { class: 'help' }, call.description),
    ...own.map((control) => control.root),
    element(
      'details',
      {},
      element('summary', {}, 'Options'),
      ...[...more, deadline].map((control) => control.root),
    ),
    element('p', { class: 'actions' }, submit, cancel),
    status,
  );
  let running: AbortController | undefined;

  const valuesNow = (): Values =>
    Object.fromEntries(
      controls.flatMap(({ name, read }) => {
        const value = read();
        return value === undefined ? [] : [[name, value] as const];
      }),
    );
  const requestNow = (): Promise<PageRequest> =>
    requestOf(call, valuesNow(), Number(deadline.read() ?? 0));
  const showCommand = async (): Promise<void> => {
    command.textContent = curlLine(root, await requestNow());
    note.hidden = !command.textContent.includes(BODY_FILE);
  };
  const say = (words: string): void => {
    status.textContent = words;
  };

  const send = async (): Promise<void> => {
    running?.abort();
    const calling = new AbortController();
    running = calling;
    cancel.hidden = false;
    answer.classList.add('old');
    try {
      const values = valuesNow();
      const outcome = await patiently(root, await requestNow(), calling.signal, say);
      answer.replaceChildren(...contentOf(facts, call, values, outcome));
      say('');
    } catch (cause) {
      if (calling.signal.aborted) say(running === calling ? 'Cancelled' : '');
      else {
        answer.replaceChildren(showNoAnswer(cause));
        say('');
      }
    } finally {
      if (running === calling) {
        cancel.hidden = true;
        answer.classList.remove('old');
      }
    }
  };
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void send();
  });
  cancel.addEventListener('click', () => running?.abort());
  copy.addEventListener('click', () => {
    void navigator.clipboard.writeText(command.textContent ?? '').then(() => {
      copy.textContent = 'Copied';
    });
  });
  copy.hidden = !window.isSecureContext;
  for (const { name, fill } of controls) {
    if (name in call.sample) fill(call.sample[name]);
  }
  refresh();

  return element(
    'div',
    { class: 'call' },
    form,
    element(
      'section',
      { class: 'result', 'aria-label': 'Answer' },
      element('h2', {}, 'Answer'),
      answer,
    ),
    element(
      'section',
      { class: 'command', 'aria-label': 'Command' },
      element('h2', {}, 'The same with curl', copy),
      element('pre', { tabindex: 0 }, command),
      note,
    ),
  );
}

/** Sends a request, and again while the model is still loading. */
async function patiently(
  root: string,
  request: PageRequest,
  signal: AbortSignal,
  say: (words: string) => void,
): Promise<Outcome> {
  const startedMs = performance.now();
  say('Sending…');
  const slow = setTimeout(() => say('Waiting… a function at zero is starting first.'), SLOW_MS);
  try {
    for (;;) {
      const outcome = await sendRequest(root, request, signal);
      const { status, json, retryAfter = 1 } = outcome;
      const isStarting = status === 503 && errorCode(json) === 'MODEL_LOAD';
      if (!isStarting || performance.now() - startedMs > PATIENCE_MS) return outcome;
      clearTimeout(slow);
      say(`Starting… the model is still loading; asking again every ${retryAfter} s.`);
      await pause(retryAfter * 1000, signal);
    }
  } finally {
    clearTimeout(slow);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    });
  });
}

function contentOf(
  { labels }: PageFacts,
  { notes }: PageCall,
  values: Values,
  outcome: Outcome,
): HTMLElement[] {
  const { status, json, text } = outcome;
  const isAnswer = status === 200 && json !== undefined;
  return [
    ...(isAnswer ? showAnswer(json, { values, labels, notes }) : [showFailure(outcome)]),
    ...showTiming(outcome),
    element(
      'details',
      {},
      element('summary', {}, 'JSON'),
      element(
        'pre',
        { tabindex: 0 },
        json === undefined ? text : JSON.stringify(json, undefined, 2),
      ),
    ),
  ];
}

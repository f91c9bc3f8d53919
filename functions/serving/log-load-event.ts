import type { LoadEvent } from '../../models/loader/load-event.ts';
import type { Log } from '../runtime/log.ts';

/** Writes what the loader tells: failed attempts, an unusable cache, a lost process are worth a warning. */
export function logLoadEvent(log: Log, event: LoadEvent): void {
  const { event: message, ...fields } = event;
  const loader = log.named('loader');
  switch (event.event) {
    case 'attempt-failed':
    case 'cache-corrupt':
    case 'cache-unusable':
    case 'session-lost':
    case 'session-failed':
      loader.warn(message, fields);
      return;
    case 'phase':
    case 'request':
      loader.debug(message, fields);
      return;
    case 'cache-hit':
    case 'cache-stored':
    case 'session-started':
      loader.info(message, fields);
  }
}

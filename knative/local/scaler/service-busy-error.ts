/** Too many requests wait for one Service; the message is queue-proxy's own. */
export class ServiceBusyError extends Error {
  override readonly name = 'ServiceBusyError';

  constructor() {
    super('pending request queue full');
  }
}

const ENDS_AT_ONCE = 'At a signal the framework ends the process, whatever is in flight';
const OWN_SERVER = 'The framework makes the server, with the limit that Node has: 16 KiB';

/** What `npx functions-framework` does not let us do: suite → test → why. */
export const FRAMEWORK_EXCEPTIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'header limit': { 'is MAX_HEADER_BYTES': OWN_SERVER },
  shutdown: {
    'lets a request in flight finish, refuses new ones, then ends well': ENDS_AT_ONCE,
    'answers 503 on a connection from before': ENDS_AT_ONCE,
    'answers all that keep-alive clients send while it goes': ENDS_AT_ONCE,
    'ends well at SIGINT too': ENDS_AT_ONCE,
    'ends at once when it is told twice': ENDS_AT_ONCE,
  },
  grace: { 'ends badly when a request takes longer than SHUTDOWN_GRACE_MS': ENDS_AT_ONCE },
};

// The least that can answer a probe: what its latency is, the machine does.
import { createServer } from 'node:http';

createServer((_request, response) => response.end('{"live":true}')).listen(
  Number(process.env.PORT),
);

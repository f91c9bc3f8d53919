import { parseCLI, startVitest } from 'vitest/node';

/** Projects of vitest.config.ts that need nothing but this machine. */
const PROJECTS = ['unit', 'integration', 'docs', 'faults'];

// Tests start programs that look for the bootstrap when they see this.
delete process.env['PILOTLIGHT_PARENT_PID'];

/** What lets things go wrong, in numbers: `npm run test:faults`. */
const FAULTS = ['faults', 'faults-minio'];

/** Test files at once where most of the time is spent waiting. */
const WAITING_WORKERS = 2;

const { filter, options } = parseCLI(['vitest', 'run', ...process.argv.slice(2)]);
const cluster = process.env['KUBECONFIG'] === undefined ? [] : ['cluster'];
const isFaults = [options.project].flat().join() === 'faults';
if (isFaults) Object.assign(process.env, { JOB_SEEDS: '200', FAULT_PROCESSES: '1' }, process.env);
// These wait most of their time: for leases that run out, for processes that come back.
const workers = isFaults ? { maxWorkers: WAITING_WORKERS } : {};
const project = isFaults ? FAULTS : (options.project ?? [...PROJECTS, ...cluster]);
const vitest = await startVitest('test', filter, { ...workers, ...options, project, watch: false });
await vitest?.close();

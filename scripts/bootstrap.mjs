// The one file that runs before anything is installed: every `npm run` command on any Node >= 20. It
// installs the packages when they are missing or old, then hands over to the pinned Node 24 among them.
// package.json runs it with `exec`: without it, npm's shell stands between npm and us, passes no signal on,
// and hides the death of npm.
import { spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const NODE_MAJOR = 24;
const SCRIPTS = [
  'start',
  'test',
  'check',
  'docs',
  'build',
  'models',
  'deploy',
  'bench',
  'doctor',
  'config',
  'batch',
  'events',
];
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const POLL_MS = 500;
// No install scripts: package.json refuses them too, but npm before 11 does not know that field. Under
// NODE_ENV=production npm would leave out what the scripts need.
const NPM_CI = [
  'ci',
  '--ignore-scripts',
  '--include=dev',
  '--include=optional',
  '--loglevel=error',
];

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');
const [name = '', ...args] = process.argv.slice(2);

if (!SCRIPTS.includes(name)) {
  fail(`node scripts/bootstrap.mjs ${SCRIPTS.join('|')} [arguments]`);
}
await ensureInstalled();
process.exitCode = await run(pinnedNode(), [join(root, 'scripts', `${name}.ts`), ...args]);

/** Says why and ends. */
function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

/** Whether node_modules holds what package-lock.json says; npm writes its own account of it at the end. */
function isInstalled() {
  let wanted;
  let found;
  try {
    wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
    found = JSON.parse(readFileSync(join(modules, '.package-lock.json'), 'utf8')).packages;
  } catch {
    return false;
  }
  return Object.entries(wanted).every(([path, { version, integrity, optional }]) => {
    if (path === '') return true;
    const installed = found[path];
    // Optional packages are for other platforms too.
    if (installed === undefined) return optional === true;
    return installed.version === version && installed.integrity === integrity;
  });
}

async function ensureInstalled() {
  if (isInstalled()) return;
  const release = await lock();
  try {
    // Whoever held the lock before us may have done it.
    if (!isInstalled()) await install();
  } finally {
    release();
  }
}

async function install() {
  process.stderr.write('Installing packages (npm ci); once, or after they have changed …\n');
  const cli = process.env.npm_execpath ?? '';
  const [command, before] = cli.endsWith('npm-cli.js') ? [process.execPath, [cli]] : ['npm', []];
  const child = spawn(command, [...before, ...NPM_CI], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = [];
  child.stdout.on('data', (chunk) => output.push(chunk));
  child.stderr.on('data', (chunk) => output.push(chunk));
  const code = await ended(child);
  if (code === 0) return;
  process.stderr.write(Buffer.concat(output));
  // The doctor needs no packages to say that they are missing.
  if (name === 'doctor') return;
  fail(`npm ${NPM_CI.join(' ')} failed with exit code ${code}; its words are above.`);
}

/**
 * One install at a time. The lock is a file with the pid of its holder, linked into place so that it never
 * exists without its content; that of a process which is gone counts for nothing.
 * @returns {Promise<() => void>} Gives the lock back.
 */
async function lock() {
  const dir = join(root, '.pilotlight');
  mkdirSync(dir, { recursive: true });
  const path = join(dir, 'install.lock');
  const own = join(dir, `install.${randomUUID()}`);
  writeFileSync(own, String(process.pid));
  let waitsFor = '';
  while (!linked(own, path)) {
    const holder = holderOf(path);
    if (holder === undefined) {
      setAside(path, join(dir, `install.${randomUUID()}`));
      continue;
    }
    if (holder !== waitsFor) {
      process.stderr.write(`Process ${holder} is installing packages; waiting for it …\n`);
      waitsFor = holder;
    }
    await delay(POLL_MS);
  }
  rmSync(own, { force: true });
  const release = () => {
    process.off('exit', release);
    rmSync(path, { force: true });
  };
  process.on('exit', release);
  return release;
}

/** Makes `alias` a second name of the file; false when that name is taken. */
function linked(file, alias) {
  try {
    linkSync(file, alias);
    return true;
  } catch (cause) {
    if (cause.code !== 'EEXIST') throw cause;
    return false;
  }
}

/** The pid of the living process that holds the lock at `path`; `undefined` when there is none. */
function holderOf(path) {
  let pid;
  try {
    pid = readFileSync(path, 'utf8');
    process.kill(Number(pid), 0);
    return pid;
  } catch (cause) {
    return cause.code === 'EPERM' ? pid : undefined;
  }
}

/** Removes a dead lock; only one of several that try gets it, and a lock that is alive after all goes back. */
function setAside(path, aside) {
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  if (holderOf(aside) !== undefined) linked(aside, path);
  rmSync(aside, { force: true });
}

/** The Node among the packages, or the running one where there is none for this system. */
function pinnedNode() {
  const packaged = join(modules, '.bin', 'node');
  if (existsSync(packaged)) {
    const { stdout } = spawnSync(packaged, ['--version'], { encoding: 'utf8' });
    if (stdout?.startsWith(`v${NODE_MAJOR}.`)) return packaged;
  }
  if (process.versions.node.startsWith(`${NODE_MAJOR}.`)) return process.execPath;
  fail(
    `Node ${NODE_MAJOR} is needed. It comes with the packages on Linux (x64, arm64, glibc); on ` +
      `${process.platform}-${process.arch} please install it (https://nodejs.org) and run this again ` +
      `with it. This is Node ${process.versions.node}.`,
  );
}

/** Runs the script with our terminal. Resolves with its exit code. */
function run(node, nodeArgs) {
  const path = [join(modules, '.bin'), process.env.PATH ?? ''].join(delimiter);
  const child = spawn(node, nodeArgs, {
    cwd: root,
    stdio: 'inherit',
    // The script looks whether we still live, since it would not hear of our death.
    env: { ...process.env, PATH: path, PILOTLIGHT_PARENT_PID: String(process.pid) },
  });
  return ended(child);
}

/** Resolves with the exit code of `child`. Signals that we get are passed on to it: it decides. */
function ended(child) {
  const pass = (signal) => child.kill(signal);
  for (const signal of SIGNALS) process.on(signal, pass);
  const watch = watchParent(() => child.kill('SIGTERM'));
  return new Promise((resolve) => {
    const end = (code) => {
      clearInterval(watch);
      for (const signal of SIGNALS) process.off(signal, pass);
      resolve(code);
    };
    child.once('error', (cause) => {
      process.stderr.write(`${cause.message}\n`);
      end(1);
    });
    // 128 + the number of the signal, as shells say it.
    child.once('close', (code, signal) => end(code ?? 128 + constants.signals[signal]));
  });
}

/** Under npm, calls `onDeath` when npm is gone: it passes signals on, but cannot pass on SIGKILL. */
function watchParent(onDeath) {
  if (process.env.npm_lifecycle_event === undefined) return undefined;
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    onDeath();
  }, POLL_MS);
  return watch;
}

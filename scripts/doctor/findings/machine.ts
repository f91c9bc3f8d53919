import type { FindingTable } from '../finding.ts';

/** What can be wrong with the machine. */
export const MACHINE_FINDINGS = {
  NODE_WRONG_VERSION: {
    severity: 'error',
    what: 'This is not the Node that the project runs on',
    why: 'TypeScript is run as it stands; other versions refuse some of it or behave otherwise',
    fix: 'Start scripts with `npm run …`, which takes the Node of the packages; where there is none for your system, install the version named here',
  },
  NODE_PACKAGE_MISSING: {
    severity: 'info',
    what: 'The Node of the packages is not there',
    why: 'It exists for Linux with glibc on x64 and arm64; elsewhere the installed Node serves',
    fix: 'On such a Linux: `npm ci`. Elsewhere there is nothing to do',
  },
  NODE_PACKAGE_BROKEN: {
    severity: 'warning',
    what: 'The Node of the packages does not run, or is another version',
    why: '`npm run …` passes it over and takes the installed Node',
    fix: '`npm ci`; when it stays so, the packaged Node is for another system (musl, another CPU)',
  },
  PACKAGES_NOT_INSTALLED: {
    severity: 'error',
    what: 'The packages are not installed',
    why: 'Nothing but this doctor can run',
    fix: '`npm ci --ignore-scripts`; when it fails, npm cannot reach its registry: `npm ping`, `npm config get registry`',
  },
  PACKAGES_OUT_OF_STEP: {
    severity: 'error',
    what: 'Installed packages are not those of package-lock.json',
    why: 'The code runs with versions that it was not tested with, or not at all',
    fix: '`npm ci --ignore-scripts`',
  },
  SETTINGS_INVALID: {
    severity: 'error',
    what: 'Settings of `npm start` are not valid',
    why: '`npm start` refuses to begin',
    fix: 'Correct or unset the variables named; docs/CONFIGURATION.md has the rules',
  },
  PORT_TAKEN: {
    severity: 'error',
    what: 'A port that `npm start` needs is taken',
    why: '`npm start` ends with exit code 1',
    fix: 'End the process named, or choose other ports: `PORT=8081 S3_PORT=9001 npm start`',
  },
  PORT_NOT_ALLOWED: {
    severity: 'error',
    what: 'A port that `npm start` needs may not be opened',
    why: 'Low ports are for privileged users',
    fix: 'Choose a port from 1024: `PORT=8080 S3_PORT=9000 npm start`',
  },
  STAND_IN_RUNNING: {
    severity: 'info',
    what: '`npm start` is running already',
    why: 'A second one needs ports and a data folder of its own',
    fix: 'Nothing, or `PORT=8081 S3_PORT=9001 npm start` for a second',
  },
  DATA_NOT_WRITABLE: {
    severity: 'error',
    what: 'The data folder cannot be written',
    why: '`npm start` keeps its objects there',
    fix: 'Give yourself the right, or name another folder: `PILOTLIGHT_DATA=/path npm start`',
  },
  DATA_SPACE_LOW: {
    severity: 'warning',
    what: 'Little space is left for the data folder',
    why: 'Models and predictions are stored there; a full disk refuses uploads',
    fix: 'Make room, or name a folder on another disk: `PILOTLIGHT_DATA=/path npm start`',
  },
  DATA_IN_USE: {
    severity: 'warning',
    what: 'Another process holds the data folder',
    why: 'Two stores over one folder would destroy each other’s files, so the second refuses',
    fix: 'End the other `npm start`, or give this one a folder: `PILOTLIGHT_DATA=/path npm start`',
  },
  PYTHON_MISSING: {
    severity: 'info',
    what: 'There is no python3',
    why: 'Tests with clients in Python (boto3 and others) are skipped; nothing else needs it',
    fix: 'Install Python 3 when you want those tests',
  },
  PYTHON_WITHOUT_VENV: {
    severity: 'info',
    what: 'python3 cannot make virtual environments',
    why: 'Tests with clients in Python are skipped; nothing else needs it',
    fix: 'Install the venv module (Debian: `apt-get install python3-venv`)',
  },
  IMAGE_BUILDER_MISSING: {
    severity: 'error',
    what: 'Nothing here can build images',
    why: '`npm run deploy` builds the image that it deploys',
    fix: 'Install buildah (or docker) and put it on the PATH',
  },
  DOCKER_DAEMON_DOWN: {
    severity: 'error',
    what: 'docker is installed but its daemon does not answer',
    why: '`npm run deploy` builds with it, since there is no buildah',
    fix: 'Start it (`systemctl start docker`), or install buildah, which needs no daemon',
  },
} as const satisfies FindingTable;

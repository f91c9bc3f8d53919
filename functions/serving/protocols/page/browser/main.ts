import type { PageFacts } from '../page-facts.ts';
import { callPanel } from './call-panel.ts';
import { element } from './elements.ts';
import { tabs } from './tabs.ts';

const facts = JSON.parse(document.querySelector('#facts')?.textContent ?? '') as PageFacts;

/** Where the function is, with a slash at the end: a router may have put it below a path of its own. */
const root = `${location.origin}${location.pathname.replace(/\/*$/, '/')}`;

document
  .querySelector('header')
  ?.append(
    element(
      'p',
      { class: 'facts' },
      ...[
        `version ${facts.version}`,
        facts.task,
        facts.licence,
        `sha256:${facts.digest.slice(0, 12)}…`,
      ].map((fact) => element('span', {}, fact)),
      element('a', { href: `${root}info` }, 'info'),
      element('a', { href: `${root}openapi.json` }, 'openapi.json'),
    ),
  );
document.querySelector('main')?.append(
  ...(facts.calls.length === 0
    ? [
        element(
          'p',
          {},
          'The tensors of this model are too large to be written here: see openapi.json.',
        ),
      ]
    : tabs(
        facts.calls.map((call) => ({
          title: `/${call.path}`,
          panel: callPanel(facts, call, root),
        })),
      )),
);

import { createHash } from 'node:crypto';

import type { Reply } from '../../http/route.ts';
import type { ModelService } from '../../service.ts';
import { readAssets } from './assets.ts';
import type { ApiDocument } from './api-document.ts';
import { describeCalls } from './describe-calls.ts';
import type { PageFacts } from './page-facts.ts';
import { tensorsCall } from './tensors-call.ts';

/** More classes than that are not listed. */
const MAX_LABELS = 1000;

const { script, style } = readAssets();

/** A small flame; without an icon browsers ask the function for one. */
const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath fill='%23e8590c' " +
  "d='M8 0c1 4 5 5 5 10a5 5 0 0 1-10 0c0-2 1-3 2-4 0 2 1 3 2 3 2-3 0-6 1-9z'/%3E%3C/svg%3E";

/** What the page is made of. */
type PagedService = Pick<ModelService, 'definition' | 'model'>;

/**
 * The page on which a function can be tried: one document that asks for nothing but predictions. What it can
 * try it takes from `/openapi.json`. Loaded when somebody first opens it, so it imports nothing large.
 */
export async function makePage(service: PagedService, api: unknown): Promise<Reply> {
  return {
    status: 200,
    body: documentOf(await factsOf(service, api as ApiDocument)),
    contentType: 'text/html; charset=utf-8',
    headers: {
      'cache-control': 'no-cache',
      'content-security-policy': POLICY,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    },
  };
}

/** Nothing from elsewhere, nothing inline but what is written here, no frame around it. https://www.w3.org/TR/CSP3/ */
const POLICY = [
  "default-src 'none'",
  `script-src ${hashSource(script)}`,
  `style-src ${hashSource(style)}`,
  'img-src blob: data:',
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

function hashSource(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

async function factsOf(service: PagedService, api: ApiDocument): Promise<PageFacts> {
  const { manifest, digest, labels } = service.model;
  const { example, sample, endpoints = [] } = service.definition;
  const own: unknown = sample === undefined ? example : await sample();
  const samples: Record<string, unknown> = { '/predict': own };
  for (const endpoint of endpoints) {
    samples[endpoint.path] =
      endpoint.sample === undefined ? endpoint.example : await endpoint.sample();
  }
  const tensors = await tensorsCall(service, own);
  const calls = describeCalls(api, samples);
  return {
    model: manifest.name,
    version: String(manifest.version),
    description: manifest.description,
    task: manifest.task,
    licence: manifest.licence,
    digest,
    labels: labels.length > MAX_LABELS ? [] : labels,
    // People have files, programs have JSON; the protocol comes last.
    calls: [
      ...calls.filter(({ body }) => body === 'form'),
      ...calls.filter(({ body }) => body !== 'form'),
      ...(tensors === undefined ? [] : [tensors]),
    ],
  };
}

function documentOf(facts: PageFacts): string {
  // In a script, "<" could only begin its end.
  const json = JSON.stringify(facts).replaceAll('<', String.raw`\u003c`);
  const name = escape(facts.model);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${name} · Pilotlight</title>
<link rel="icon" href="${ICON}">
<style>${style}</style>
</head>
<body>
<header>
<h1>${name}</h1>
<p>${escape(facts.description)}</p>
</header>
<main></main>
<noscript><p>This page needs JavaScript. The function itself does not: see its openapi.json.</p></noscript>
<script type="application/json" id="facts">${json}</script>
<script>${script}</script>
</body>
</html>
`;
}

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

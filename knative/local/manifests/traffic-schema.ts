import * as z from 'zod';

import { implemented, refused } from './effects.ts';

const target = z
  .strictObject({
    revisionName: implemented(
      z.string().min(1).optional(),
      'a revision of this run or of an earlier one with the same data folder',
    ),
    latestRevision: implemented(z.boolean().optional(), 'the newest revision that was ready'),
    percent: implemented(
      z.int().min(0).max(100).optional(),
      'chance of each request; none with a tag is 0',
    ),
    tag: implemented(
      z
        .string()
        .regex(/^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/, 'must be a DNS label that starts with a letter')
        .optional(),
      '<tag>-<service>.localhost, /<tag>-<service>/… and the header Knative-Serving-Tag, which a cluster reads only with tag-header-based-routing',
    ),
    configurationName: refused('a Service has one configuration, its own'),
    url: refused('Knative writes it, into the status'),
  })
  .superRefine(({ revisionName, latestRevision }, context) => {
    if (latestRevision !== undefined && latestRevision === (revisionName !== undefined)) {
      context.addIssue({
        code: 'custom',
        path: ['latestRevision'],
        message: `may not be ${latestRevision} ${revisionName === undefined ? 'without' : 'beside'} revisionName`,
      });
    }
  });

/** `spec.traffic` of a Service, by Knative's rules: pkg/apis/serving/v1/route_validation.go */
export const trafficTargets = z.array(target).superRefine((targets, context) => {
  const sum = targets.reduce((total, { percent = 0 }) => total + percent, 0);
  if (sum !== 100) {
    context.addIssue({ code: 'custom', message: `the percents are ${sum} together, must be 100` });
  }
  for (const [index, { tag }] of targets.entries()) {
    if (tag !== undefined && targets.findIndex((other) => other.tag === tag) !== index) {
      context.addIssue({
        code: 'custom',
        path: [index, 'tag'],
        message: `${tag} is given twice`,
      });
    }
  }
});

import { randomUUID } from 'node:crypto';

import { notImplemented, S3Error } from '../s3-error.ts';
import type { XmlElement, XmlNode } from '../xml.ts';

/** When some objects of a bucket go by themselves. */
export interface LifecycleRule {
  readonly id: string;
  readonly isEnabled: boolean;
  readonly applies: LifecycleFilter;
  /** Whole days after its last write until an object goes. */
  readonly expireDays?: number;
  /** Midnight from which on every object goes, in ms since 1970. */
  readonly expireDateMs?: number;
  /** Whether a delete marker goes that has no version left to hide. */
  readonly expireLoneMarkers?: boolean;
  /** Whole days after it was replaced until a version goes. */
  readonly noncurrentDays?: number;
  /** How many replaced versions stay whatever their age. */
  readonly keepNoncurrent?: number;
  /** Whole days until an upload in parts that nobody completed goes. */
  readonly abortDays?: number;
  /** The rule as it was put. */
  readonly written: XmlNode;
}

/** Which objects a rule is about; what is missing does not matter. */
export interface LifecycleFilter {
  readonly prefix: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly aboveBytes?: number;
  readonly belowBytes?: number;
}

const MAX_RULES = 1000;
const MAX_ID_LENGTH = 255;
const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * The rules in a `LifecycleConfiguration` document.
 * @throws {S3Error} When it is not valid, by MinIO's codes, or asks for what this server would not do.
 */
export function parseLifecycle(root: XmlElement): LifecycleRule[] {
  if (root.name !== 'LifecycleConfiguration') {
    throw new S3Error('MalformedXML', 'Expecting LifecycleConfiguration.');
  }
  const rules = elements(root, 'Rule').map(parseRule);
  if (rules.length === 0 || rules.length > MAX_RULES) invalid(`Expecting 1 to ${MAX_RULES} rules.`);
  if (new Set(rules.map(({ id }) => id)).size < rules.length) invalid('Two rules have one ID.');
  return rules;
}

/** The document that `parseLifecycle` reads. */
export function lifecycleDocument(rules: readonly LifecycleRule[]): XmlNode {
  return ['LifecycleConfiguration', rules.map(({ written }) => written)];
}

const RULE_ELEMENTS = [
  'ID',
  'Status',
  'Prefix',
  'Filter',
  'Expiration',
  'NoncurrentVersionExpiration',
  'AbortIncompleteMultipartUpload',
];

function parseRule(element: XmlElement): LifecycleRule {
  const unknown = element.children.find(({ name }) => !RULE_ELEMENTS.includes(name))?.name;
  if (unknown?.endsWith('Transition')) {
    throw new S3Error('InvalidStorageClass', 'There is no other storage class to move objects to.');
  }
  if (unknown !== undefined) throw notImplemented(`A lifecycle rule with ${unknown}`);
  const given = text(element, 'ID');
  const id = given === undefined || given === '' ? randomUUID() : given;
  if (id.length > MAX_ID_LENGTH) invalid(`The ID of a rule has up to ${MAX_ID_LENGTH} characters.`);
  const status = text(element, 'Status');
  if (status !== 'Enabled' && status !== 'Disabled') invalid('Status must be Enabled or Disabled.');
  const actions = { ...parseExpiration(element), ...parseNoncurrent(element) };
  if (Object.keys(actions).length === 0) {
    invalid('A rule needs Expiration or NoncurrentVersionExpiration.');
  }
  const abort = child(element, 'AbortIncompleteMultipartUpload');
  return {
    id,
    isEnabled: status === 'Enabled',
    applies: parseFilter(element),
    ...actions,
    ...(abort && { abortDays: days(abort, 'DaysAfterInitiation') }),
    written: writtenRule(element, id),
  };
}

function parseExpiration(rule: XmlElement): Partial<LifecycleRule> {
  const expiration = child(rule, 'Expiration');
  if (expiration === undefined) return {};
  const [only, ...rest] = expiration.children;
  if (only === undefined || rest.length > 0) {
    invalid('Expiration has one of Days, Date and ExpiredObjectDeleteMarker.');
  }
  if (only.name === 'Days') return { expireDays: days(expiration, 'Days') };
  if (only.name === 'ExpiredObjectDeleteMarker') {
    return { expireLoneMarkers: only.text.trim() === 'true' };
  }
  if (only.name !== 'Date') throw notImplemented(`Expiration with ${only.name}`);
  const expireDateMs = Date.parse(only.text.trim());
  if (Number.isNaN(expireDateMs) || expireDateMs % DAY_MS !== 0) {
    invalid('The Date of an Expiration must be a midnight in UTC.');
  }
  return { expireDateMs };
}

function parseNoncurrent(rule: XmlElement): Partial<LifecycleRule> {
  const element = child(rule, 'NoncurrentVersionExpiration');
  if (element === undefined) return {};
  const keep = text(element, 'NewerNoncurrentVersions');
  return {
    noncurrentDays: days(element, 'NoncurrentDays'),
    ...(keep === undefined ? {} : { keepNoncurrent: wholeNumber(keep, 0) }),
  };
}

function parseFilter(rule: XmlElement): LifecycleFilter {
  const filter = child(rule, 'Filter');
  const all = filter && (child(filter, 'And') ?? filter);
  const tags = elements(all, 'Tag').map((tag) => [
    text(tag, 'Key') ?? '',
    text(tag, 'Value') ?? '',
  ]);
  const above = text(all, 'ObjectSizeGreaterThan');
  const below = text(all, 'ObjectSizeLessThan');
  return {
    prefix: text(all, 'Prefix') ?? text(rule, 'Prefix') ?? '',
    tags: Object.fromEntries(tags) as Record<string, string>,
    ...(above === undefined ? {} : { aboveBytes: wholeNumber(above, 0) }),
    ...(below === undefined ? {} : { belowBytes: wholeNumber(below, 1) }),
  };
}

/** As it came, in S3's namespace, with the ID that it has now. */
function writtenRule(rule: XmlElement, id: string): XmlNode {
  const nodes = rule.children.filter(({ name }) => name !== 'ID').map(nodeOf);
  return ['Rule', [['ID', id], ...nodes]];
}

function nodeOf({ name, text: content, children }: XmlElement): XmlNode {
  return [name, children.length === 0 ? content : children.map(nodeOf)];
}

function elements(parent: XmlElement | undefined, name: string): readonly XmlElement[] {
  return parent?.children.filter((one) => one.name === name) ?? [];
}

function child(parent: XmlElement, name: string): XmlElement | undefined {
  return elements(parent, name)[0];
}

function text(parent: XmlElement | undefined, name: string): string | undefined {
  return elements(parent, name)[0]?.text;
}

function days(parent: XmlElement, name: string): number {
  return wholeNumber(text(parent, name) ?? '', 1);
}

function wholeNumber(value: string, least: number): number {
  const number = /^\d{1,15}$/.test(value.trim()) ? Number(value) : -1;
  if (number < least) invalid(`'${value}' must be a whole number of at least ${least}.`);
  return number;
}

function invalid(message: string): never {
  throw new S3Error('InvalidArgument', message);
}

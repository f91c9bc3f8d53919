import { S3Error } from '../s3-error.ts';
import { optional } from '../xml.ts';
import type { XmlElement, XmlNode } from '../xml.ts';
import { coversEvent, isEventPattern } from './event-names.ts';
import type { EventName } from './event-names.ts';

/** Which events of a bucket go to which target. */
export interface NotificationRule {
  readonly id: string | undefined;
  /** `arn:minio:sqs:<region or nothing>:<target>:webhook` */
  readonly arn: string;
  /** Names, or patterns such as `s3:ObjectCreated:*`. */
  readonly events: readonly string[];
  readonly prefix: string | undefined;
  readonly suffix: string | undefined;
}

const ARN = /^arn:minio:sqs:[^:]*:([^:]+):webhook$/;

/** The name of the target in an ARN. */
function targetOf(arn: string): string | undefined {
  return ARN.exec(arn)?.[1];
}

/** Names of the targets that hear of an event, each once. */
export function targetsOf(
  rules: readonly NotificationRule[],
  name: EventName,
  key: string,
): ReadonlySet<string> {
  const matching = rules.filter(
    ({ events, prefix = '', suffix = '' }) =>
      events.some((pattern) => coversEvent(pattern, name)) &&
      key.startsWith(prefix) &&
      key.endsWith(suffix),
  );
  return new Set(matching.flatMap(({ arn }) => targetOf(arn) ?? []));
}

/**
 * The rules in a `NotificationConfiguration` document.
 * @param targets the names that exist
 * @throws {S3Error} When it asks for something this server, and MinIO, cannot do.
 */
export function parseRules(root: XmlElement, targets: ReadonlySet<string>): NotificationRule[] {
  if (root.name !== 'NotificationConfiguration') {
    throw new S3Error('MalformedXML', 'Expecting NotificationConfiguration.');
  }
  const other = root.children.find(({ name }) => name !== 'QueueConfiguration');
  if (other !== undefined) {
    throw new S3Error('UnsupportedNotification', `${other.name} is not possible here.`);
  }
  return root.children.map((element) => parseRule(element, targets));
}

function parseRule(element: XmlElement, targets: ReadonlySet<string>): NotificationRule {
  const texts = (name: string): string[] =>
    element.children.filter((child) => child.name === name).map(({ text }) => text.trim());
  const [arn = ''] = texts('Queue');
  const target = targetOf(arn);
  if (target === undefined || !targets.has(target)) {
    throw new S3Error('InvalidArgument', `No target of this server has the ARN '${arn}'.`);
  }
  const events = texts('Event');
  const unknown = events.find((pattern) => !isEventPattern(pattern));
  if (unknown !== undefined || events.length === 0) {
    throw new S3Error('InvalidArgument', `The event '${unknown ?? ''}' is not known here.`);
  }
  const filter = element.children.find(({ name }) => name === 'Filter');
  return { id: texts('Id')[0], arn, events, ...parseFilter(filter) };
}

function parseFilter(filter: XmlElement | undefined): Pick<NotificationRule, 'prefix' | 'suffix'> {
  const rules = filter?.children.flatMap(({ children }) => children) ?? [];
  const values = new Map<string, string>();
  for (const { children } of rules) {
    const [name = '', value = ''] = ['Name', 'Value'].map(
      (wanted) => children.find((child) => child.name === wanted)?.text,
    );
    if ((name !== 'prefix' && name !== 'suffix') || values.has(name)) {
      throw new S3Error('InvalidArgument', 'A filter has one prefix and one suffix at most.');
    }
    values.set(name, value);
  }
  return { prefix: values.get('prefix'), suffix: values.get('suffix') };
}

/** The document that `parseRules` reads. */
export function rulesDocument(rules: readonly NotificationRule[]): XmlNode {
  return ['NotificationConfiguration', rules.map(ruleNode)];
}

function ruleNode({ id, arn, events, prefix, suffix }: NotificationRule): XmlNode {
  const filters = Object.entries({ prefix, suffix }).flatMap(([name, value]): XmlNode[] =>
    value === undefined
      ? []
      : [
          [
            'FilterRule',
            [
              ['Name', name],
              ['Value', value],
            ],
          ],
        ],
  );
  return [
    'QueueConfiguration',
    [
      ...optional('Id', id),
      ...(filters.length === 0 ? [] : [['Filter', [['S3Key', filters]]] as const]),
      ['Queue', arn],
      ...events.map((event): XmlNode => ['Event', event]),
    ],
  ];
}

import type { TriggerFilter } from '../manifests/eventing-spec.ts';

/** Attributes of an event as filters see them. */
export type FilteredEvent = Readonly<Record<string, unknown>>;

/**
 * Whether an event passes all filters of a Trigger.
 * https://knative.dev/docs/eventing/triggers/#trigger-filtering
 */
export function passes(event: FilteredEvent, filters: readonly TriggerFilter[]): boolean {
  return filters.every((filter) => matches(event, filter));
}

function matches(event: FilteredEvent, filter: TriggerFilter): boolean {
  if ('attributes' in filter) {
    return everyPair(event, filter.attributes, (value, wanted) =>
      // The older filter knows no "is not there": an empty value stands for any.
      wanted === '' ? value !== '' : value === wanted,
    );
  }
  if ('exact' in filter) return everyPair(event, filter.exact, (value, wanted) => value === wanted);
  if ('prefix' in filter)
    return everyPair(event, filter.prefix, (value, start) => value.startsWith(start));
  if ('suffix' in filter)
    return everyPair(event, filter.suffix, (value, end) => value.endsWith(end));
  if ('all' in filter) return filter.all.every((one) => matches(event, one));
  if ('any' in filter) return filter.any.some((one) => matches(event, one));
  return !matches(event, filter.not);
}

/** An attribute that is not there never fits; others are compared by their text. */
function everyPair(
  event: FilteredEvent,
  pairs: Readonly<Record<string, string>>,
  fits: (value: string, wanted: string) => boolean,
): boolean {
  return Object.entries(pairs).every(([name, wanted]) => {
    const value = Object.hasOwn(event, name) ? event[name] : undefined;
    return isAttribute(value) && fits(String(value), wanted);
  });
}

/** Attributes are texts, numbers or booleans; https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md#type-system */
function isAttribute(value: unknown): value is string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

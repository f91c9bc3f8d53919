import type { Removal } from '../bucket.ts';
import { emptyContent } from '../stored-object.ts';
import type { ObjectEvent } from '../webhooks/event-payload.ts';

/** What webhooks hear of a delete, also of one that changed nothing: MinIO tells of that too. */
export function removalEvent(
  { key, versionId }: { readonly key: string; readonly versionId: string | undefined },
  { object, sequencer }: Removal,
): ObjectEvent {
  if (object === undefined) {
    const nothing = { ...emptyContent(key), versionId: 'null', lastModifiedMs: 0, sequencer };
    return { name: 's3:ObjectRemoved:NoOP', object: nothing };
  }
  const isNewMarker = object.isDeleteMarker && versionId === undefined;
  return {
    name: isNewMarker ? 's3:ObjectRemoved:DeleteMarkerCreated' : 's3:ObjectRemoved:Delete',
    object: { ...object, sequencer },
    contentLength: 0,
  };
}

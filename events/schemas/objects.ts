import * as z from 'zod';

/** Names a state of an object, and so a folder of what is made of it. */
const NAME = /^(?!\.{1,2}$)[\w.-]{1,128}$/;

/** Data of `object.created`: an upload to be scored. Key and bucket here are decoded, and alone decide. */
export const objectCreatedData = z.strictObject({
  tenant: z.string().regex(/^[a-z0-9-]{1,40}$/),
  bucket: z.string().min(3),
  key: z.string().min(1).describe('in/<model>/<path>, decoded'),
  size: z.int().nonnegative(),
  etag: z.string().regex(NAME).describe('Without quotes'),
  versionId: z.string().regex(NAME).optional().describe('Where the bucket keeps versions'),
  sequencer: z
    .string()
    .regex(/^[0-9A-F]{16}$/i)
    .optional()
    .describe('Later writes of one key have the larger one; none when a listing found the object'),
});

/** Data of `tick`: look after what is due. */
export const tickData = z.strictObject({ scheduledAt: z.iso.datetime().optional() });

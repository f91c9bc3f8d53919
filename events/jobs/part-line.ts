import * as z from 'zod';

/** One line of output: a record's prediction or its error, never neither. */
export const partLine = z
  .strictObject({
    key: z.string().describe('Object that the record comes from'),
    offset: z.int().nonnegative().describe('Where in it its first byte is'),
    id: z.string().nullable().describe("The record's own custom_id"),
    input: z.unknown().optional().describe('The record, where output.includeInput asks for it'),
    output: z.unknown().optional().describe('Its prediction, as /predict has it'),
    error: z
      .strictObject({
        code: z.string(),
        message: z.string(),
        retriable: z.boolean(),
        details: z.unknown().optional(),
      })
      .readonly()
      .optional(),
  })
  .readonly();

/** See {@link partLine}. */
export type PartLine = z.infer<typeof partLine>;

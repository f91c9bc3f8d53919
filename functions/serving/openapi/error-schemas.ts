import { ERROR_TABLE } from '../../runtime/errors.ts';
import type { ApiObject } from '../http/route.ts';

const CODE = { enum: Object.keys(ERROR_TABLE) };

/** Schemas of the two forms of errors. */
export function errorSchemas(): Record<string, ApiObject> {
  return {
    TypedError: {
      type: 'object',
      required: ['error'],
      additionalProperties: false,
      properties: {
        error: {
          type: 'object',
          required: ['code', 'message', 'request_id'],
          additionalProperties: false,
          properties: {
            code: CODE,
            message: { type: 'string' },
            request_id: { type: 'string' },
            details: {
              type: 'array',
              items: {
                type: 'object',
                required: ['path', 'message'],
                properties: {
                  instance: { type: 'integer', description: 'Its place in the list, from 0' },
                  path: { type: 'string' },
                  message: { type: 'string' },
                },
              },
            },
          },
        },
      },
    },
    ProtocolError: {
      type: 'object',
      required: ['error'],
      properties: { error: { type: 'string' }, code: CODE, request_id: { type: 'string' } },
    },
  };
}

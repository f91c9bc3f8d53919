import type { MultipartForm, RawForm } from '../input-form.ts';

/** The file as the body, whatever of these kinds its `Content-Type` says: its content tells. */
export const rawFile: RawForm = {
  mediaTypes: [
    'text/csv',
    'text/plain',
    'application/x-npy',
    'application/octet-stream',
    'audio/wav',
    'audio/x-wav',
    'audio/wave',
    'audio/vnd.wave',
  ],
  read: ({ body }) => ({ file: body }),
};

/** The file as a browser or `curl -F file=@signal.csv` sends it. */
export const fileForm: MultipartForm = {
  multipart: {
    file: { kind: 'file', description: 'The signal: a CSV, TXT, NPY or WAV file', required: true },
  },
  read: (parts) => ({ file: parts['file']?.[0]?.data }),
};

/** The numbers as the body. */
export const rawText: RawForm = {
  mediaTypes: ['text/plain', 'text/csv'],
  read: ({ body }) => ({ text: body }),
};

import type { MultipartForm, RawForm } from '../input-form.ts';

/** The picture itself as the body, whatever kind of image its `Content-Type` says: its first bytes tell. */
export const rawImage: RawForm = {
  mediaTypes: ['image/*'],
  read: ({ body }) => ({ image: body }),
};

/** The picture as a browser or `curl -F image=@picture.jpg` sends it. */
export const imageForm: MultipartForm = {
  multipart: { image: { kind: 'file', description: 'The picture', required: true } },
  read: (parts) => ({ image: parts['image']?.[0]?.data }),
};

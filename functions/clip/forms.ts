import type { MultipartForm, RawForm } from '../input-form.ts';

/** A picture alone as the body, whatever kind of image its `Content-Type` says: its embedding. */
export const rawImage: RawForm = {
  mediaTypes: ['image/*'],
  read: ({ body }) => ({ image: body }),
};

/** As `curl -F image=@picture.jpg -F 'text=a cat' -F 'text=a dog'` sends them; either may be left out. */
export const clipForm: MultipartForm = {
  multipart: {
    image: { kind: 'file', description: 'The picture' },
    text: { kind: 'text', repeats: true, description: 'What it may show; as often as you like' },
  },
  read: ({ image = [], text = [] }) => ({
    ...(image.length === 0 ? {} : { image: image[0]?.data }),
    ...(text.length === 0 ? {} : { texts: text.map(({ data }) => String(data)) }),
  }),
};

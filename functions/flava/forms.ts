import type { MultipartForm } from '../input-form.ts';

/** As `curl -F image=@picture.jpg -F 'text=there is a red circle'` sends them. */
export const flavaForm: MultipartForm = {
  multipart: {
    image: { kind: 'file', description: 'The picture', required: true },
    text: { kind: 'text', description: 'What is said about it', required: true },
  },
  read: ({ image = [], text = [] }) => ({ image: image[0]?.data, text: String(text[0]?.data) }),
};

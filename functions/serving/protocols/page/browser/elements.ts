/** Attributes by name; `false` leaves one out, `true` gives it no value. */
export type Attributes = Readonly<Record<string, string | number | boolean>>;

const SVG = 'http://www.w3.org/2000/svg';

/** An element with attributes and content; texts are never read as HTML. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...content: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  dress(made, attributes, content);
  return made;
}

/** The same for a part of a drawing. */
export function svgElement<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...content: readonly (Node | string)[]
): SVGElementTagNameMap[Tag] {
  const made = document.createElementNS(SVG, tag);
  dress(made, attributes, content);
  return made;
}

/** A number as people read it: four digits that matter, and no more. */
export function shortNumber(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e9) return String(value);
  const [large, small] = [Math.abs(value) >= 1e6, Math.abs(value) < 1e-4];
  const rounded = Number(value.toPrecision(4));
  return large || small ? rounded.toExponential().replace('e+', 'e') : String(rounded);
}

/** `sepal_length` as `sepal length`. */
export function inWords(name: string): string {
  return name.replaceAll('_', ' ');
}

function dress(made: Element, attributes: Attributes, content: readonly (Node | string)[]): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false) made.setAttribute(name, value === true ? '' : String(value));
  }
  made.append(...content);
}

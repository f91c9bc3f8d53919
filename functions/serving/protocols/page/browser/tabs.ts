import { element } from './elements.ts';

/** One of several panels. */
export interface Tab {
  readonly title: string;
  readonly panel: HTMLElement;
}

/** Panels of which one is shown; arrow keys move between them. https://www.w3.org/WAI/ARIA/apg/patterns/tabs/ */
export function tabs(entries: readonly Tab[]): Node[] {
  if (entries.length === 1) return entries.map(({ panel }) => panel);
  const buttons = entries.map(({ title, panel }, number) => {
    const id = `tab-${number}`;
    panel.id = `panel-${number}`;
    panel.setAttribute('role', 'tabpanel');
    panel.setAttribute('aria-labelledby', id);
    return element('button', { type: 'button', role: 'tab', id, 'aria-controls': panel.id }, title);
  });
  const show = (chosen: number): void => {
    for (const [number, button] of buttons.entries()) {
      const isChosen = number === chosen;
      button.setAttribute('aria-selected', String(isChosen));
      button.tabIndex = isChosen ? 0 : -1;
      const panel = entries[number]?.panel;
      if (panel !== undefined) panel.hidden = !isChosen;
    }
  };
  for (const [number, button] of buttons.entries()) {
    button.addEventListener('click', () => show(number));
    button.addEventListener('keydown', ({ key }) => {
      const moved = { ArrowRight: 1, ArrowLeft: -1 }[key];
      if (moved === undefined) return;
      const next = (number + moved + buttons.length) % buttons.length;
      show(next);
      buttons[next]?.focus();
    });
  }
  show(0);
  const list = element('div', { role: 'tablist', 'aria-label': 'Routes' }, ...buttons);
  return [list, ...entries.map(({ panel }) => panel)];
}

import type { Layer } from './layers.ts';
import type { SourceImport, SourceModule } from './source-module.ts';

/** What imports are held against. */
export interface ImportRules {
  readonly layers: readonly Layer[];
  readonly confinedPackages: Readonly<Record<string, readonly string[]>>;
}

/** Every import that points the wrong way, as `file:line what is wrong`. Types count like values. */
export function importFaults(modules: readonly SourceModule[], rules: ImportRules): string[] {
  return modules.flatMap((module) =>
    module.imports.flatMap((each) => {
      const fault =
        each.target === undefined
          ? packageFault(module.path, each, rules)
          : layerFault(module.path, each.target, rules.layers);
      return fault === undefined ? [] : [`${module.path}:${each.line} ${fault}`];
    }),
  );
}

function layerFault(from: string, to: string, layers: readonly Layer[]): string | undefined {
  const [own, other] = [layerOf(from, layers), layerOf(to, layers)];
  if (own === undefined) return 'belongs to no layer: see scripts/check/layers.ts';
  // Data, such as package.json.
  if (other === undefined) return undefined;
  if (own.name !== other.name) {
    return own.mayImport.includes(other.name)
      ? undefined
      : `imports ${to}: ${own.name} may import ${own.mayImport.join(', ') || 'nothing of ours'}`;
  }
  const isOtherFolder = own.apart === true && folderIn(own, from) !== folderIn(own, to);
  return isOtherFolder ? `imports ${to}: one of the ${own.name} may not import another` : undefined;
}

function packageFault(
  path: string,
  { specifier }: SourceImport,
  { confinedPackages }: ImportRules,
): string | undefined {
  if (path.startsWith('test/')) return undefined;
  const name = Object.keys(confinedPackages).find(
    (known) => specifier === known || specifier.startsWith(`${known}/`),
  );
  const allowed = name === undefined ? undefined : confinedPackages[name];
  return allowed === undefined || allowed.some((place) => isBelow(path, place))
    ? undefined
    : `imports ${specifier}: only ${allowed.join(', ')} may`;
}

function layerOf(path: string, layers: readonly Layer[]): Layer | undefined {
  const fitting = layers.flatMap((layer) =>
    layer.paths.filter((place) => isBelow(path, place)).map((place) => ({ layer, place })),
  );
  return fitting.toSorted((a, b) => b.place.length - a.place.length)[0]?.layer;
}

/** The first folder of `path` below the layer's own. */
function folderIn(layer: Layer, path: string): string | undefined {
  const place = layer.paths.find((each) => isBelow(path, each)) ?? '';
  return path.slice(place.length).split('/')[0];
}

function isBelow(path: string, place: string): boolean {
  return place.endsWith('/') ? path.startsWith(place) : path === place;
}

import * as z from 'zod';

const lockFile = z.object({
  packages: z.record(
    z.string(),
    z.object({
      resolved: z.string().optional(),
      integrity: z.string().optional(),
      link: z.boolean().optional(),
    }),
  ),
});

/**
 * What is wrong with `package-lock.json`: a package tied to the host it came from (`.npmrc` leaves hosts out,
 * so that any registry serves), or one whose content nothing vouches for.
 */
export function lockFileFaults(text: string): string[] {
  const { packages } = lockFile.parse(JSON.parse(text));
  return Object.entries(packages).flatMap(([path, { resolved, integrity, link }]) => {
    const isOurs = !path.includes('node_modules/') || link === true;
    return [
      ...(resolved !== undefined && /^(https?|git)/.test(resolved)
        ? [`package-lock.json ${path} names the host ${resolved}`]
        : []),
      ...(isOurs || integrity !== undefined ? [] : [`package-lock.json ${path} has no integrity`]),
    ];
  });
}

/** `make` for each model once: what it works out is kept as long as the model's manifest lives. */
export function oncePerModel<Facts extends { readonly manifest: object }, Made extends object>(
  make: (facts: Facts) => Made,
): (facts: Facts) => Made {
  const made = new WeakMap<object, Made>();
  return (facts) => {
    const known = made.get(facts.manifest);
    if (known !== undefined) return known;
    const fresh = make(facts);
    made.set(facts.manifest, fresh);
    return fresh;
  };
}

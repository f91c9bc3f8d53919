/** What runs otherwise under `npx functions-framework`: suite → test → why. */
export const FRAMEWORK_EXCEPTIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {};

/** Waits for SIGTERM or SIGINT; SIGHUP reloads. */
export function untilSignal(on: { readonly reload: () => void }): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    process.on("SIGHUP", on.reload);
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => resolve(signal));
  });
}
